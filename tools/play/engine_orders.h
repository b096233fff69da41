// SPDX-License-Identifier: Apache-2.0
// Carrying commands out on an engine that plays one program, once, without other devices.
#pragma once

#include <optional>
#include <string>

#include "takt/app/messages/answer.h"
#include "takt/app/messages/command.h"
#include "takt/core/engine/engine.h"

namespace takt {

/// Context: the control half.
class EngineOrders {
 public:
  /// `engine` outlives it, and takes its settings from nobody else.
  explicit EngineOrders(Engine& engine) : engine_(engine) {}

  Engine& engine() { return engine_; }

  /// The answer's status is kBusy if the engine cannot take it now: try again.
  Answer take(const Command& command, LocalTime now);

 private:
  /// `reason` is set if the status alone does not say why.
  Status obey(const Command& command, LocalTime now, std::string& reason);
  Status change(const SettingWish& wish, LocalTime now, std::string& reason);

  Engine& engine_;
  std::optional<Bilateral> setting_;  ///< The setting asked for last; nothing: the program's own.
};

/// Why no engine that plays `program` can ever do it; nothing: it may.
std::optional<std::string> refusal_of(const Command& command, const Program& program);

}  // namespace takt
