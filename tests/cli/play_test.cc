// SPDX-License-Identifier: Apache-2.0
// takt play and takt check on whole files, held against a naive reading of CycleOptima's JSON.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string_view>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::array<const char*, 8> kOutputs{"retractor",  "detergent_valve", "cold_valve",
                                              "drain_pump", "hot_valve",       "soft_valve",
                                              "motor",      "motor_direction"};
constexpr std::array<const char*, 7> kCompIds{
    "Retractor", "Detergent Valve", "Cold Valve", "Drain Pump", "Hot Valve", "Soft Valve", "Motor"};
constexpr std::size_t kMotor = 6;
constexpr std::size_t kDirection = 7;

struct Step {
  std::int64_t on_ms, pause_ms;
  bool clockwise;
};
struct Part {
  std::size_t output;
  std::int64_t start_ms, duration_ms;
  std::int64_t repeats = 0;  ///< 0: no motor pattern.
  std::vector<Step> steps;
};
struct Cycle {
  struct Phase {
    std::int64_t start_ms;
    std::vector<Part> parts;
  };
  std::vector<Phase> phases;
};

std::string json_of(const Part& part) {
  std::string text = fmt::format(R"({{"compId":"{}","start":{},"duration":{})",
                                 kCompIds[part.output], part.start_ms, part.duration_ms);
  if (part.repeats > 0) {
    text += fmt::format(R"(,"motorConfig":{{"repeatTimes":{},"pattern":[)", part.repeats);
    for (std::size_t i = 0; i < part.steps.size(); ++i) {
      const Step& step = part.steps[i];
      text += fmt::format(R"({}{{"stepTime":{},"pauseTime":{},"direction":"{}"}})", i ? "," : "",
                          step.on_ms, step.pause_ms, step.clockwise ? "cw" : "ccw");
    }
    text += "]}";
  }
  return text + "}";
}

std::string json_of(const Cycle& cycle) {
  std::string text = "{\"phases\":[";
  for (std::size_t p = 0; p < cycle.phases.size(); ++p) {
    text += fmt::format(R"({}{{"id":"phase {}","startTime":{},"components":[)", p ? "," : "", p,
                        cycle.phases[p].start_ms);
    for (std::size_t i = 0; i < cycle.phases[p].parts.size(); ++i) {
      text += (i ? "," : "") + json_of(cycle.phases[p].parts[i]);
    }
    text += "]}";
  }
  return text + "]}";
}

/// Every wish of a phase, written out.
struct Expansion {
  struct Interval {
    std::int64_t from, to;
  };
  std::array<std::vector<Interval>, kOutputs.size()> on;
  std::map<std::int64_t, bool> turns;
  std::int64_t end = 0;
};

Expansion expand(const Cycle::Phase& phase, std::int64_t origin) {
  Expansion all;
  const std::int64_t begin = origin + phase.start_ms;
  all.end = begin;
  for (const Part& part : phase.parts) {
    std::int64_t at = begin + part.start_ms;
    if (part.repeats == 0) {
      all.on[part.output].push_back({at, at + part.duration_ms});
      at += part.duration_ms;
    }
    for (std::int64_t r = 0; r < part.repeats; ++r) {
      for (const Step& step : part.steps) {
        all.turns[at] = step.clockwise;
        all.on[kMotor].push_back({at, at + step.on_ms});
        at += step.on_ms + step.pause_ms;
      }
    }
    all.end = std::max(all.end, at);
  }
  return all;
}

bool value_at(const Expansion& phase, std::size_t output, std::int64_t at) {
  if (at >= phase.end) return false;
  if (output == kDirection) {
    const auto after = phase.turns.upper_bound(at);
    return after != phase.turns.begin() && std::prev(after)->second;
  }
  return std::any_of(phase.on[output].begin(), phase.on[output].end(),
                     [at](const auto& i) { return i.from <= at && at < i.to; });
}

struct Trace {
  std::string csv = "time_us,output,value\n";
  std::size_t edges = 0;
  std::int64_t end_ms = 0;
};

