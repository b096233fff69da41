// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "tests/support/memory_device.h"

namespace takt {
namespace {

bool lies_in(const void* block, const std::vector<std::byte>& storage) {
  const auto* byte = static_cast<const std::byte*>(block);
  return byte >= storage.data() && byte < storage.data() + storage.size();
}

TEST(Placement, PutsABlockWhereTheCallSays) {
  TestDevice device;
  EXPECT_TRUE(lies_in(device.take(100, Placement::kInternal), device.internal));
  EXPECT_TRUE(lies_in(device.take(100, Placement::kExternal), device.external));
  EXPECT_TRUE(lies_in(device.take(100, Placement::kPreferExternal), device.external));
  EXPECT_TRUE(lies_in(device.take(100, Placement::kDma), device.dma));
}

TEST(Placement, OnlyPreferExternalFallsBackToInternal) {
  TestDevice device;
  EXPECT_EQ(device.take(300 * 1024, Placement::kExternal), nullptr);
  ASSERT_NE(device.take(device.memory.snapshot().pl, Placement::kExternal), nullptr);
  EXPECT_EQ(device.take(30 * 1024, Placement::kExternal), nullptr);
  EXPECT_TRUE(lies_in(device.take(30 * 1024, Placement::kPreferExternal), device.internal));
  EXPECT_EQ(device.take(60 * 1024, Placement::kInternal), nullptr);
}

TEST(Placement, DmaNeverLiesInInternalMemoryOutOfTheControllersReach) {
  TestDevice device;
  EXPECT_EQ(device.take(20 * 1024, Placement::kDma), nullptr);

  NoExclusion one_context;
  Memory memory(one_context);
  std::vector<std::byte> storage(64 * 1024);
  memory.add_region({"sram", RegionKind::kInternal, true, storage.size()}, storage, 4);
  EXPECT_NE(memory.allocate({20 * 1024, Placement::kDma, Tag{}}), nullptr);
}

TEST(Tags, ATagOverItsLimitFailsCleanlyAndOthersDoNot) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json", 1'000});
  std::vector<void*> blocks;
  while (void* block = device.take(64, Placement::kExternal, json)) blocks.push_back(block);
  EXPECT_EQ(blocks.size(), 1'000U / (64 + Tlsf::kHeaderBytes));
  const TagFigures figures = device.memory.figures(json);
  EXPECT_LE(figures.live, 1'000U);
  EXPECT_EQ(figures.failures, 1U);
  EXPECT_NE(device.take(64, Placement::kExternal), nullptr);
  EXPECT_EQ(device.memory.reallocate(blocks[0], 4'000, Placement::kExternal, 1), nullptr);
  EXPECT_EQ(device.memory.figures(json).live, figures.live);
  for (void* block : blocks) device.memory.free(block);
  EXPECT_EQ(device.memory.figures(json).live, 0U);
  EXPECT_NE(device.take(64, Placement::kExternal, json), nullptr);
  EXPECT_TRUE(device.memory.check());
}

TEST(Tags, ALimitDoesNotSpillToTheOtherRegion) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json", 1'000});
  EXPECT_EQ(device.take(2'000, Placement::kPreferExternal, json), nullptr);
  EXPECT_EQ(device.memory.snapshot().hi, device.memory.capacity(0));
}

TEST(Lock, AnAllocationOfCoreAfterItIsAnAssert) {
  TestDevice device;
  const Tag player = device.memory.add_tag({"player", 0, true});
  const Tag portal = device.memory.add_tag({"portal"});
  const auto grow = [&](void* block) {
    std::ignore = device.memory.reallocate(block, 1'000, Placement::kInternal, 1);
  };
  void* walled_in = device.take(100, Placement::kInternal, player);
  void* last = device.take(100, Placement::kInternal, player);
  device.memory.lock();
  EXPECT_DEATH(device.take(100, Placement::kInternal, player), "");
  EXPECT_DEATH(grow(walled_in), "");
  EXPECT_DEATH(grow(last), "");
  EXPECT_EQ(device.memory.reallocate(last, 50, Placement::kInternal, 1), last);
  EXPECT_NE(device.take(100, Placement::kInternal, portal), nullptr);
  device.memory.free(walled_in);
}

TEST(Reallocate, KeepsContentsAndTagWhereverTheBlockGoes) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json"});
  auto* text = static_cast<char*>(device.take(16, Placement::kInternal, json));
  std::strcpy(text, "fifteen letters");
  device.take(16, Placement::kInternal);  // A neighbour, so that growing must move.
  auto* moved = static_cast<char*>(device.memory.reallocate(text, 5'000, Placement::kExternal, 1));
  ASSERT_NE(moved, nullptr);
  EXPECT_STREQ(moved, "fifteen letters");
  EXPECT_EQ(device.memory.tag_of(moved), json);
  EXPECT_TRUE(lies_in(moved, device.external));
  EXPECT_EQ(device.memory.figures(json).blocks, 1U);
  EXPECT_EQ(device.memory.figures(json).on_chip, 0U);
}

TEST(Recent, RemembersTheLastSixteenAllocationsOfARegion) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json"});
  for (std::size_t i = 1; i <= 20; ++i) device.take(i * 4, Placement::kInternal, json);
  device.take(999, Placement::kExternal);
  std::array<Memory::Recent, 16> recent;
  ASSERT_EQ(device.memory.recent(0, recent), 16U);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(recent[i].bytes, (20 - i) * 4);
  EXPECT_EQ(recent[0].tag, json);
  EXPECT_EQ(device.memory.recent(2, recent), 1U);
}

struct Heard final : MemoryObserver {
  void on_refusal(const RefusedRequest& one) override { refused.push_back(one); }
  void on_trip(const Trip& trip) override { trips.push_back(trip); }
  std::vector<RefusedRequest> refused;
  std::vector<Trip> trips;
};

TEST(Tripwire, FiresOnceAtTheFirstFallBelowItsThresholdAndNamesTheTag) {
  TestDevice device;
  Heard heard;
  device.memory.set_observer(&heard);
  const Tag json = device.memory.add_tag({"json"});
  device.memory.arm(20'000);
  device.take(300'000, Placement::kExternal);  // Refused: not internal memory's concern.
  EXPECT_TRUE(heard.trips.empty());
  while (device.memory.snapshot().hi > 22'000) device.take(500, Placement::kInternal);
  EXPECT_TRUE(heard.trips.empty());
  device.take(3'000, Placement::kInternal, json);
  ASSERT_EQ(heard.trips.size(), 1U);
  EXPECT_EQ(heard.trips[0].tag, json);
  EXPECT_EQ(heard.trips[0].threshold, 20'000U);
  EXPECT_EQ(heard.trips[0].low, device.memory.snapshot().hin);
  while (device.take(500, Placement::kInternal) != nullptr) {
  }
  EXPECT_EQ(heard.trips.size(), 1U);
}

TEST(Tripwire, FiresBelowItsThresholdAndNotAtIt) {
  TestDevice device;
  Heard heard;
  device.memory.set_observer(&heard);
  const auto fall = [&] { device.memory.free(device.take(50'000, Placement::kInternal)); };
  fall();
  const std::size_t lowest = device.memory.snapshot().hin;
  device.memory.arm(lowest);
  fall();
  EXPECT_TRUE(heard.trips.empty());
  device.memory.arm(lowest + 1);
  fall();
  EXPECT_EQ(heard.trips.size(), 1U);
}

TEST(Tripwire, ArmedAgainItWaitsForTheNextFall) {
  TestDevice device;
  Heard heard;
  device.memory.set_observer(&heard);
  device.memory.arm(20'000);
  void* large = device.take(50'000, Placement::kInternal);
  EXPECT_EQ(heard.trips.size(), 1U);
  device.memory.free(large);
  device.memory.arm(20'000);
  device.memory.free(device.take(100, Placement::kInternal));
  EXPECT_EQ(heard.trips.size(), 1U);
  device.take(50'000, Placement::kInternal);
  EXPECT_EQ(heard.trips.size(), 2U);
}

TEST(Tripwire, ArmedWhileMemoryIsLowFiresWithoutAnAllocation) {
  TestDevice device;
  Heard heard;
  device.take(50'000, Placement::kInternal);
  device.memory.arm(20'000);
  device.take(100, Placement::kInternal);
  EXPECT_FALSE(device.memory.take_trip().has_value());  // Nobody would have heard of it.
  device.memory.set_observer(&heard);
  EXPECT_TRUE(device.memory.take_trip().has_value());
  EXPECT_FALSE(device.memory.take_trip().has_value());
}

TEST(Failures, AreReportedWithTheirReasonAndCounted) {
  TestDevice device;
  Heard heard;
  const Tag json = device.memory.add_tag({"json", 1'000});
  device.memory.set_observer(&heard);
  device.take(2'000, Placement::kInternal, json);
  device.take(2'000'000, Placement::kInternal, json);
  ASSERT_EQ(heard.refused.size(), 2U);
  EXPECT_EQ(heard.refused[0].reason, Refusal::kLimit);
  EXPECT_EQ(heard.refused[1].reason, Refusal::kRoom);
  EXPECT_EQ(heard.refused[1].tag_failures, 2U);
  EXPECT_EQ(heard.refused[1].request.bytes, 2'000'000U);
}

TEST(Failures, CanBeMadeOnPurpose) {
  TestDevice device;
  Heard heard;
  device.memory.set_observer(&heard);
  device.memory.set_faults({.nth = 2, .every = 4});
  void* first = device.take(8, Placement::kInternal);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(device.memory.reallocate(first, 80, Placement::kInternal, 1), nullptr);
  EXPECT_EQ(device.memory.reallocate(first, 80, Placement::kInternal, 1), first);
  EXPECT_EQ(device.take(8, Placement::kInternal), nullptr);
  EXPECT_NE(device.take(8, Placement::kInternal), nullptr);
  ASSERT_EQ(heard.refused.size(), 2U);
  EXPECT_EQ(heard.refused[0].reason, Refusal::kFault);
}

TEST(Snapshot, HasTheFormulaOfTheSerialLog) {
  EXPECT_EQ(fragmentation_percent(152'344, 110'580), 27);
  EXPECT_EQ(fragmentation_percent(52'344, 36'852), 29);
  EXPECT_EQ(fragmentation_percent(0, 0), 0);
  EXPECT_EQ(fragmentation_percent(10, 11), 0);
  EXPECT_EQ(fragmentation_percent(8 << 20, 0), 100);
}

TEST(Snapshot, SeparatesTheChipFromInternalAndExternal) {
  TestDevice device;
  const MemorySnapshot before = device.memory.snapshot();
  EXPECT_EQ(before.hf, device.memory.capacity(0) + device.memory.capacity(1));
  EXPECT_EQ(before.hi, device.memory.capacity(0));
  EXPECT_EQ(before.pf, device.memory.capacity(2));
  device.memory.free(device.take(1'000, Placement::kDma));
  const MemorySnapshot after = device.memory.snapshot();
  EXPECT_EQ(after.hf, before.hf);
  EXPECT_LT(after.hm, before.hm);
  EXPECT_EQ(after.hin, before.hin);
  EXPECT_EQ(after.pm, before.pm);
}

// Keeps by brute force what Memory keeps in constant time.
struct NaiveWindow {
  std::size_t free_min = SIZE_MAX, free_max = 0, largest_min = SIZE_MAX;
  int fragmentation_max = 0;

  void note(std::size_t free, std::size_t largest) {
    free_min = std::min(free_min, free);
    free_max = std::max(free_max, free);
    largest_min = std::min(largest_min, largest);
    fragmentation_max = std::max(fragmentation_max, fragmentation_percent(free, largest));
  }

  void expect(const Extremes& extremes) const {
    EXPECT_EQ(extremes.free_min(), free_min);
    EXPECT_EQ(extremes.free_max(), free_max);
    EXPECT_EQ(extremes.largest_min(), largest_min);
    EXPECT_EQ(extremes.fragmentation_max(), fragmentation_max);
  }
};

TEST(Window, EachReaderSeesTheExtremesSinceItsOwnLastReading) {
  std::mt19937 random(20);
  NoExclusion one_context;
  Memory memory(one_context);
  std::vector<std::byte> sram(64 * 1024);
  std::vector<std::byte> psram(256 * 1024);
  memory.add_region({"sram", RegionKind::kInternal, true, sram.size()}, sram, 4);
  memory.add_region({"psram", RegionKind::kExternal, false, psram.size()}, psram, 4);
  struct Reader {
    std::size_t window;
    unsigned reads_one_in;
    NaiveWindow internal{};
    NaiveWindow external{};

    void note(const MemorySnapshot& s) {
      internal.note(s.hi, s.hl);
      external.note(s.pf, s.pl);
    }
  };
  std::array readers{Reader{memory.open_window(), 7}, Reader{memory.open_window(), 500}};
  for (Reader& reader : readers) reader.note(memory.snapshot());
  std::vector<void*> blocks;
  for (int step = 0; step < 20'000; ++step) {
    if (blocks.empty() || random() % 100 < 52) {
      const auto where = random() % 2 == 0 ? Placement::kInternal : Placement::kExternal;
      if (void* block = memory.allocate({random() % 3'000, where, Tag{}})) blocks.push_back(block);
    } else {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      memory.free(blocks.back());
      blocks.pop_back();
    }
    for (Reader& reader : readers) {
      reader.note(memory.snapshot());
      if (random() % reader.reads_one_in != 0) continue;
      const Memory::Window window = memory.read_window(reader.window);
      reader.internal.expect(window.chip);  // Without a DMA region the same.
      reader.internal.expect(window.internal);
      reader.external.expect(window.external);
      reader.internal = reader.external = NaiveWindow{};
      reader.note(memory.snapshot());
    }
  }
}

TEST(Figures, AgreeWithTheSumOfWhatIsLive) {
  std::mt19937 random(21);
  TestDevice device;
  struct Live {
    void* block;
    Tag tag;
  };
  std::vector<Tag> tags{Tag{}};
  for (const char* name : {"json", "portal", "mqtt", "image"}) {
    tags.push_back(device.memory.add_tag({name, 20'000}));
  }
  std::vector<Live> live;
  constexpr Placement kPlaces[] = {Placement::kInternal, Placement::kExternal,
                                   Placement::kPreferExternal, Placement::kDma};
  for (int step = 0; step < 50'000; ++step) {
    const auto dice = random() % 100;
    if (live.empty() || dice < 45) {
      const Tag tag = tags[random() % tags.size()];
      void* block = device.take(random() % 2'000, kPlaces[random() % 4], tag);
      if (block != nullptr) live.push_back({block, tag});
    } else if (dice < 85) {
      std::swap(live[random() % live.size()], live.back());
      device.memory.free(live.back().block);
      live.pop_back();
    } else {
      Live& one = live[random() % live.size()];
      void* block = device.memory.reallocate(one.block, random() % 2'000, kPlaces[random() % 4], 1);
      if (block != nullptr) one.block = block;
    }
    if (step % 500 != 0) continue;
    for (const Tag tag : tags) {
      std::size_t sum = 0;
      std::uint32_t blocks = 0;
      for (const Live& one : live) {
        if (one.tag != tag) continue;
        sum += device.memory.usable_size(one.block) + Tlsf::kHeaderBytes;
        ++blocks;
      }
      const TagFigures figures = device.memory.figures(tag);
      ASSERT_EQ(figures.live, sum);
      ASSERT_EQ(figures.blocks, blocks);
      ASSERT_GE(figures.peak, sum);
      ASSERT_TRUE(figures.limit == 0 || figures.peak <= figures.limit);
    }
    ASSERT_TRUE(device.memory.check());
  }
  for (const Live& one : live) device.memory.free(one.block);
  EXPECT_EQ(device.memory.live_blocks(), 0U);
  const MemorySnapshot end = device.memory.snapshot();
  EXPECT_EQ(end.hf, device.memory.capacity(0) + device.memory.capacity(1));
  EXPECT_EQ(end.pf, device.memory.capacity(2));
}

TEST(Context, ManyTasksShareOneMemory) {
  TestDevice device;
  std::atomic<std::size_t> granted{0};
  const auto work = [&](std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<void*> mine;
    for (int step = 0; step < 5'000; ++step) {
      if (mine.size() < 20 && random() % 2 == 0) {
        const std::size_t bytes = 1 + random() % 400;
        if (void* block = device.take(bytes, Placement::kPreferExternal)) {
          std::memset(block, static_cast<int>(seed), bytes);
          mine.push_back(block);
          ++granted;
        }
      } else if (!mine.empty()) {
        ASSERT_EQ(*static_cast<unsigned char*>(mine.back()), seed);
        device.memory.free(mine.back());
        mine.pop_back();
      }
      if (step % 100 == 0) device.memory.snapshot();
    }
    for (void* block : mine) device.memory.free(block);
  };
  std::vector<std::jthread> tasks;
  for (std::uint32_t i = 1; i <= 4; ++i) tasks.emplace_back(work, i);
  tasks.clear();
  EXPECT_GT(granted, 1'000U);
  EXPECT_EQ(device.memory.live_blocks(), 0U);
  EXPECT_TRUE(device.memory.check());
}

}  // namespace
}  // namespace takt
