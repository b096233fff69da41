// SPDX-License-Identifier: Apache-2.0
// What very long programs cost: nothing that grows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <new>
#include <numeric>
#include <optional>
#include <string>

#include "bench/count_instructions.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace {

std::size_t g_allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc{};
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace takt::testing {
namespace {

/// One phase in which a motor agitates for as long as `edges` changes of levels take, while a lamp
/// blinks.
Draft agitation(std::uint32_t edges) {
  Draft draft;
  const auto motor = draft.add_motor();
  const auto lamp = draft.add_switch();
  // A repeat of the motor has six changes, and the lamp as many in the same time.
  draft.add_stage().parts = {
      pulses(motor, static_cast<std::uint8_t>(motor + 1), Micros{0}, edges / 12,
             {{millis(300), millis(500), true}, {millis(300), millis(500)}}),
      pulses(lamp, kNoOutput, millis(7), edges / 4, {{Micros{266'666}, Micros{266'666}}})};
  return draft;
}

struct Cost {
  std::uint64_t edges;
  std::size_t allocations;
  long resident_kib;
};

long resident_kib() {
  std::ifstream statm{"/proc/self/statm"};
  long total = 0;
  long resident = 0;
  statm >> total >> resident;
  return resident * 4;
}

Cost play(std::uint32_t edges) {
  const Built built{agitation(edges)};
  Rig rig{built.program()};
  rig.keep_changes = false;
  rig.play(built.timeline());
  const std::size_t allocations_before = g_allocations;
  rig.run();
  const std::uint64_t played = rig.engine().status(rig.now()).edges;
  EXPECT_EQ(rig.engine().status(rig.now()).end, EndReason::kFinished);
  return {played, g_allocations - allocations_before, resident_kib()};
}

TEST(Endurance, APhaseOfTenMillionEdgesAllocatesNothingAfterItsStart) {
  const Cost run = play(10'000'000);
  EXPECT_GE(run.edges, 9'000'000U);
  EXPECT_EQ(run.allocations, 0U);
}

TEST(Endurance, MemoryDoesNotGrowWithEvents) {
  const Cost small = play(100'000);
  const Cost large = play(10'000'000);
  EXPECT_LE(large.resident_kib - small.resident_kib, 64);
}

/// Instructions that the engine takes for three repeats of a long phase, `edges` into it. None:
/// this system forbids to trace a process.
std::optional<std::uint64_t> instructions(const Built& built, std::uint32_t edges) {
  constexpr Micros kPerEdge{1'600'000 / 12};
  constexpr std::size_t kSteps = 3 * 16;
  // A small window: no step fills more of it than can be counted.
  Rig rig{built.program(), Window::kMinFrames};
  rig.keep_changes = false;
  const auto counts = count_instructions({
      .prepare =
          [&] {
            rig.play(built.timeline());
            rig.run_until(rig.now() + kPerEdge * edges);
          },
      .operation = [&](std::size_t) { rig.run_until(rig.now() + millis(100)); },
      .then = [](std::size_t) {},
      .operations = kSteps,
  });
  if (!counts) return std::nullopt;
  EXPECT_LT(std::ranges::max(*counts), kMostInstructions);
  return std::accumulate(counts->begin(), counts->end(), std::uint64_t{0});
}

TEST(Endurance, AnEdgeOfALongPhaseCostsWhatAnEdgeOfAShortOneCosts) {
  const Built built{agitation(10'000'000)};
  const auto early = instructions(built, 1'000);
  if (!early) GTEST_SKIP() << "this system forbids to trace a process";
  const auto late = instructions(built, 9'000'000);
  RecordProperty("instructions_early", std::to_string(*early));
  RecordProperty("instructions_late", std::to_string(late.value()));
  EXPECT_LE(static_cast<double>(*late), static_cast<double>(*early) * 1.05)
      << *early << " and " << *late << " instructions";
}

}  // namespace
}  // namespace takt::testing
