// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/snapshot.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "tests/support/bus_snapshot.h"

namespace takt::bus {
namespace {

using SnapshotTest = BusSnapshotTest;

TEST_F(SnapshotTest, EveryMessageIsAccountedFor) {
  for (std::uint32_t i = 0; i < 6; ++i) static_cast<void>(rig_.publish(i));
  rig_.take(id_);
  const QueueFigures& queue = snapshot().queues[0];
  EXPECT_EQ(queue.accepted, 4U);
  EXPECT_EQ(queue.dropped, 2U);
  EXPECT_EQ(queue.delivered, 1U);
  EXPECT_EQ(queue.length, 3U);
  EXPECT_EQ(queue.peak_length, 4U);
  EXPECT_EQ(queue.accepted, queue.delivered + queue.displaced + queue.returned + queue.length);
  EXPECT_EQ(snapshot().sizes[0].in_use, 3U);
}

TEST_F(SnapshotTest, TheAverageLengthSettlesAtWhatTheQueueHolds) {
  for (int i = 0; i < 3; ++i) static_cast<void>(rig_.publish(0));
  for (int i = 0; i < 5'000; ++i) {
    rig_.take(id_);
    static_cast<void>(rig_.publish(0));
  }
  EXPECT_NEAR(snapshot().queues[0].average_length_milli, 3'000, 30);
}

TEST_F(SnapshotTest, AgesFallIntoTheBucketsThatTheirBoundsSay) {
  for (const std::int64_t age : {0, 1, 3, 4, 1'000, 4'194'304}) {
    static_cast<void>(rig_.publish(0, at(0)));
    rig_.take(id_, at(age));
  }
  const Histogram::Counts& counts = snapshot().queues[0].age;
  EXPECT_EQ(counts[0], 1U);
  EXPECT_EQ(counts[1], 2U);
  EXPECT_EQ(counts[2], 1U);
  EXPECT_EQ(counts[5], 1U);
  EXPECT_EQ(counts[11], 1U);
}

TEST_F(SnapshotTest, ATraceTellsTheWayOfEachMessage) {
  std::array<Trace::Entry, 64> entries;
  Trace trace(entries);
  rig_.registry.set_trace(&trace);
  static_cast<void>(rig_.publish(1, at(10)));
  Consumer consumer = rig_.registry.consumer(id_);
  consumer.finish(consumer.take(at(25)), at(40));
  rig_.registry.set_trace(nullptr);
  std::vector<std::pair<Trace::Kind, LocalTime>> seen;
  trace.for_each([&](const Trace::Instant& i) { seen.emplace_back(i.kind, i.time); });
  using Kind = Trace::Kind;
  EXPECT_EQ(seen, (decltype(seen){{Kind::kPublish, at(10)},
                                  {Kind::kEnqueue, at(10)},
                                  {Kind::kReceive, at(25)},
                                  {Kind::kRelease, at(40)}}));
}

TEST(Trace, KeepsTheNewestInstants) {
  std::array<Trace::Entry, 4> entries;
  Trace trace(entries);
  for (std::int64_t i = 0; i < 10; ++i) trace.record({Trace::Kind::kPublish, {}, 0, 0, at(i)});
  std::vector<LocalTime> seen;
  trace.for_each([&](const Trace::Instant& instant) { seen.push_back(instant.time); });
  EXPECT_EQ(seen, (std::vector{at(6), at(7), at(8), at(9)}));
}

}  // namespace
}  // namespace takt::bus
