// SPDX-License-Identifier: Apache-2.0
#include "tools/record/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "tools/sim/session_record.h"

namespace takt::sim {
namespace {

using ::testing::ElementsAre;

using Records = std::array<std::vector<Entry>, 2>;

struct Recorded {
  Outcome outcome;  ///< By the referee that saw it.
  Records records;  ///< As read from their text.
};

Recorded record(const SessionConfig& config) {
  std::array<std::string, 2> texts{std::string{kRecordHeader}, std::string{kRecordHeader}};
  SessionRecord recorder{
      [&](std::size_t device, const Entry& entry) { texts[device] += line_of(entry); }};
  Recorded recorded;
  recorded.outcome = run_session(config, &recorder);
  recorder.close(config.length);
  for (std::size_t device = 0; device < 2; ++device) {
    RecordReader reader;
    reader.add(texts[device]);
    while (const auto entry = reader.next()) recorded.records[device].push_back(*entry);
    EXPECT_FALSE(reader.fault()) << reader.fault()->line << ": " << reader.fault()->what;
    EXPECT_FALSE(reader.in_part());
  }
  return recorded;
}

Outcome judged(const Records& records) {
  Judge judge;
  for (std::size_t device = 0; device < 2; ++device) {
    for (const Entry& entry : records[device]) judge.feed(device, entry);
  }
  return judge.finish();
}

SessionConfig config_of(std::uint64_t seed, LinkKind link, Mutation mutation = Mutation::kNone) {
  SessionConfig config;
  config.seed = seed;
  config.link = link;
  config.faults = Faults::kAll;
  config.mutation = mutation;
  return config;
}

/// A reading is whole microseconds, and so is what is computed from two of them.
constexpr float kReading = 4;

void expect_same_samples(const std::vector<float>& got, const std::vector<float>& seen) {
  ASSERT_EQ(got.size(), seen.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], seen[i], kReading) << i;
}

TEST(Judge, ComesToWhatTheRefereeSaw) {
  std::uint64_t changes = 0;
  for (const LinkKind link : {LinkKind::kBle, LinkKind::kEspNow, LinkKind::kLan}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE(std::string{name_of(link)} + ", seed " + std::to_string(seed));
      const Recorded recorded = record(config_of(seed, link));
      const Outcome outcome = judged(recorded.records);
      const Verdict& got = outcome.verdict;
      const Verdict& seen = recorded.outcome.verdict;
      EXPECT_EQ(got.overlaps, seen.overlaps);
      EXPECT_EQ(got.short_gaps, seen.short_gaps);
      EXPECT_EQ(got.changes, seen.changes);
      EXPECT_EQ(got.non_atomic_changes, seen.non_atomic_changes);
      EXPECT_EQ(got.unsafe_silences, seen.unsafe_silences);
      EXPECT_EQ(got.dishonest_bounds, seen.dishonest_bounds);
      EXPECT_GT(got.bound_samples, seen.bound_samples);
      expect_same_samples(outcome.edge_errors, recorded.outcome.edge_errors);
      expect_same_samples(outcome.start_skews, recorded.outcome.start_skews);
      // But for a pulse that the end cuts off.
      EXPECT_NEAR(outcome.pulse_kept, recorded.outcome.pulse_kept, 1e-3);
      // The one counts from when both are up, the other from when the world began.
      EXPECT_NEAR(outcome.settle_s, recorded.outcome.settle_s, 2);
      changes += got.changes;
    }
  }
  EXPECT_GT(changes, 36 * 10U);
}

TEST(Judge, SeesAMissingGuardAsTheRefereeDid) {
  std::uint64_t broken = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Recorded recorded = record(config_of(seed, LinkKind::kBle, Mutation::kGuard));
    const Verdict got = judged(recorded.records).verdict;
    const Verdict& seen = recorded.outcome.verdict;
    // Of two edges in one microsecond a record cannot tell which came first.
    EXPECT_EQ(got.overlaps + got.short_gaps, seen.overlaps + seen.short_gaps);
    EXPECT_NEAR(static_cast<double>(got.overlaps), static_cast<double>(seen.overlaps), 2);
    broken += got.overlaps;
  }
  EXPECT_GT(broken, 0U);
}

