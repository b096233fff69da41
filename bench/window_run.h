// SPDX-License-Identifier: Apache-2.0
// takt's own scheduler in the comparison: feeder, window, player and engine, as shipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/incumbents/phase.h"
#include "bench/incumbents/workload.h"
#include "takt/core/engine/engine.h"

namespace takt::bench {

/// Plays a Workload at virtual time. Everything is allocated by the constructor.
class WindowRun {
 public:
  WindowRun(const incumbents::Workload& workload, incumbents::Sink sink);

  /// Plays the phase once; may be called again. Returns how many changes went to the sink: an
  /// event that changes nothing is none.
  std::uint64_t run();

  /// With the program loaded, for playing it in another way.
  Engine& engine() { return *engine_; }

  /// Of the ring, the player with its interlock, and the feeder with its cursors, for this
  /// workload: what stands in the place of the incumbents' timers.
  std::size_t scheduler_bytes() const;
  /// The same with the rest of the engine: commands, conditions, status.
  std::size_t engine_bytes() const { return sizeof(Engine) + needs_.bytes(); }

 private:
  void emit(std::uint32_t before, std::uint32_t after);

  std::vector<std::max_align_t> block_;
  EngineNeeds needs_;
  std::vector<std::byte> memory_;
  std::unique_ptr<Engine> engine_;
  incumbents::Sink sink_;
  std::uint64_t emitted_ = 0;
  LocalTime now_{Micros{0}};
};

}  // namespace takt::bench
