// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/tlsf.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/support/tlsf_model.h"

// Sanitizer builds run a hundredth of it.
#ifndef TAKT_RANDOM_OPERATIONS
#define TAKT_RANDOM_OPERATIONS 10'000'000
#endif

namespace takt {
namespace {

// A run is replayed by its seed: TAKT_SEED=... memory_test --gtest_filter=...
std::uint32_t g_seed = 0;

std::mt19937 seeded() {
  const char* chosen = std::getenv("TAKT_SEED");
  g_seed =
      chosen != nullptr ? static_cast<std::uint32_t>(std::stoul(chosen)) : std::random_device{}();
  set_assert_hook([](const char* file, int line, const char* what) {
    std::fprintf(stderr, "%s:%d: %s (TAKT_SEED=%u)\n", file, line, what, g_seed);
  });
  return std::mt19937(g_seed);
}

// Mostly small, some of kilobytes, now and then a large part of the heap: a device's mixture.
std::size_t random_size(std::mt19937& random, std::size_t capacity) {
  const auto dice = random() % 1'000;
  if (dice < 900) return random() % 160;
  if (dice < 995) return random() % 2'048;
  return random() % capacity;
}

void random_operation(TlsfModel& model, std::mt19937& random, std::size_t most_live) {
  const auto dice = random() % 100;
  const std::size_t live = model.live();
  if (live == 0 || (dice < 48 && live < most_live)) {
    const std::size_t align = dice < 4 ? std::size_t{1} << random() % 10 : 1;
    model.allocate(random_size(random, model.heap().capacity()), align);
  } else if (dice < 92) {
    model.free(random() % live);
  } else {
    model.resize(random() % live, random_size(random, model.heap().capacity()));
  }
}

struct Shape {
  std::size_t storage;
  std::size_t granularity;
};

class RandomTrace : public testing::TestWithParam<Shape> {};

// No overlap, alignment, contents intact, and after freeing everything one block remains.
TEST_P(RandomTrace, HoldsTheLawsOfAHeap) {
  std::mt19937 random = seeded();
  TlsfModel model(GetParam().storage, GetParam().granularity);
  for (int i = 0; i < TAKT_RANDOM_OPERATIONS / 4; ++i) {
    random_operation(model, random, 2'000);
    if (i % 65'536 == 0) model.check();
  }
  model.check();
  model.free_all();
}

INSTANTIATE_TEST_SUITE_P(Heaps, RandomTrace,
                         testing::Values(Shape{12 * 1024, 4}, Shape{200 * 1024, 8},
                                         Shape{320 * 1024, 4}, Shape{8 * 1024 * 1024, 16}),
                         [](const auto& p) {
                           return std::to_string(p.param.storage / 1024) + "KiBBy" +
                                  std::to_string(p.param.granularity);
                         });

class Heap : public testing::TestWithParam<std::size_t> {
 protected:
  static constexpr std::size_t kStorage = 64 * 1024;
  TlsfModel model_{kStorage, GetParam()};
  Tlsf& heap_ = model_.heap();
};

INSTANTIATE_TEST_SUITE_P(Granularity, Heap, testing::Values(4, 8, 16, 64));

TEST_P(Heap, ExhaustionYieldsTheCapacityLessOneHeaderForEachBlock) {
  std::size_t got = 0;
  std::size_t blocks = 0;
  while (void* block = heap_.allocate(1, 0)) {
    got += heap_.size_of(block);
    ++blocks;
  }
  EXPECT_EQ(got + (blocks - 1) * Tlsf::kHeaderBytes, heap_.capacity());
  EXPECT_EQ(heap_.free_bytes(), 0U);
  EXPECT_EQ(heap_.largest(), 0U);
}

TEST_P(Heap, TheLargestIsGrantedAndThenTheNextLargestUntilNothingIsLeft) {
  std::size_t spans = 0;
  while (const std::size_t largest = heap_.largest()) {
    void* block = heap_.allocate(largest, 0);
    ASSERT_NE(block, nullptr) << largest;
    spans += heap_.size_of(block) + Tlsf::kHeaderBytes;
  }
  EXPECT_EQ(spans, heap_.capacity() + Tlsf::kHeaderBytes);
}

TEST_P(Heap, ABlockGrowsIntoTheFreeOneBehindAndShrinksBack) {
  void* block = heap_.allocate(100, 0);
  const std::size_t before = heap_.free_bytes();
  EXPECT_TRUE(heap_.resize(block, 10'000));
  EXPECT_GE(heap_.size_of(block), 10'000U);
  EXPECT_TRUE(heap_.resize(block, 100));
  EXPECT_EQ(heap_.free_bytes(), before);
  void* wall = heap_.allocate(100, 0);
  EXPECT_FALSE(heap_.resize(block, 10'000));
  heap_.free(wall);
  EXPECT_TRUE(heap_.check().sound);
}

TEST_P(Heap, RequestsBeyondTheHeapFailAndChangeNothing) {
  for (std::size_t bytes : {heap_.capacity() + 1, kStorage, SIZE_MAX / 2, SIZE_MAX}) {
    EXPECT_EQ(heap_.allocate(bytes, 0), nullptr);
    EXPECT_EQ(heap_.allocate_aligned(bytes, 4'096, 0), nullptr);
  }
  EXPECT_EQ(heap_.allocate_aligned(1, std::size_t{1} << 62, 0), nullptr);
  EXPECT_EQ(heap_.free_bytes(), heap_.capacity());
}

TEST_P(Heap, FreeingTwiceOrAForeignPointerIsCaught) {
  void* block = heap_.allocate(100, 0);
  heap_.free(block);
  EXPECT_DEATH(heap_.free(block), "");
  int on_stack = 0;
  EXPECT_DEATH(heap_.free(&on_stack), "");
}

// A header and the smallest block are enough to be split off.
TEST(HeapLikeEspIdf, SplitsOffWhatCanBeABlock) {
  const auto granted_of = [](std::size_t hole, std::size_t request) {
    TlsfModel model(320 * 1024, 4);
    Tlsf& heap = model.heap();
    void* block = heap.allocate(hole, 0);
    static_cast<void>(heap.allocate(1, 0));  // Behind it, so that the hole stays one.
    heap.free(block);
    block = heap.allocate(request, 0);
    return heap.size_of(block);
  };
  EXPECT_EQ(granted_of(40, 24), 24U);
  EXPECT_EQ(granted_of(36, 24), 36U);
}

// The figures of ESP-IDF's own tables: 5 bits of second level above 256 KiB, 4 above 16, else 3,
// 4-byte steps below 128, and each request rounded up to the class that is searched.
TEST(HeapLikeEspIdf, GrantsTheSameSizes) {
  struct Case {
    std::size_t storage, request, granted;
  };
  for (const Case& c : {Case{320 * 1024, 0, 12}, Case{320 * 1024, 13, 16},
                        Case{320 * 1024, 127, 128}, Case{320 * 1024, 1'000, 1'008},
                        Case{320 * 1024, 11'520, 11'520}, Case{320 * 1024, 14'140, 14'336},
                        Case{100 * 1024, 1'000, 1'024}, Case{16 * 1024, 1'025, 1'152}}) {
    TlsfModel model(c.storage, 4);
    void* block = model.heap().allocate(c.request, 0);
    EXPECT_EQ(model.heap().size_of(block), c.granted) << c.request << " of " << c.storage;
  }
}

}  // namespace
}  // namespace takt