TEST(Judge, SeesAMissingPhaseAsTheRefereeDid) {
  std::uint64_t broken = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Recorded recorded = record(config_of(seed, LinkKind::kEspNow, Mutation::kTwoPhase));
    const Verdict got = judged(recorded.records).verdict;
    EXPECT_EQ(got.non_atomic_changes, recorded.outcome.verdict.non_atomic_changes);
    broken += got.non_atomic_changes;
  }
  EXPECT_GT(broken, 0U);
}

TEST(Judge, SeesABoundThatDoesNotGrow) {
  std::uint64_t got = 0;
  std::uint64_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Recorded recorded = record(config_of(seed, LinkKind::kEspNow, Mutation::kBoundGrowth));
    got += judged(recorded.records).verdict.dishonest_bounds;
    seen += recorded.outcome.verdict.dishonest_bounds;
  }
  EXPECT_GT(seen, 0U);
  EXPECT_GE(got, seen);  // It looks four times as often.
}

TEST(Judge, SaysTheSameLiveInAnyInterleavingAsAtTheEnd) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Records records = record(config_of(seed, LinkKind::kBle, Mutation::kGuard)).records;
    const Outcome whole = judged(records);
    Random random{seed};
    Judge judge;
    std::array<std::size_t, 2> fed{};
    for (TrueTime now; fed[0] < records[0].size() || fed[1] < records[1].size();
         now += random.time(Micros{0}, millis(900))) {
      for (std::size_t device = 0; device < 2; ++device) {
        // As a pipe has it: all of the present, or as far as half a second ago.
        const TrueTime known = now - random.time(Micros{0}, millis(500));
        while (fed[device] < records[device].size() && records[device][fed[device]].at <= known) {
          judge.feed(device, records[device][fed[device]++]);
        }
      }
      judge.advance(now - millis(500));
    }
    const Outcome live = judge.finish();
    EXPECT_EQ(judge.late(), 0U);
    EXPECT_EQ(live.verdict.overlaps, whole.verdict.overlaps);
    EXPECT_EQ(live.verdict.short_gaps, whole.verdict.short_gaps);
    EXPECT_EQ(live.verdict.changes, whole.verdict.changes);
    EXPECT_EQ(live.verdict.non_atomic_changes, whole.verdict.non_atomic_changes);
    EXPECT_EQ(live.verdict.dishonest_bounds, whole.verdict.dishonest_bounds);
    EXPECT_EQ(live.edge_errors, whole.edge_errors);
    EXPECT_EQ(live.pulse_kept, whole.pulse_kept);
    EXPECT_EQ(live.settle_s, whole.settle_s);
  }
}

/// Two devices that agree with true time, and a plan that both have.
class Pair {
 public:
  explicit Pair(bool exclusive = true) {
    for (std::size_t device = 0; device < 2; ++device) {
      tell(device, 0, Booted{static_cast<std::uint8_t>(device)});
      tell(device, 0, Heard{});
      tell(device, 0, Believed{SessionTime{}, 0, Micros{100}, 0, true});
      plan(device, 0, 1, 0, exclusive);
    }
  }

  void tell(std::size_t device, std::int64_t at_ms, const Event& event) {
    records_[device].push_back({TrueTime{millis(at_ms)}, event});
  }
  void plan(std::size_t device, std::int64_t at_ms, std::uint32_t revision,
            std::int64_t effective_ms, bool exclusive = true) {
    tell(device, at_ms,
         Planned{revision, 7, SessionTime{}, SessionTime{millis(effective_ms)}, millis(499),
                 exclusive});
  }
  /// Whose record goes on is not down.
  void live_until(std::int64_t at_ms) {
    for (std::size_t device = 0; device < 2; ++device) tell(device, at_ms, Heard{});
  }
  void pulse(std::size_t device, std::int64_t from_ms, std::int64_t to_ms) {
    tell(device, from_ms, Switched{true});
    tell(device, to_ms, Switched{false});
  }

