// SPDX-License-Identifier: Apache-2.0
// Memory that one can see: snapshots, and a subsystem that takes until the tripwire fires.
#include <array>
#include <cstddef>

#include "takt/app/boards/board.h"
#include "takt/app/metrics/memory_report.h"
#include "takt/firmware/example.h"

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

}  // namespace

bool run_example(Ports& ports, const Board& board) {
  // Too large for a stack.
  static Memory memory{ports.exclusion()};
  static TaskTable tasks{ports.exclusion()};
  static Greedy greedy{memory};
  TracingSink sink{ports};
  MemoryReporter reporter{memory, tasks, sink};
  memory.add_region({"sram", RegionKind::kInternal, true, kInternalBytes},
                    ports.internal_memory().first(kInternalBytes), kGranularity);
  memory.add_region({"psram", RegionKind::kExternal, false, kExternalBytes},
                    ports.external_memory().first(kExternalBytes), kGranularity);
  reporter.snapshot(Word{"boot"});
  const MemorySnapshot before = memory.snapshot();
  greedy.take(60, Placement::kPreferExternal);
  reporter.snapshot(Word{"setup"});
  memory.arm(board.tripwire_bytes);
  greedy.take(300, Placement::kInternal);
  reporter.snapshot(Word{"hb"});
  greedy.give_back();
  const MemorySnapshot after = reporter.snapshot(Word{"end"});
  return sink.trips() == 1 && memory.check() && memory.live_blocks() == 0 &&
         after.hl == before.hl && after.pl == before.pl;
}

}  // namespace takt::firmware
