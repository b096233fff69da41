// SPDX-License-Identifier: Apache-2.0
// Commands and sensor readings at times that are known in advance.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "takt/app/messages/command.h"
#include "takt/core/engine/engine.h"
#include "tools/play/engine_orders.h"

namespace takt {

struct ScriptAction {
  Micros at;  ///< From the start of the run.
  Command command;
  std::string text;  ///< As it was given.
};

/// A sensor shows `value` from `at` on, until another of the same name.
struct ScriptReading {
  Micros at;
  std::string sensor;
  std::int32_t value = 0;
};

/// "TIME=ORDER"; see parse_command(). Throws Failure (kWords).
ScriptAction parse_action(const std::string& text);

/// "NAME=VALUE" or "NAME=VALUE@TIME". Throws Failure (kWords).
ScriptReading parse_reading(const std::string& text);

/// Carries actions and readings out. Sensors are read at a fixed rate, as devices do.
class Script {
 public:
  static constexpr Micros kSamplePeriod = millis(100);

  Script(std::vector<ScriptAction> actions, std::vector<ScriptReading> readings);

  /// Throws Failure (kWords) for what `program` cannot use: a sensor that none of its phases asks
  /// for, a phase beyond its last, a setting.
  void check(const Program& program) const;

  /// The time at which playing begins.
  void start_at(LocalTime origin) {
    origin_ = origin;
    sample_at_ = origin;
  }

  /// When to call run() next; kNever: nothing is left to do.
  LocalTime due() const;

  /// Whether commands are left.
  bool has_commands() const { return next_ < actions_.size(); }

  /// Does what is due. True: a command was given, so both halves must run at once. `said` gets a
  /// line for each command that the engine refused.
  bool run(EngineOrders& orders, LocalTime now, std::vector<std::string>& said);

 private:
  void sample(Engine& engine, LocalTime now);

  std::vector<ScriptAction> actions_;
  std::vector<ScriptReading> readings_;
  std::size_t next_ = 0;  ///< Of actions_.
  LocalTime origin_;
  LocalTime sample_at_ = kNever;
  LocalTime retry_at_{Micros{0}};
};

}  // namespace takt