  Outcome judge() const { return judged(records_); }
  Verdict verdict() const { return judge().verdict; }
  const Records& records() const { return records_; }

 private:
  Records records_;
};

TEST(Judge, OneThatBeginsWhereTheOtherEndsIsTooEarlyButNotTogether) {
  Pair pair;
  pair.pulse(0, 1'000, 1'500);
  pair.pulse(1, 1'500, 2'000);
  EXPECT_EQ(pair.verdict().overlaps, 0U);
  EXPECT_EQ(pair.verdict().short_gaps, 1U);
  Pair other;
  other.pulse(1, 1'000, 1'500);
  other.pulse(0, 1'500, 2'000);
  EXPECT_EQ(other.verdict().overlaps, 0U);
  EXPECT_EQ(other.verdict().short_gaps, 1U);
}

TEST(Judge, OnlySidesThatExcludeEachOtherMustNotMeet) {
  for (const bool exclusive : {false, true}) {
    Pair pair{exclusive};
    pair.pulse(0, 1'000, 1'500);
    pair.pulse(1, 1'499, 2'000);
    pair.pulse(0, 2'000, 2'500);
    EXPECT_EQ(pair.verdict().overlaps, exclusive ? 1U : 0U);
    EXPECT_EQ(pair.verdict().short_gaps, exclusive ? 1U : 0U);
  }
}

