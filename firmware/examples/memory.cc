// SPDX-License-Identifier: Apache-2.0
// Memory that one can see: snapshots, and a subsystem that takes until the tripwire fires.
#include <array>
#include <cstddef>

#include "takt/app/boards/board.h"
#include "takt/core/memory/report.h"
#include "takt/firmware/examples/example.h"

namespace takt::firmware {
namespace {

/// What is left of the board's memory beside this firmware, and a part of its PSRAM.
constexpr std::size_t kInternalBytes = std::size_t{128} * 1024;
constexpr std::size_t kExternalBytes = std::size_t{1024} * 1024;
/// Of 32-bit devices, so that the host's figures are theirs.
constexpr std::size_t kGranularity = 4;
constexpr std::size_t kSmallest = 200;

class TracingSink final : public MemorySink {
 public:
  explicit TracingSink(Ports& ports) : ports_(ports) {}
  void line(std::string_view text) override {
    ports_.trace(text);
    ports_.trace("\n");
  }
  void event(const MemoryEvent& event) override {
    if (event.kind == MemoryEvent::Kind::kTripwire) ++trips_;
  }
  int trips() const { return trips_; }

 private:
  Ports& ports_;
  int trips_ = 0;
};

/// Blocks of many sizes, of which every third is given back at once, so that holes arise.
class Greedy {
 public:
  explicit Greedy(Memory& memory) : memory_(memory), tag_(memory.add_tag({"greedy"})) {}

  void take(std::size_t blocks, Placement placement) {
    for (; blocks > 0 && count_ < blocks_.size(); --blocks) {
      void* const block = memory_.allocate({kSmallest + count_ * 37 % 1'000, placement, tag_});
      if (block == nullptr) return;
      blocks_[count_++] = block;
      if (count_ % 3 == 0) {
        memory_.free(blocks_[count_ - 2]);
        blocks_[count_ - 2] = nullptr;
      }
    }
  }
  void give_back() {
    while (count_ > 0) memory_.free(blocks_[--count_]);
  }

 private:
  Memory& memory_;
  const Tag tag_;
  std::array<void*, 400> blocks_{};
  std::size_t count_ = 0;
};

NoExclusion g_exclusion;
Memory g_memory{g_exclusion};
TaskTable g_tasks{g_exclusion};
Greedy g_greedy{g_memory};

}  // namespace

bool run_example(Ports& ports, const Board& board) {
  TracingSink sink{ports};
  MemoryReporter reporter{g_memory, g_tasks, sink};
  g_memory.add_region({"sram", RegionKind::kInternal, true, kInternalBytes},
                      ports.internal_memory().first(kInternalBytes), kGranularity);
  g_memory.add_region({"psram", RegionKind::kExternal, false, kExternalBytes},
                      ports.external_memory().first(kExternalBytes), kGranularity);
  reporter.snapshot(Word{"boot"});
  const MemorySnapshot before = g_memory.snapshot();
  g_greedy.take(60, Placement::kPreferExternal);
  reporter.snapshot(Word{"setup"});
  g_memory.arm(board.tripwire_bytes);
  g_greedy.take(300, Placement::kInternal);
  reporter.snapshot(Word{"hb"});
  g_greedy.give_back();
  const MemorySnapshot after = reporter.snapshot(Word{"end"});
  return sink.trips() == 1 && g_memory.check() && g_memory.live_blocks() == 0 &&
         after.hl == before.hl && after.pl == before.pl;
}

}  // namespace takt::firmware
