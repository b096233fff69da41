// SPDX-License-Identifier: Apache-2.0
// An engine with memory from the heap, for hosts.
#pragma once

#include <vector>

#include "takt/core/engine/engine.h"

namespace takt {

/// Holds what a program needs, and the engine that works in it.
class HostedEngine {
 public:
  HostedEngine(const Program& program, Micros refill_latency,
               std::size_t frames = Window::kDefaultFrames)
      : HostedEngine(EngineNeeds::of(program, frames), {refill_latency}) {}

  HostedEngine(const Program& program, const EngineConfig& config,
               std::size_t frames = Window::kDefaultFrames)
      : HostedEngine(EngineNeeds::of(program, frames), config) {}

  /// Sized for programs to come.
  HostedEngine(const EngineNeeds& needs, const EngineConfig& config)
      : block_(needs.bytes()), engine_({needs, block_}, config) {}

  Engine& engine() { return engine_; }

 private:
  std::vector<std::byte> block_;
  Engine engine_;
};

}  // namespace takt
