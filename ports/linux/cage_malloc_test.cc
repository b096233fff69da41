// SPDX-License-Identifier: Apache-2.0
// What cage_malloc.cc makes of malloc and its kin.
#include <gtest/gtest.h>
#include <malloc.h>
#include <netdb.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "takt/ports/linux/cage_slots.h"
#include "tests/support/cage_for_test.h"

namespace takt {
namespace {

TEST_F(CagedMalloc, WhateverALibraryAllocatesOnACagedTaskLandsInTheArena) {
  const Tag tag = cage_->memory().add_tag({"portal"});
  const auto body = [&] {
    char* copy = strdup("a string of some length");
    TAKT_EXPECT(cage_->owns(copy));
    std::free(copy);

    const std::string text(100, 'x');
    TAKT_EXPECT(cage_->owns(text.data()));

    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    TAKT_EXPECT(getaddrinfo("127.0.0.1", "80", &hints, &found) == 0);
    TAKT_EXPECT(cage_->owns(found));
    freeaddrinfo(found);

    char* line = nullptr;
    TAKT_EXPECT(asprintf(&line, "%d", 42) == 2 && cage_->owns(line));
    std::free(line);

    const auto object = std::make_unique<std::array<int, 50>>();
    TAKT_EXPECT(cage_->owns(object.get()));
    TAKT_EXPECT(cage_->memory().tag_of(object.get()) == tag);
  };
  run(*cage_, body, kTask, tag);
  EXPECT_EQ(cage_->memory().live_blocks(), 0U);
}

struct alignas(256) Wide {
  std::byte bytes[300];
};

template <typename T>
bool is_aligned(const T* block, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(block) % align == 0;
}

TEST_F(CagedMalloc, EveryFormOfAllocationIsCagedAndAligned) {
  run(*cage_, [&] {
    const auto check = [&](void* block, std::size_t align) {
      TAKT_EXPECT(cage_->owns(block) && is_aligned(block, align));
      std::free(block);
    };
    check(std::malloc(1), 16);
    check(std::malloc(0), 16);
    check(std::realloc(nullptr, 7), 16);
    check(reallocarray(nullptr, 3, 5), 16);
    check(std::aligned_alloc(64, 128), 64);
    check(memalign(1'024, 10), 1'024);
    check(valloc(10), 4'096);
    check(pvalloc(10), 4'096);
    void* block = nullptr;
    TAKT_EXPECT(posix_memalign(&block, 512, 10) == 0);
    check(block, 512);
    TAKT_EXPECT(posix_memalign(&block, 24, 10) == EINVAL);
    auto* wide = new Wide;
    TAKT_EXPECT(cage_->owns(wide) && is_aligned(wide, 256));
    delete wide;
    auto* zeros = static_cast<unsigned char*>(std::malloc(5'000));
    std::memset(zeros, 0xFF, 5'000);
    std::free(zeros);
    zeros = static_cast<unsigned char*>(std::calloc(50, 100));
    TAKT_EXPECT(cage_->owns(zeros));
    TAKT_EXPECT(zeros[0] == 0 && std::memcmp(zeros, zeros + 1, 4'999) == 0);
    TAKT_EXPECT(malloc_usable_size(zeros) >= 5'000);
    std::free(zeros);
    volatile std::size_t huge = SIZE_MAX / 2 + 2;
    errno = 0;
    TAKT_EXPECT(std::calloc(huge, 2) == nullptr && errno == ENOMEM);
  });
  EXPECT_EQ(cage_->memory().live_blocks(), 0U);
}

TEST_F(CagedMalloc, PlacementFollowsTheTask) {
  const MemorySnapshot before = cage_->memory().snapshot();
  void* block = nullptr;
  run(
      *cage_, [&] { block = std::malloc(10'000); }, with_placement(Placement::kPreferExternal));
  EXPECT_LT(cage_->memory().snapshot().pf, before.pf);
  EXPECT_EQ(cage_->memory().snapshot().hf, before.hf);
  std::free(block);
}

TEST_F(CagedMalloc, OtherThreadsKeepTheSystemsAllocator) {
  void* on_child = nullptr;
  void* after_scope = nullptr;
  run(*cage_, [&] {
    std::thread([&] { on_child = std::malloc(10); }).join();
    const UncagedScope uncaged;
    after_scope = std::malloc(10);
  });
  void* on_main = std::malloc(10);
  for (void* block : {on_child, after_scope, on_main}) {
    EXPECT_FALSE(cage::owned(block));
    std::free(block);
  }
}

TEST_F(CagedMalloc, ABlockFreedFromAnyThreadReturnsWhereItCameFrom) {
  void* block = nullptr;
  run(*cage_, [&] { block = std::malloc(1'000); });
  ASSERT_TRUE(cage_->owns(block));
  const auto other = make_cage();
  run(*other, [&] { std::free(block); });
  EXPECT_EQ(cage_->memory().live_blocks(), 0U);

  void* system = std::malloc(1'000);
  run(*cage_, [&] { std::free(system); });
}

TEST_F(CagedMalloc, ReallocFollowsTheCallerAndKeepsTheContents) {
  const auto other = make_cage();
  auto* text = static_cast<char*>(std::malloc(32));
  std::strcpy(text, "from the system");
  const auto grow = [&](std::size_t bytes) {
    text = static_cast<char*>(std::realloc(text, bytes));
  };
  run(*cage_, [&] { grow(100); });
  EXPECT_TRUE(cage_->owns(text));
  run(*cage_, [&] { grow(5'000); });
  EXPECT_TRUE(cage_->owns(text));
  run(*other, [&] { grow(200); });
  EXPECT_TRUE(other->owns(text));
  grow(64);
  EXPECT_FALSE(cage::owned(text));
  EXPECT_STREQ(text, "from the system");
  std::free(text);
  EXPECT_EQ(cage_->memory().live_blocks(), 0U);
  EXPECT_EQ(other->memory().live_blocks(), 0U);
}

TEST_F(CagedMalloc, ReallocThatFailsLeavesTheBlock) {
  run(*cage_, [&] {
    char* text = strdup("still here");
    TAKT_EXPECT(std::realloc(text, 1'000'000) == nullptr && errno == ENOMEM);
    TAKT_EXPECT(std::strcmp(text, "still here") == 0);
    std::free(text);
  });
}

TEST_F(CagedMalloc, ABlockMayOutliveItsCage) {
  const std::uint32_t slots = cage::slots_in_use();
  void* block = nullptr;
  auto second = make_cage();
  run(*second, [&] { block = strdup("kept in a static variable"); });
  second.reset();
  EXPECT_STREQ(static_cast<char*>(block), "kept in a static variable");
  EXPECT_EQ(cage::slots_in_use(), slots + 1);
  std::free(block);
  EXPECT_EQ(cage::slots_in_use(), slots);
}

TEST_F(CagedMalloc, AForkWhileOthersAllocateLeavesTheChildAbleToAllocate) {
  std::atomic<bool> stop{false};
  std::vector<CagedTask> tasks;
  for (int i = 0; i < 3; ++i) {
    auto task = cage_->start(kTask, Tag{}, [&] {
      while (!stop) std::free(std::malloc(100));
    });
    ASSERT_TRUE(task.ok());
    tasks.push_back(std::move(task.value()));
  }
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(10);  // A lock left held would hang the child.
      const CagedScope scope(*cage_, Tag{}, Placement::kInternal);
      void* block = std::malloc(100);
      _exit(cage_->owns(block) && cage_->memory().check() ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 0);
  }
  stop = true;
}

TEST_F(CagedMalloc, TasksOfManyCagesExchangeBlocks) {
  constexpr int kSteps = 20'000;
  const auto other = make_cage();
  std::mutex mutex;
  std::vector<void*> common;
  const auto work = [&](std::uint32_t seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < kSteps; ++i) {
      void* block = nullptr;
      if (random() % 2 == 0) {
        block = std::malloc(random() % 300);
      } else {
        const std::scoped_lock held(mutex);
        const UncagedScope uncaged;
        if (common.empty()) continue;
        block = common.back();
        common.pop_back();
      }
      if (random() % 3 == 0) block = std::realloc(block, 1 + random() % 300);
      if (block == nullptr) continue;
      if (random() % 2 == 0) {
        std::free(block);
        continue;
      }
      const std::scoped_lock held(mutex);
      const UncagedScope uncaged;
      common.push_back(block);
    }
  };
  {
    std::vector<CagedTask> tasks;
    std::uint32_t seed = 0;
    for (Cage* cage : {cage_.get(), other.get(), cage_.get(), other.get()}) {
      auto task = cage->start(with_placement(Placement::kPreferExternal), Tag{},
                              [&work, seed] { work(seed + 1); });
      ASSERT_TRUE(task.ok());
      tasks.push_back(std::move(task.value()));
      ++seed;
    }
    work(99);  // And this thread, which is not caged.
  }
  for (void* block : common) std::free(block);
  EXPECT_EQ(cage_->memory().live_blocks(), 0U);
  EXPECT_EQ(other->memory().live_blocks(), 0U);
  EXPECT_TRUE(cage_->memory().check() && other->memory().check());
}

}  // namespace
}  // namespace takt
