// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/cage.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <netdb.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "takt/ports/linux/cage_slots.h"
#include "tests/support/cage_for_test.h"

// Sanitizer builds run a hundredth of it.
#ifndef TAKT_CAGE_CYCLES
#define TAKT_CAGE_CYCLES 10'000
#endif

namespace takt {
namespace {

TEST_F(CagedMalloc, AFullCageDoesNotTouchTheOthers) {
  const auto other = make_cage();
  run(*cage_, [&] {
    std::vector<void*> blocks;
    while (void* block = std::malloc(1'000)) {
      const UncagedScope uncaged;
      blocks.push_back(block);
    }
    run(*other, [&] { TAKT_EXPECT(std::string(50'000, 'x').size() == 50'000); });
    for (void* block : blocks) std::free(block);
    const UncagedScope uncaged;
    blocks = {};
  });
}

TEST_F(CagedMalloc, RequestsFailOnPurpose) {
  const auto failures = [](FaultPlan plan) {
    const auto cage = make_cage({.regions = kRegions, .faults = plan});
    std::string seen;
    const auto body = [&] {
      for (int i = 0; i < 10; ++i) {
        void* block = std::malloc(10);
        const UncagedScope uncaged;
        seen += block == nullptr ? 'x' : '.';
        std::free(block);
      }
    };
    const CagedScope scope(*cage, Tag{}, Placement::kInternal);
    body();
    return seen;
  };
  EXPECT_EQ(failures({.nth = 3}), "..x.......");
  EXPECT_EQ(failures({.every = 4}), "...x...x..");
}

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Runs under sanitizers too, where it shows that slots, stacks and threads are returned.
TEST(Cage, NothingLeaksOverManyStartsAndStops) {
  const auto cycle = [] {
    const auto cage = make_cage();
    run(*cage, [] {
      char* copy = strdup("something");
      const std::string text(1'000, 'x');
      addrinfo hints{};
      hints.ai_flags = AI_NUMERICHOST;
      addrinfo* found = nullptr;
      if (getaddrinfo("127.0.0.1", "80", &hints, &found) == 0) freeaddrinfo(found);
      std::free(copy);
    });
    ASSERT_EQ(cage->memory().live_blocks(), 0U);
    ASSERT_EQ(cage->memory().snapshot().hf, cage->memory().capacity(0));
  };
  for (int i = 0; i < 20; ++i) cycle();
  const std::uint32_t slots = cage::slots_in_use();
  const std::size_t resident = resident_bytes();
  const std::size_t in_use = mallinfo2().uordblks;
  for (int i = 0; i < TAKT_CAGE_CYCLES; ++i) cycle();
  EXPECT_EQ(cage::slots_in_use(), slots);
  if (!Cage::intercepts()) return;  // A sanitizer's own books grow.
  EXPECT_LE(mallinfo2().uordblks, in_use + 1'024);
  EXPECT_LE(resident_bytes(), resident + 256 * 1'024);
}

TEST(Cage, AStackIsPaidForFromInternalMemoryAndItsHighWaterIsMeasured) {
  const auto cage = make_cage();
  const std::size_t before = cage->memory().snapshot().hi;
  const auto margin_after = [&](std::size_t bytes) {
    std::array<TaskFigures, 1> figures;
    TaskSpec spec = kTask;
    spec.stack_bytes = 100'000;
    run(
        *cage,
        [&] {
          auto* array = static_cast<volatile char*>(__builtin_alloca(bytes));
          for (std::size_t i = 0; i < bytes; ++i) array[i] = 1;
          TAKT_EXPECT(cage->owns(const_cast<char*>(array)));
          TAKT_EXPECT(before - cage->memory().snapshot().hi >= 100'000);
          cage->tasks().worst(figures);
        },
        spec);
    EXPECT_EQ(cage->memory().snapshot().hi, before);
    EXPECT_EQ(figures[0].name, "portal");
    return figures[0].stack_rem;
  };
  const std::size_t little = margin_after(100);
  const std::size_t much = margin_after(60'000);
  EXPECT_NEAR(static_cast<double>(little - much), 60'000 - 100, 4'096);
  EXPECT_EQ(margin_after(110'000), 0U);  // More than the budget: seen, and survived on the host.
}

TEST(Cage, RefusesWhatItCannotHold) {
  constexpr std::array kHuge{RegionSpec{"ram", RegionKind::kInternal, true, 40 << 20}};
  EXPECT_EQ(Cage::create({.regions = kHuge}).status(), Status::kTooLarge);
  const auto cage = make_cage();
  TaskSpec spec = kTask;
  spec.stack_bytes = 1 << 20;
  EXPECT_EQ(cage->start(spec, Tag{}, [] {}).status(), Status::kTooLarge);
  spec.stack_bytes = 120'000;
  std::atomic<bool> stop{false};
  const auto wait = [&] {
    while (!stop) std::this_thread::yield();
  };
  auto first = cage->start(spec, Tag{}, wait);
  auto second = cage->start(spec, Tag{}, wait);
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(cage->start(spec, Tag{}, wait).status(), Status::kNoMemory);
  stop = true;
}

TEST(Cage, ThereMayBeSixtyFour) {
  // Another test may have left a slot behind, in which glibc keeps what it allocated for a thread.
  const std::uint32_t kept = cage::slots_in_use();
  std::vector<std::unique_ptr<Cage>> cages;
  for (;;) {
    auto cage = Cage::create({.regions = kRegions});
    if (!cage.ok()) {
      EXPECT_EQ(cage.status(), Status::kNoMemory);
      break;
    }
    cages.push_back(std::move(cage.value()));
  }
  EXPECT_EQ(cages.size() + kept, cage::kSlots);
  run(*cages.back(), [] { std::free(std::malloc(10)); });
}

}  // namespace
}  // namespace takt
