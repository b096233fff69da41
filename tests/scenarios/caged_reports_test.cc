// SPDX-License-Identifier: Apache-2.0
// What a caged device says about its memory, and what saying it costs.
#include <gtest/gtest.h>
#include <malloc.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "takt/app/metrics/memory_report.h"
#include "tests/support/cage_for_test.h"

namespace takt {
namespace {

struct Heard final : MemorySink {
  void line(std::string_view text) override {
    // Allocates on purpose: what a host's sink needs must not come from the full cage.
    lines.emplace_back(text);
  }
  void event(const MemoryEvent& event) override { kinds.push_back(event.kind); }

  std::vector<std::string> lines;
  std::vector<MemoryEvent::Kind> kinds;
};

// The issue's own words: exactly the capacity less the stated overhead, the tripwire before it,
// and after freeing it works on.
TEST_F(CagedMalloc, ExhaustionIsRealReportedAndSurvived) {
  cage_ = make_cage({.regions = kRegions, .tripwire_bytes = 30'720});
  Heard heard;
  MemoryReporter reporter(cage_->memory(), cage_->tasks(), heard);
  Memory& memory = cage_->memory();
  const std::size_t capacity = memory.capacity(0);
  const std::size_t empty = memory.snapshot().hi;
  ASSERT_EQ(empty, capacity);
  std::size_t got = 0;
  std::size_t stack = 0;
  bool threw = false;
  run(*cage_, [&] {
    stack = memory.figures(Tag{1}).live;  // "stacks"
    struct Link {
      Link* next;
    };
    Link* all = nullptr;
    for (const std::size_t bytes : {4'096UL, 1'024UL, 128UL, 1UL}) {
      while (auto* link = static_cast<Link*>(std::malloc(bytes))) {
        got += malloc_usable_size(link) + Tlsf::kHeaderBytes;
        *link = {all};
        all = link;
      }
      TAKT_EXPECT(errno == ENOMEM);
    }
    try {
      ::operator delete(::operator new(400));
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    while (all != nullptr) std::free(std::exchange(all, all->next));
    const std::string works(10'000, 'x');
    TAKT_EXPECT(cage_->owns(works.data()));
  });
  EXPECT_EQ(got + stack, capacity + Tlsf::kHeaderBytes);
  EXPECT_TRUE(threw);
  EXPECT_EQ(memory.snapshot().hi, empty);
  ASSERT_GE(heard.kinds.size(), 2U);
  EXPECT_EQ(heard.kinds[0], MemoryEvent::Kind::kTripwire);
  EXPECT_EQ(heard.kinds[1], MemoryEvent::Kind::kRefusal);
  EXPECT_TRUE(heard.lines[0].starts_with("[Mem] TRIPWIRE fired tag=other hin=")) << heard.lines[0];
  EXPECT_TRUE(heard.lines[2].starts_with("[Task] name=portal ")) << heard.lines[2];
}

struct Deaf final : MemorySink {
  void line(std::string_view) override { ++lines; }
  void event(const MemoryEvent&) override {}
  int lines = 0;
};

// Whatever this thread allocates while it reports would land in the witness.
TEST_F(CagedMalloc, AReportAllocatesNothing) {
  const auto witness = make_cage();
  Memory& memory = cage_->memory();
  Deaf deaf;
  MemoryReporter reporter(memory, cage_->tasks(), deaf);
  run(*cage_, [&] {
    const CagedScope scope(*witness, Tag{}, Placement::kInternal);
    std::free(std::malloc(1));
    memory.arm(1'000'000);  // More than there is, so low from here on.
    void* block = memory.allocate({10'000, Placement::kInternal, Tag{}});
    void* none = memory.allocate({10'000'000, Placement::kInternal, Tag{}});
    reporter.snapshot(Word("hb"));
    memory.free(block);
    TAKT_EXPECT(none == nullptr);
  });
  EXPECT_EQ(deaf.lines, 9);  // Wire, dump, task, two tags, two recent, refusal, snapshot.
  std::array<Memory::Recent, Memory::kRecent> recent;
  EXPECT_EQ(witness->memory().recent(0, recent), 1U);
}

}  // namespace
}  // namespace takt
