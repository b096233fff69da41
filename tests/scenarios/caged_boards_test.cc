// SPDX-License-Identifier: Apache-2.0
// The tasks of every board inside its memory, and an engine that finds it full.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "takt/app/boards/board.h"
#include "takt/app/metrics/memory_report.h"
#include "takt/core/program/timeline.h"
#include "takt/ports/linux/cage.h"
#include "tests/support/load_for_test.h"
#include "tests/support/rig.h"

namespace takt {
namespace {

struct Heard final : MemorySink {
  void line(std::string_view) override {}
  void event(const MemoryEvent& event) override { kinds.push_back(event.kind); }
  std::vector<MemoryEvent::Kind> kinds;
};

std::unique_ptr<Cage> cage_of(const Board& board, FaultPlan faults = {}) {
  auto cage = Cage::create(
      {.regions = board.regions, .tripwire_bytes = board.tripwire_bytes, .faults = faults});
  EXPECT_TRUE(cage.ok()) << board.name;
  return std::move(cage.value());
}

TEST(CagedBoards, HoldAllTheirTasksAndMeetTheirAcceptance) {
  for (const Board& board : all_boards()) {
    if (!board.limited) continue;
    const auto cage = cage_of(board);
    Heard heard;
    MemoryReporter reporter(cage->memory(), cage->tasks(), heard);
    {
      std::vector<CagedTask> tasks;
      for (const TaskSpec& spec : board.tasks) {
        auto task = cage->start(spec, Tag{}, [] { const std::string text(4'096, 'x'); });
        ASSERT_TRUE(task.ok()) << board.name << ' ' << spec.name;
        tasks.push_back(std::move(task.value()));
      }
      const MemorySnapshot with_all = reporter.snapshot(Word("setup"));
      EXPECT_GE(with_all.hin, board.acceptance.internal_min_bytes) << board.name;
      EXPECT_LT(with_all.frag, board.acceptance.fragmentation_below_percent) << board.name;
    }
    EXPECT_EQ(heard.kinds, std::vector{MemoryEvent::Kind::kSnapshot}) << board.name;
    EXPECT_EQ(cage->memory().live_blocks(), 0U) << board.name;
  }
}

/// True: it played to its end. Throws std::bad_alloc as a host's containers do.
bool play(const std::string& source) {
  const Loaded loaded = load_for_test(source);
  if (!loaded.ok()) return false;
  CollectingSink sink;
  const Result<Timeline> timeline = check(loaded.program, sink);
  testing::Rig rig(loaded.program);
  rig.keep_changes = false;
  rig.play(timeline.value());
  return rig.run() && rig.engine().status(rig.now()).end == EndReason::kFinished;
}

// The smallest board; each request of loading and playing fails once.
TEST(CagedBoards, AnEngineSurvivesAnyRequestThatFails) {
  if (!Cage::intercepts()) GTEST_SKIP() << "this build keeps the sanitizer's malloc";
  std::ifstream file("examples/rinse.json");
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  const Board& board = *find_board("esp32-c3");
  std::uint32_t refused = 0;
  for (std::uint32_t nth = 1; refused == nth - 1; ++nth) {
    ASSERT_LT(nth, 10'000U);
    const auto cage = cage_of(board);
    bool played = false;
    bool threw = false;
    const auto body = [&] {
      cage->memory().set_faults({.nth = nth});
      try {
        played = play(source);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
    };
    auto task = cage->start(*board.find_task("control"), Tag{}, body);
    ASSERT_TRUE(task.ok());
    task.value().join();
    refused += cage->memory().figures(Tag{}).failures;
    EXPECT_NE(played, threw) << nth;
    EXPECT_EQ(threw, refused == nth) << nth;
    EXPECT_EQ(cage->memory().live_blocks(), 0U) << nth;
    EXPECT_GE(cage->memory().snapshot().hin, board.acceptance.internal_min_bytes) << nth;
  }
  EXPECT_GE(refused, 3U);
}

}  // namespace
}  // namespace takt