Trace trace_of(const Cycle& cycle) {
  Trace trace;
  std::array<bool, kOutputs.size()> now{};
  // Changes of the end of one phase and the beginning of the next are one, if they coincide.
  std::map<std::int64_t, std::array<bool, kOutputs.size()>> levels;
  for (const Cycle::Phase& phase : cycle.phases) {
    const Expansion all = expand(phase, trace.end_ms);
    std::set<std::int64_t> times{trace.end_ms, all.end};
    for (const auto& intervals : all.on) {
      for (const auto& interval : intervals) times.insert({interval.from, interval.to});
    }
    for (const auto& turn : all.turns) times.insert(turn.first);
    for (const std::int64_t at : times) {
      for (std::size_t o = 0; o < kOutputs.size(); ++o) levels[at][o] = value_at(all, o, at);
    }
    trace.end_ms = all.end;
  }
  for (const auto& [at, next] : levels) {
    for (std::size_t o = 0; o < kOutputs.size(); ++o) {
      if (next[o] == now[o]) continue;
      trace.csv += fmt::format("{},{},{}\n", at * 1'000, kOutputs[o], next[o] ? 1 : 0);
      ++trace.edges;
    }
    now = next;
  }
  return trace;
}

Cycle random_cycle(std::mt19937& random) {
  const auto between = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random);
  };
  Cycle cycle;
  for (std::int64_t p = between(1, 4); p > 0; --p) {
    Cycle::Phase phase{between(0, 3), {}};
    for (std::int64_t i = between(1, 5); i > 0; --i) {
      phase.parts.push_back(
          {static_cast<std::size_t>(between(0, 5)), between(0, 20), between(1, 20), 0, {}});
    }
    if (between(0, 2) > 0) {
      Part motor{kMotor, between(0, 10), 0, between(1, 5), {}};
      for (std::int64_t s = between(1, 4); s > 0; --s) {
        motor.steps.push_back({between(1, 5), between(0, 4), between(0, 1) == 1});
      }
      phase.parts.push_back(motor);
    }
    std::shuffle(phase.parts.begin(), phase.parts.end(), random);
    cycle.phases.push_back(phase);
  }
  return cycle;
}