TEST(Judge, WhoIsDownOrStartsAnewIsOffAndKnowsNothing) {
  for (const Event& end : {Event{Down{}}, Event{Booted{0}}}) {
    Pair pair;
    pair.tell(0, 1'000, Switched{true});
    pair.tell(0, 1'100, end);
    pair.pulse(1, 1'200, 1'500);
    const std::uint64_t samples = pair.verdict().bound_samples;
    pair.tell(1, 60'000, Heard{});
    EXPECT_EQ(pair.verdict().overlaps, 0U);
    EXPECT_EQ(pair.verdict().bound_samples, samples);
    pair.tell(0, 60'000, Believed{SessionTime{seconds(60)}, 0, Micros{100}, 0, true});
    pair.live_until(62'001);
    EXPECT_EQ(pair.verdict().bound_samples, samples + 9);
  }
}

double judged_s(const Pair& pair) {
  Judge judge;
  for (std::size_t device = 0; device < 2; ++device) {
    for (const Entry& entry : pair.records()[device]) judge.feed(device, entry);
  }
  static_cast<void>(judge.finish());
  return static_cast<double>(judge.judged().count()) * 1e-6;
}

TEST(Judge, CountsTheTimeInWhichBothTakePartAndTell) {
  Pair pair;
  for (int second = 1; second <= 60; ++second) pair.live_until(second * 1'000);
  EXPECT_NEAR(judged_s(pair), 60, 1);
  // Nothing for 40 s, and then an hour of doubt on one side.
  pair.live_until(100'000);
  EXPECT_NEAR(judged_s(pair), 70, 1);
  pair.tell(0, 100'001, Believed{SessionTime{seconds(100)}, 0, seconds(3'600), 0, false});
  pair.live_until(109'000);
  EXPECT_NEAR(judged_s(pair), 70, 1);
  pair.tell(0, 109'001, Believed{SessionTime{millis(109'001)}, 0, Micros{100}, 0, true});
  pair.live_until(115'000);
  EXPECT_NEAR(judged_s(pair), 76, 1);
  pair.tell(1, 115'001, Down{});
  pair.live_until(120'000);
  EXPECT_NEAR(judged_s(pair), 76, 1);
}

TEST(Judge, WhoseRecordEndsIsDown) {
  Pair pair;
  pair.tell(0, 1'001, Switched{true});
  pair.pulse(1, 1'200, 1'500);
  EXPECT_EQ(pair.verdict().overlaps, 0U);
  EXPECT_EQ(pair.verdict().bound_samples, 5U + 1U);
}

TEST(Judge, APulseIsOfThePlanThatIsInEffectByItsDevicesOwnClock) {
  // Whose clock is a second behind changes a second later, and at a boundary a little early.
  Pair pair;
  pair.tell(1, 0, Believed{SessionTime{-seconds(1)}, 0, seconds(2), 0, false});
  pair.plan(0, 100, 2, 10'000);
  pair.plan(1, 100, 2, 10'000);
  pair.pulse(1, 10'400, 10'600);
  pair.pulse(0, 10'700, 10'800);
  pair.pulse(1, 10'999, 11'200);
  EXPECT_EQ(pair.verdict().changes, 1U);
  EXPECT_EQ(pair.verdict().non_atomic_changes, 0U);
}

TEST(Judge, ThePlanBeforeAfterTheOtherHasChangedIsAHalfChange) {
  Pair pair;
  pair.plan(0, 100, 2, 10'000);
  pair.pulse(0, 10'000, 10'400);
  pair.pulse(1, 10'500, 10'900);
  pair.pulse(1, 11'500, 11'900);
  EXPECT_EQ(pair.verdict().changes, 1U);
  EXPECT_EQ(pair.verdict().non_atomic_changes, 1U);
}

TEST(Judge, ClocksFurtherApartThanTheirBoundsAreDishonest) {
  Pair pair;
  // 100 ppm apart: 200 us, and what readings may be off, are over after two seconds.
  pair.tell(1, 0, Believed{SessionTime{}, 100'000, Micros{100}, 0, true});
  pair.live_until(3'001);
  EXPECT_EQ(pair.verdict().bound_samples, 13U);
  EXPECT_EQ(pair.verdict().dishonest_bounds, 4U);
  pair.tell(1, 3'001, Believed{SessionTime{millis(3'001)}, 100'000, Micros{100}, 100'000, true});
  pair.live_until(60'000);
  EXPECT_EQ(pair.verdict().dishonest_bounds, 4U);
}

TEST(Judge, WhoPlaysOnAloneIsUnsafeInTheEnd) {
  Pair pair;
  pair.pulse(0, 124'000, 124'400);
  EXPECT_EQ(pair.verdict().unsafe_silences, 0U);
  pair.pulse(0, 126'000, 126'400);
  EXPECT_EQ(pair.verdict().unsafe_silences, 1U);
}

TEST(Judge, NamesThePlaceOfWhatWasBroken) {
  Pair pair;
  pair.pulse(1, 900, 1'000);
  pair.pulse(0, 1'000, 1'500);
  pair.pulse(1, 1'400, 1'600);
  Judge judge;
  for (std::size_t device = 0; device < 2; ++device) {
    for (const Entry& entry : pair.records()[device]) judge.feed(device, entry);
  }
  EXPECT_TRUE(judge.breaches().empty());
  judge.advance(TrueTime{seconds(1)} + Micros{1});
  ASSERT_EQ(judge.breaches().size(), 1U);
  static_cast<void>(judge.finish());
  std::vector<std::pair<std::int64_t, std::string_view>> got;
  for (const Breach& breach : judge.breaches()) {
    got.emplace_back(breach.at.since_zero().count(), breach.what);
  }
  EXPECT_THAT(got, ElementsAre(std::pair{1'400'000, "both sides on"},
                               std::pair{1'000'000, "less than the dead time apart"}));
}

TEST(Judge, WhatComesTooLateCountsAsOfNowAndIsSaid) {
  Pair pair;
  pair.pulse(1, 1'100, 1'290);
  Judge judge;
  for (std::size_t device = 0; device < 2; ++device) {
    for (const Entry& entry : pair.records()[device]) judge.feed(device, entry);
  }
  judge.advance(TrueTime{millis(1'300)});
  judge.feed(0, {TrueTime{millis(1'000)}, Switched{true}});
  judge.feed(0, {TrueTime{millis(1'200)}, Switched{false}});
  judge.feed(1, {TrueTime{millis(1'302)}, Switched{true}});
  const Outcome outcome = judge.finish();
  EXPECT_EQ(judge.late(), 2U);
  EXPECT_EQ(outcome.verdict.overlaps, 0U);
  EXPECT_EQ(outcome.verdict.short_gaps, 0U);
}

}  // namespace
}  // namespace takt::sim
