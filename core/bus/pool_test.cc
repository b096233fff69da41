// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "tests/support/bus_rig.h"

namespace takt::bus {
namespace {

Handle raised(Pool& pool, std::uint32_t bytes, std::uint32_t holders = 1) {
  Status why = Status::kOk;
  Slot* slot = pool.try_alloc(bytes, kNobody, nullptr, why);
  const Handle handle = slot->handle();
  Pool::raise(*slot, handle, holders);
  return handle;
}

TEST(Pool, ASecondReleaseChangesNothingAndIsCounted) {
  BusRig rig;
  const Handle handle = raised(rig.pool, 8);
  Pool::release(handle);
  for (int i = 0; i < 3; ++i) Pool::release(handle);
  EXPECT_EQ(rig.pool.faults().double_releases, 3U);
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Pool, AReleaseThroughAnOldHandleNeverFreesTheSlotsNextMessage) {
  BusRig rig(1);
  const Handle old = raised(rig.pool, 8);
  Pool::release(old);
  const Handle fresh = raised(rig.pool, 8);
  ASSERT_EQ(old.slot(), fresh.slot());
  Pool::release(old);
  EXPECT_EQ(rig.pool.faults().stale_releases, 1U);
  EXPECT_NE(Pool::read(fresh), nullptr);
  Status why = Status::kOk;
  EXPECT_EQ(rig.pool.try_alloc(8, kNobody, nullptr, why), nullptr) << "handed out twice";
  Pool::release(fresh);
}

TEST(Pool, ReadingThroughAnOldHandleGivesNothingAndIsCounted) {
  BusRig rig;
  const Handle handle = raised(rig.pool, 8);
  Pool::release(handle);
  EXPECT_EQ(Pool::read(handle), nullptr);
  EXPECT_EQ(rig.pool.faults().stale_reads, 1U);
}

TEST(Pool, AHandleOfNoPoolIsHarmless) {
  Pool::release(Handle{4'000, 7, kNobody});
  EXPECT_EQ(Pool::read(Handle{4'000, 7, kNobody}), nullptr);
  EXPECT_FALSE(Pool::share(Handle{4'000, 7, kNobody}, 1));
}

TEST(Pool, WhatFitsNoSizeIsRefusedAndNotCut) {
  BusRig rig;
  Status why = Status::kOk;
  EXPECT_EQ(rig.pool.try_alloc(257, kNobody, nullptr, why), nullptr);
  EXPECT_EQ(why, Status::kTooLarge);
}

TEST(Pool, AnExhaustedSizeNeverSpillsIntoALargerOne) {
  BusRig rig(4);
  std::vector<Handle> all;
  for (int i = 0; i < 4; ++i) all.push_back(raised(rig.pool, 8));
  Status why = Status::kOk;
  EXPECT_EQ(rig.pool.try_alloc(8, kNobody, nullptr, why), nullptr);
  EXPECT_EQ(why, Status::kNoMemory);
  EXPECT_EQ(rig.pool.usage(1).in_use, 0U);
  EXPECT_EQ(rig.pool.usage(0).failures, 1U);
  for (const Handle handle : all) Pool::release(handle);
}

TEST(Pool, TheCountSaturatesInsteadOfWrapping) {
  BusRig rig;
  const Handle handle = raised(rig.pool, 8);
  ASSERT_TRUE(Pool::share(handle, Holders::kMaxCount - 1));
  EXPECT_FALSE(Pool::share(handle, 1));
  EXPECT_EQ(rig.pool.faults().refused_clones, 1U);
  Pool::release(handle, Holders::kMaxCount);
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Pool, AMessageWithoutHoldersIsNeverSharedAgain) {
  BusRig rig;
  const Handle handle = raised(rig.pool, 8);
  Pool::release(handle);
  EXPECT_FALSE(Pool::share(handle, 1));
  EXPECT_EQ(rig.in_use(), 0U);
}

TEST(Pool, ThePeakIsTheMostThatWasEverInUse) {
  BusRig rig(16);
  std::mt19937 random(7);
  std::vector<Handle> held;
  std::size_t peak = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (held.size() < 11 && random() % 2 == 0) {
      held.push_back(raised(rig.pool, 8));
    } else if (!held.empty()) {
      Pool::release(held.back());
      held.pop_back();
    }
    peak = std::max(peak, held.size());
    ASSERT_EQ(rig.pool.usage(0).peak, peak);
    ASSERT_EQ(rig.pool.usage(0).in_use, held.size());
  }
  for (const Handle handle : held) Pool::release(handle);
}

TEST(Pool, GrowsWhileInUseAndShrinksOnlyWhatIsIdle) {
  std::vector<std::byte> control(4 * Pool::control_bytes(4));
  std::vector<std::byte> first(Pool::memory_bytes(8, 2));
  std::vector<std::byte> second(Pool::memory_bytes(8, 3));
  Pool pool(control);
  ASSERT_EQ(pool.add(8, first), Status::kOk);
  std::vector<Handle> held{raised(pool, 8), raised(pool, 8)};
  ASSERT_EQ(pool.add(8, second), Status::kOk);
  EXPECT_EQ(pool.entries(0), 5U);
  held.push_back(raised(pool, 8));
  EXPECT_TRUE(pool.shrink(8).empty()) << "one of them is in use";
  EXPECT_EQ(pool.entries(0), 5U);
  const Handle gone = held.back();
  Pool::release(gone);
  held.pop_back();
  EXPECT_EQ(pool.shrink(8).data(), second.data());
  EXPECT_EQ(pool.entries(0), 2U);
  EXPECT_TRUE(pool.shrink(8).empty()) << "what it started with stays";
  EXPECT_EQ(Pool::read(gone), nullptr);
  ASSERT_EQ(pool.add(8, second), Status::kOk) << "the control words serve again";
  held.push_back(raised(pool, 8));
  Pool::release(gone);
  EXPECT_EQ(pool.faults().stale_releases, 1U);
  for (const Handle handle : held) Pool::release(handle);
}

TEST(Pool, ATallyIsNeverExceededAndGivenBackWithTheSlot) {
  BusRig rig;
  Tally tally;
  tally.limit = 2;
  Status why = Status::kOk;
  Slot* first = rig.pool.try_alloc(8, kNobody, &tally, why);
  Slot* second = rig.pool.try_alloc(8, kNobody, &tally, why);
  EXPECT_EQ(rig.pool.try_alloc(8, kNobody, &tally, why), nullptr);
  EXPECT_EQ(why, Status::kNoMemory);
  EXPECT_EQ(tally.refused.load(), 1U);
  Pool::release(first->handle());
  Pool::release(second->handle());
  EXPECT_EQ(tally.in_use.load(), 0U);
}

TEST(PoolDeathTest, APoolOutlivesItsMessages) {
  EXPECT_DEATH(
      {
        std::vector<std::byte> control(Pool::control_bytes(2));
        std::vector<std::byte> memory(Pool::memory_bytes(8, 2));
        Pool pool(control);
        static_cast<void>(pool.add(8, memory));
        raised(pool, 8);
      },
      "");
}

// Random alloc, share, release and forged handles against a plain shadow of who holds what.
TEST(Pool, AgreesWithAShadowThatOnlyCounts) {
  const auto seed = static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  BusRig rig(8);
  struct Held {
    Handle handle;
    std::uint32_t count;
  };
  std::vector<Held> shadow;
  std::vector<Handle> dead;
  std::uint32_t faults = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t pick = random() % 4;
    if (pick == 0 && shadow.size() < 8) {
      shadow.push_back({raised(rig.pool, 8), 1});
    } else if (pick == 1 && !shadow.empty()) {
      Held& held = shadow[random() % shadow.size()];
      ASSERT_TRUE(Pool::share(held.handle, 2));
      held.count += 2;
    } else if (pick == 2 && !shadow.empty()) {
      Held& held = shadow[random() % shadow.size()];
      Pool::release(held.handle);
      if (--held.count == 0) {
        dead.push_back(held.handle);
        std::swap(held, shadow.back());
        shadow.pop_back();
      }
    } else if (pick == 3 && !dead.empty() && dead.size() < 200) {
      Pool::release(dead[random() % dead.size()]);
      ++faults;
    }
    ASSERT_EQ(rig.in_use(), shadow.size());
  }
  EXPECT_EQ(rig.pool.faults().double_releases + rig.pool.faults().stale_releases, faults);
  for (const Held& held : shadow) Pool::release(held.handle, held.count);
}

}  // namespace
}  // namespace takt::bus
