// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/memory_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/memory_device.h"

namespace takt {
namespace {

// The grammar of the reference's serial log, as the harness anchors it: at column 0.
const std::regex kMem(R"(^\[Mem\] (\S+) hf=(\d+) hm=(\d+) hl=(\d+) hi=(\d+) hin=(\d+) frag=(\d+))"
                      R"( pf=(\d+) pm=(\d+) pl=(\d+) \(0ms\)$)");
const std::regex kTask(R"(^\[Task\] name=(\S+) prio=(\d+) core=(-?\d+) stack_rem=(\d+)B \(0ms\)$)");
const std::regex kTripwire(
    R"(^\[Mem\] TRIPWIRE fired tag=(\S+) hin=(\d+)B < (\d+)B \(hf=(\d+)B hl=(\d+)B)"
    R"( frag=(\d+)% pf=(\d+)B pl=(\d+)B\) \(0ms\)$)");
const std::regex kDump(
    R"(^\[Mem\] Task dump \((\d+) tasks, sorted by stack margin\) tag=(\S+) \(0ms\)$)");
const std::regex kTruncated(R"(^\[Mem\] Task dump truncated: total=(\d+) max=(\d+) \(0ms\)$)");

struct Collected final : MemorySink {
  void line(std::string_view text) override { lines.emplace_back(text); }
  void event(const MemoryEvent& event) override { events.push_back(event); }

  std::vector<std::smatch> matches(const std::regex& expression) const {
    std::vector<std::smatch> found;
    for (const std::string& text : lines) {
      std::smatch match;
      if (std::regex_match(text, match, expression)) found.push_back(match);
    }
    return found;
  }

  std::vector<std::string> lines;
  std::vector<MemoryEvent> events;
};

class Report : public testing::Test {
 protected:
  void add_task(std::string_view name, std::size_t stack_bytes, std::size_t used,
                int core = kAnyCore) {
    auto& stack = stacks_.emplace_back(stack_bytes);
    paint_stack(stack);
    std::fill(stack.end() - static_cast<std::ptrdiff_t>(used), stack.end(), std::byte{0});
    ASSERT_TRUE(tasks_.add({name, 5, core, stack_bytes, Placement::kInternal}, stack));
  }

  TestDevice device_;
  MutexExclusion table_exclusion_;
  TaskTable tasks_{table_exclusion_};
  Collected sink_;
  MemoryReporter reporter_{device_.memory, tasks_, sink_};
  std::vector<std::vector<std::byte>> stacks_;
};

TEST_F(Report, ASnapshotIsOneLineOfTheGrammarAndOneEvent) {
  device_.take(1'000, Placement::kInternal);
  const MemorySnapshot s = reporter_.snapshot(Word("boot"));
  const auto found = sink_.matches(kMem);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0][1], "boot");
  const std::size_t expected[] = {s.hf, s.hm, s.hl, s.hi, s.hin, static_cast<std::size_t>(s.frag),
                                  s.pf, s.pm, s.pl};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(found[0][i + 2], std::to_string(expected[i]));
  }
  ASSERT_EQ(sink_.events.size(), 1U);
  EXPECT_EQ(sink_.events[0].kind, MemoryEvent::Kind::kSnapshot);
  EXPECT_EQ(sink_.events[0].point.view(), "boot");
  EXPECT_EQ(sink_.events[0].snapshot.hi, s.hi);
}

TEST_F(Report, TheReferencesOwnExamplesMatchTheSameExpressions) {
  EXPECT_TRUE(std::regex_match(
      "[Mem] boot hf=152344 hm=138012 hl=110580 hi=145244 hin=130912 frag=27 pf=8271944 "
      "pm=8266852 pl=8126464 (0ms)",
      kMem));
  EXPECT_TRUE(std::regex_match(
      "[Mem] TRIPWIRE fired tag=http_root hin=21532B < 30720B (hf=52344B hl=36852B frag=29% "
      "pf=8271944B pl=8126464B) (0ms)",
      kTripwire));
  EXPECT_TRUE(std::regex_match(
      "[Mem] Task dump (17 tasks, sorted by stack margin) tag=http_root (0ms)", kDump));
  EXPECT_TRUE(std::regex_match("[Task] name=ipc0 prio=24 core=0 stack_rem=76B (0ms)", kTask));
}

TEST_F(Report, APointIsOneWordAndACutIsSeen) {
  EXPECT_EQ(Word("img pre-alloc").view(), "img_pre-alloc");
  EXPECT_EQ(Word("lvgl_switch_pre_", "macro1").view(), "lvgl_switch_pre_macro1");
  EXPECT_EQ(Word("").view(), "_");
  const Word cut(std::string(100, 'x'));
  EXPECT_EQ(cut.view().size(), Word::kMaxLength);
  EXPECT_TRUE(cut.view().ends_with("..."));
  reporter_.snapshot(Word("a\tb\nc d"));
  EXPECT_EQ(sink_.matches(kMem).at(0)[1], "a_b_c_d");
}

TEST_F(Report, DetailSwitchesAllPointsButTheThreeBasicOnes) {
  reporter_.set_detail(false);
  for (const char* point : {"boot", "http_root", "setup", "lvgl_switch_pre_info", "hb"}) {
    reporter_.snapshot(Word(point));
  }
  EXPECT_EQ(sink_.matches(kMem).size(), 3U);
  reporter_.set_detail(true);
  reporter_.snapshot(Word("http_root"));
  EXPECT_EQ(sink_.matches(kMem).size(), 4U);
}