TEST(Play, TracesOfRandomCyclesAreThoseOfTheNaiveExpansion) {
  const unsigned first_seed = std::random_device{}();
  const Folder folder;
  for (unsigned i = 0; i < 60; ++i) {
    SCOPED_TRACE("seed " + std::to_string(first_seed + i));
    std::mt19937 random{first_seed + i};
    const Cycle cycle = random_cycle(random);
    const Trace expected = trace_of(cycle);
    const std::string file = folder.file("cycle.json", json_of(cycle));
    const Outcome played =
        takt({"play", file, "--virtual", "--json", "--trace", folder.path("out.csv")});
    ASSERT_EQ(played.exit, 0) << played.err;
    EXPECT_EQ(read_file(folder.path("out.csv")), expected.csv);
    const rapidjson::Document document = played.json();
    EXPECT_EQ(document["edges"].GetUint64(), expected.edges);
    EXPECT_EQ(document["duration_us"].GetInt64(), expected.end_ms * 1'000);
    const rapidjson::Document checked = takt({"check", file, "--json"}).json();
    EXPECT_EQ(checked["edges"].GetUint64(), expected.edges);
    EXPECT_EQ(checked["duration_us"].GetInt64(), expected.end_ms * 1'000);
    if (HasFailure()) return;
  }
}

TEST(Play, JsonHasTheShapeThatScriptsRelyOn) {
  const Cycle cycle{
      {{0, {{0, 0, 3'000, 0, {}}, {kMotor, 0, 0, 30, {{300, 500, true}, {300, 500, false}}}}},
       {0, {{2, 0, 6'000, 0, {}}}}}};
  const Outcome played = takt({"play", "-", "--virtual", "--json"}, json_of(cycle));
  EXPECT_EQ(played.exit, 0);
  const rapidjson::Document document = played.json();
  EXPECT_TRUE(document["program"].IsString());
  EXPECT_STREQ(document["end"].GetString(), "finished");
  EXPECT_EQ(document["duration_us"].GetInt64(), 54'000'000);
  EXPECT_EQ(document["edges"].GetUint(), 184U);
  ASSERT_EQ(document["phases"].Size(), 2U);
  EXPECT_STREQ(document["phases"][0]["name"].GetString(), "phase 0");
  EXPECT_EQ(document["phases"][0]["edges"].GetUint(), 182U);
  EXPECT_EQ(document["phases"][0]["duration_us"].GetInt64(), 48'000'000);
  EXPECT_EQ(document["phases"][1]["edges"].GetUint(), 2U);
  EXPECT_GT(document["refills"].GetUint(), 1U);
  for (const char* const figure : {"p50", "p99", "max"}) {
    EXPECT_EQ(document["lateness_us"][figure].GetInt64(), 0);
  }
  EXPECT_EQ(document["faults"].Size(), 0U);
  EXPECT_EQ(document["lost_pulses"].Size(), 0U);
}

TEST(Play, LoopsAddUpByPhase) {
  const Cycle cycle{{{5, {{0, 0, 20, 0, {}}}}, {0, {{2, 0, 30, 0, {}}}}}};
  const rapidjson::Document document =
      takt({"play", "-", "--virtual", "--json", "--loops", "100000"}, json_of(cycle)).json();
  EXPECT_EQ(document["duration_us"].GetInt64(), 100'000LL * 55'000);
  EXPECT_EQ(document["phases"][0]["runs"].GetInt64(), 100'000);
  EXPECT_EQ(document["phases"][0]["duration_us"].GetInt64(), 100'000LL * 25'000);
  EXPECT_EQ(document["phases"][1]["edges"].GetInt64(), 200'000);
  EXPECT_EQ(document["lateness_us"]["max"].GetInt64(), 0);
}

constexpr const char* kBreaksARule = R"({"takt":1,"name":"Both valves",
 "outputs":[{"id":"hot","pin":1},{"id":"cold","pin":2}],
 "interlocks":[{"never_together":["hot","cold"],"dead_time":"100ms"}],
 "phases":[{"name":"fine","components":[{"output":"hot","on":"1s"}]},
  {"name":"bad","delay":"1s","components":[{"output":"hot","on":"2s"},
                                          {"output":"cold","at":"1.5s","on":"1s"}]}]})";

TEST(Play, AFaultExitsWithOneAndIsReported) {
  const Outcome played = takt({"play", "-", "--virtual", "--json"}, kBreaksARule);
  EXPECT_EQ(played.exit, 1);
  const rapidjson::Document document = played.json();
  EXPECT_STREQ(document["end"].GetString(), "fault");
  ASSERT_EQ(document["faults"].Size(), 1U);
  EXPECT_EQ(document["faults"][0]["at_us"].GetInt64(), 3'500'000);
  EXPECT_THAT(document["faults"][0]["reason"].GetString(), HasSubstr("cold"));
  EXPECT_EQ(document["duration_us"].GetInt64(), 3'500'000);
}

TEST(Play, ReportsSpeakOfLabelsAndTheirJsonOfIdsToo) {
  std::string labelled = kBreaksARule;
  labelled.replace(labelled.find(R"({"id":"hot",)"), 12,
                   R"({"id":"hot","label":"Hot \u0085 valve",)");
  const Outcome played = takt({"play", "-", "--virtual", "--json"}, labelled);
  EXPECT_THAT(played.json()["faults"][0]["reason"].GetString(),
              HasSubstr("Hot ? valve and cold on"));
  EXPECT_STREQ(played.json()["faults"][0]["output"].GetString(), "hot");
  EXPECT_THAT(takt({"play", "-", "--virtual"}, labelled).out, HasSubstr("Hot ? valve and cold on"));
  const Outcome checked = takt({"check", "-"}, labelled);
  EXPECT_THAT(checked.out + checked.err, HasSubstr("Hot ? valve and cold on"));
  const std::string fine = R"({"takt":1,"outputs":[{"id":"a","label":"Valve A"}],"phases":[
      {"name":"p","components":[{"output":"a","on":"1s"}]}]})";
  EXPECT_THAT(takt({"check", "-"}, fine).out, HasSubstr("Valve A "));
  const Outcome json = takt({"check", "-", "--json"}, fine);
  EXPECT_STREQ(json.json()["outputs"][0]["id"].GetString(), "a");
  EXPECT_STREQ(json.json()["outputs"][0]["label"].GetString(), "Valve A");
}

TEST(Check, FindsTheFaultThatPlayingWouldEndIn) {
  const Outcome checked = takt({"check", "-", "--json"}, kBreaksARule);
  EXPECT_EQ(checked.exit, 1);
  const rapidjson::Document document = checked.json();
  EXPECT_FALSE(document["valid"].GetBool());
  ASSERT_EQ(document["errors"].Size(), 1U);
  EXPECT_STREQ(document["errors"][0]["pointer"].GetString(), "/phases/1");
  EXPECT_EQ(document["errors"][0]["line"].GetUint(), 5U);
  EXPECT_THAT(document["errors"][0]["message"].GetString(), HasSubstr("3.500 s"));
}

/// A valve and a pump that exclude each other, in these phases.
std::string plumbing(const std::string& phases) {
  return R"({"takt":1,"name":"x","outputs":[{"id":"valve","pin":1},{"id":"pump","pin":2}],
    "interlocks":[{"never_together":["valve","pump"],"dead_time":"1s"}],"phases":[)" +
         phases + "]}";
}

constexpr const char* kValve = R"({"output":"valve","on":"30s"})";
constexpr const char* kPump = R"({"output":"pump","at":"20s","on":"5s"})";

std::string phase(const std::string& components, const std::string& end) {
  return fmt::format(R"({{"name":"p{}","components":[{}],"end":{{"sensor":"s","above":5{}}}}})",
                     components.size(), components, end);
}

TEST(Check, WhatMustFailIsAnErrorAndWhatMayFailIsAWarning) {
  const std::string both = fmt::format("{},{}", kValve, kPump);
  const std::string wait = phase(kValve, "");
  const struct {
    std::string phases;
    int exit;
    int strict;
  } cases[] = {
      {phase(both, R"(,"arm_after":"20s")"), 1, 1},               // Both are on at 20 s.
      {phase(both, R"(,"arm_after":"19s","hold":"1s")"), 1, 1},   // Not before 20 s either.
      {phase(both, R"(,"arm_after":"19s")"), 0, 1},               // In time, if the sensor is.
      {phase(both, R"(,"timeout":"20s")"), 0, 0},                 // It never comes to that.
      {wait + "," + phase(both, R"(,"arm_after":"20s")"), 1, 1},  // However the first one ends.
      {wait + R"(,{"name":"q","components":[{"output":"pump","on":"1s"}]})", 0, 1},
      {wait + R"(,{"name":"q","delay":"1s","components":[{"output":"pump","on":"1s"}]})", 0, 0},
  };
  for (const auto& one : cases) {
    const std::string program = plumbing(one.phases);
    EXPECT_EQ(takt({"check", "-"}, program).exit, one.exit) << program;
    const Outcome strict = takt({"check", "-", "--strict", "--json"}, program);
    EXPECT_EQ(strict.exit, one.strict) << program;
    EXPECT_EQ(strict.json()["valid"].GetBool(), one.strict == 0);
  }
}

TEST(Check, ReportsMemoryAgainstABoard) {
  const rapidjson::Document document =
      takt({"check", "examples/washer.json", "--board", "esp32-c3", "--json"}).json();
  EXPECT_TRUE(document["valid"].GetBool());
  EXPECT_GT(document["memory_bytes"].GetUint(), 1'000U);
  EXPECT_LT(document["memory_bytes"].GetUint(), document["board_bytes"].GetUint());
}

TEST(Check, AProgramTooLargeForABoardIsRefusedThereAlone) {
  std::string components;
  for (int i = 0; i < 7; ++i) {
    components +=
        fmt::format(R"({}{{"output":"led","on":"1s","at":"{}s"}})", i == 0 ? "" : ",", 2 * i);
  }
  std::string phases;
  for (int i = 0; i < 180; ++i) {
    phases +=
        fmt::format(R"({}{{"name":"p{}","components":[{}]}})", i == 0 ? "" : ",", i, components);
  }
  const std::string program =
      R"({"takt":1,"name":"x","outputs":[{"id":"led","pin":1}],"phases":[)" + phases + "]}";
  const Outcome small = takt({"check", "-", "--board", "esp32-c3", "--json"}, program);
  EXPECT_EQ(small.exit, 1);
  const rapidjson::Document document = small.json();
  EXPECT_THAT(document["errors"][0]["message"].GetString(),
              HasSubstr("esp32-c3 has 78.0 KiB for programs"));
  EXPECT_GT(document["memory_bytes"].GetUint(), document["board_bytes"].GetUint());
  EXPECT_EQ(takt({"check", "-", "--board", "jc3636w518", "--json"}, program).exit, 0);
}

TEST(Check, ProgramsOfABillionEdgesTakeNoTime) {
  const Outcome checked = takt({"check", "-", "--json"}, R"({"takt":1,"name":"x",
    "outputs":[{"id":"led","pin":1}],"phases":[{"name":"p","components":[
    {"output":"led","on":"1ms","pause":"1ms","repeat":1000000000}]}]})");
  EXPECT_EQ(checked.exit, 0);
  EXPECT_EQ(checked.json()["edges"].GetUint64(), 2'000'000'000U);
}

TEST(Play, CommandsAndSensorsComeAtTheirTimes) {
  const Outcome played =
      takt({"play", "-", "--virtual", "--json", "--at", "10ms=skip", "--at", "20ms=stop"},
           json_of(Cycle{{{0, {{0, 0, 50, 0, {}}}}, {0, {{2, 0, 50, 0, {}}}}}}));
  EXPECT_EQ(played.exit, 0);
  const rapidjson::Document document = played.json();
  EXPECT_STREQ(document["end"].GetString(), "stopped");
  EXPECT_EQ(document["duration_us"].GetInt64(), 20'000);
  EXPECT_EQ(document["phases"][0]["duration_us"].GetInt64(), 10'000);
}

TEST(Play, InRealTimeItTakesItsTimeAndTheTraceHasTheSameEdges) {
  const Cycle cycle{{{0, {{0, 0, 100, 0, {}}, {kMotor, 0, 0, 20, {{10, 10, true}}}}}}};
  const Folder folder;
  const std::string file = folder.file("cycle.json", json_of(cycle));
  const Outcome real = takt({"play", file, "--json", "--trace", folder.path("out.csv")});
  EXPECT_EQ(real.exit, 0) << real.err;
  const rapidjson::Document document = real.json();
  EXPECT_GE(document["duration_us"].GetInt64(), 400'000);
  EXPECT_EQ(document["edges"].GetUint64(), trace_of(cycle).edges);
  const std::string trace = read_file(folder.path("out.csv"));
  EXPECT_EQ(static_cast<std::size_t>(std::count(trace.begin(), trace.end(), '\n')),
            trace_of(cycle).edges + 1);
  EXPECT_GT(document["lateness_us"]["max"].GetInt64(), 0);
}

TEST(Play, TooFastForTheWindowIsRefusedWithTheWayOut) {
  const char* const program = R"({"takt":1,"name":"x","outputs":[{"id":"led","pin":1}],
    "phases":[{"name":"p","components":[
      {"output":"led","on":"200us","pause":"200us","repeat":500}]}]})";
  const Outcome refused = takt({"play", "-", "--json"}, program);
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("--window 256"));
  // Pulses of 200 us get lost where the machine is busy, but it plays.
  const Outcome played = takt({"play", "-", "--json", "--window", "256"}, program);
  EXPECT_STREQ(played.json()["end"].GetString(), "finished");
}

TEST(Play, AGpioChipThatIsNotThereIsAFailureOfTheWorld) {
  const Outcome outcome = takt({"play", "examples/washer.json", "--gpio", "no-such-chip"});
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_THAT(outcome.err, HasSubstr("no-such-chip"));
}

TEST(Bench, MemoryJsonHasTheShapeThatScriptsRelyOn) {
  const Outcome outcome = takt({"bench", "memory", "--json"});
  EXPECT_EQ(outcome.exit, 0);
  const rapidjson::Document document = outcome.json();
  std::set<std::string> allocators;
  for (const auto& pair : document["pairs"].GetArray()) {
    allocators.insert(pair["allocator"].GetString());
    EXPECT_GT(pair["ns_per_pair"].GetDouble(), 0);
  }
  for (const char* const allocator : {"tlsf", "memory", "system", "pmr_unsynchronized_pool"}) {
    EXPECT_TRUE(allocators.contains(allocator)) << allocator;
  }
  for (const auto& worst : document["worst"].GetArray()) {
    if (std::string_view{worst["allocator"].GetString()} != "tlsf") continue;
    EXPECT_LT(worst["malloc_instructions"].GetUint(), 5'000U) << worst["live_blocks"].GetUint();
    EXPECT_LT(worst["free_instructions"].GetUint(), 5'000U) << worst["live_blocks"].GetUint();
  }
  EXPECT_LT(document["fragmentation"]["end_percent"].GetInt(), 40);
}

TEST(Bench, JsonHasTheShapeThatScriptsRelyOn) {
  const Outcome outcome = takt({"bench", "schedulers", "--events", "1600", "--json"});
  EXPECT_EQ(outcome.exit, 0);
  const rapidjson::Document document = outcome.json();
  ASSERT_EQ(document["runs"].Size(), 1U);
  const auto& run = document["runs"][0];
  EXPECT_EQ(run["events"].GetInt(), 1'600);
  for (const char* const scheduler : {"timer_per_event", "batches_of_200", "window"}) {
    EXPECT_GT(run[scheduler]["ns_per_event"].GetDouble(), 0);
    EXPECT_TRUE(run[scheduler]["peak_bytes"].IsInt64());
  }
  EXPECT_EQ(run["timer_per_event"]["allocations"].GetInt(), 1'600);
  EXPECT_EQ(run["timer_per_event"]["longest_walk"].GetInt(), 1'599);
  EXPECT_EQ(run["window"]["allocations"].GetInt(), 0);
  EXPECT_TRUE(document["ratios"]["1600"]["cpu_vs_timer_per_event"].IsDouble());
  EXPECT_TRUE(document["ratios"]["1600"]["cpu_vs_batches_of_200"].IsDouble());
}

}  // namespace
}  // namespace takt::testing
