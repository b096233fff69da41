// SPDX-License-Identifier: Apache-2.0
// An engine with memory from the heap, for hosts.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine.h"

namespace takt {

/// Holds what a program needs, and the engine that works in it.
class HostedEngine {
 public:
  HostedEngine(const Program& program, Micros refill_latency,
               std::uint32_t frames = Window::kDefaultFrames)
      : HostedEngine(needs_of(program, frames), {frames, program.analog_count(), refill_latency}) {}

  /// For programs to come.
  HostedEngine(const EngineNeeds& needs, const EngineConfig& config)
      : window_(needs.window_words),
        cursors_(needs.cursors),
        history_(needs.history),
        engine_({window_, cursors_, history_}, config) {}

  Engine& engine() { return engine_; }

 private:
  std::vector<std::uint32_t> window_;
  std::vector<PhaseCursor::Slot> cursors_;
  std::vector<InterlockGuard::History> history_;
  Engine engine_;
};

}  // namespace takt