TEST_F(Report, TheTripwireNamesTheTagAndDumpsTasksWorstFirst) {
  add_task("roomy", 4'096, 100);
  add_task("tight", 4'096, 4'020, 0);
  add_task("middle", 2'048, 1'000, 1);
  const Tag json = device_.memory.add_tag({"json"});
  device_.memory.arm(20'000);
  device_.take(1'000, Placement::kInternal);
  device_.take(50'000, Placement::kInternal, json);

  const auto fired = sink_.matches(kTripwire);
  ASSERT_EQ(fired.size(), 1U);
  EXPECT_EQ(fired[0][1], "json");
  EXPECT_EQ(fired[0][2], std::to_string(device_.memory.snapshot().hin));
  EXPECT_EQ(fired[0][3], "20000");
  const auto dump = sink_.matches(kDump);
  ASSERT_EQ(dump.size(), 1U);
  EXPECT_EQ(dump[0][1], "3");
  const auto tasks = sink_.matches(kTask);
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0][1], "tight");
  EXPECT_EQ(tasks[0][4], "76");
  EXPECT_EQ(tasks[1][1], "middle");
  EXPECT_EQ(tasks[2][1], "roomy");
  EXPECT_EQ(tasks[2][3], "2147483647");
  EXPECT_EQ(sink_.events.back().kind, MemoryEvent::Kind::kTripwire);
}

TEST_F(Report, TheTripwireListsTheTopTagsAndTheLastAllocationsOfTheRegion) {
  const Tag json = device_.memory.add_tag({"json"});
  const Tag mqtt = device_.memory.add_tag({"mqtt"});
  device_.memory.arm(20'000);
  device_.take(2'000, Placement::kInternal, mqtt);
  device_.take(500, Placement::kExternal, mqtt);
  for (int i = 0; i < 18; ++i) device_.take(3'000, Placement::kInternal, json);
  const auto tags = sink_.matches(std::regex(R"(^\[Mem\] Tag name=(\S+) live=(\d+)B .*)"));
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0][1], "json");
  EXPECT_EQ(tags[1][1], "mqtt");
  const auto recent = sink_.matches(
      std::regex(R"(^\[Mem\] Recent region=\S+ age=(\d+) tag=(\S+) size=(\d+)B \(0ms\)$)"));
  ASSERT_EQ(recent.size(), 15U);  // The wire was hit before the region had seen sixteen.
  EXPECT_EQ(recent.front()[2], "json");
  EXPECT_EQ(recent.back()[2], "mqtt");
}

TEST_F(Report, ADumpStopsAtTwentyFourTasksAndSaysSo) {
  for (std::size_t i = 0; i < 30; ++i) add_task("worker", 1'024, 100 + i);
  reporter_.print_all(Word("hb"));
  const auto tasks = sink_.matches(kTask);
  ASSERT_EQ(tasks.size(), 24U);
  EXPECT_EQ(tasks.front()[4], std::to_string(1'024 - 129));
  EXPECT_TRUE(std::ranges::is_sorted(
      tasks, {}, [](const std::smatch& match) { return std::stoul(match[4]); }));
  const auto truncated = sink_.matches(kTruncated);
  ASSERT_EQ(truncated.size(), 1U);
  EXPECT_EQ(truncated[0][1], "30");
  EXPECT_EQ(truncated[0][2], "24");
}

TEST_F(Report, RefusalsArePrintedAtPowersOfTwo) {
  const Tag json = device_.memory.add_tag({"json"});
  for (int i = 0; i < 100; ++i) device_.take(1'000'000, Placement::kInternal, json);
  const auto refused =
      sink_.matches(std::regex(R"(^\[Mem\] REFUSED tag=json size=1000000B placement=internal)"
                               R"( by=room failures=(\d+) .*)"));
  ASSERT_EQ(refused.size(), 7U);
  EXPECT_EQ(refused.back()[1], "64");
  const Tag mqtt = device_.memory.add_tag({"mqtt", 100});
  device_.take(200, Placement::kExternal, mqtt);
  EXPECT_TRUE(sink_.lines.back().starts_with(
      "[Mem] REFUSED tag=mqtt size=200B placement=external by=limit failures=1 (hf="));
}

TEST_F(Report, NoLineStartsWithASpaceOrExceedsWhatTheReferenceCuts) {
  add_task("a_task_with_a_rather_long_name", 1'024, 10);
  device_.memory.arm(60'000);
  reporter_.snapshot(Word(std::string(100, 'x')));
  device_.take(30'000, Placement::kInternal);
  device_.take(30'000'000, Placement::kInternal);
  ASSERT_GT(sink_.lines.size(), 5U);
  for (const std::string& text : sink_.lines) {
    EXPECT_EQ(text.front(), '[');
    const std::size_t module = text.find("] ") + 2;
    EXPECT_LE(text.size() - module - std::string_view(" (0ms)").size(), 127U) << text;
  }
}

TEST_F(Report, ATaskThatEndedIsNotInTheDump) {
  add_task("first", 1'024, 10);
  add_task("second", 1'024, 20);
  tasks_.remove(stacks_[0]);
  std::array<TaskFigures, 4> out;
  EXPECT_EQ(tasks_.worst(out), 1U);
  EXPECT_EQ(out[0].name, "second");
}

}  // namespace
}  // namespace takt
