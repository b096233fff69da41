// SPDX-License-Identifier: Apache-2.0
#include "tools/play/engine_orders.h"

#include <fmt/format.h>

#include "takt/app/control/driver.h"
#include "takt/core/program/bilateral_rules.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

using Kind = Command::Kind;

std::string_view reason_of_not_loaded(Kind kind, EngineState state) {
  if (kind == Kind::kResume) return "nothing is paused";
  return state == EngineState::kPaused ? "it is paused" : "nothing plays";
}

}  // namespace

std::optional<std::string> refusal_of(const Command& command, const Program& program) {
  if (command.kind == Kind::kSkipTo && command.phase >= program.phases.size()) {
    return fmt::format("there is no such phase; this program has {}",
                       counted(program.phases.size(), "phase"));
  }
  const bool has_setting = program.pattern != nullptr && program.pattern->is_bilateral();
  if (!command.wish.is_empty() && !has_setting) return "this program has no setting to change";
  return std::nullopt;
}

Answer EngineOrders::take(const Command& command, LocalTime now) {
  const EngineState state = engine_.status(now).state;
  std::string reason;
  const Status status = obey(command, now, reason);
  if (status == Status::kNotLoaded) reason = reason_of_not_loaded(command.kind, state);
  return {command.number, status, FixedText<kLongestReason>{reason}};
}

Status EngineOrders::obey(const Command& command, LocalTime now, std::string& reason) {
  if (const Timeline* const timeline = engine_.timeline()) {
    if (const auto refusal = refusal_of(command, timeline->program())) {
      reason = *refusal;
      return Status::kUnsupported;
    }
  }
  switch (command.kind) {
    case Kind::kPlay:
    case Kind::kSet:
      if (!command.wish.is_empty()) return change(command.wish, now, reason);
      reason = "it plays already";
      return Status::kUnsupported;
    case Kind::kStop: return engine_.stop(now);
    case Kind::kPause: return engine_.pause(now);
    case Kind::kResume: return engine_.resume(now);
    case Kind::kSkip: return engine_.skip_phase(now);
    case Kind::kSkipTo: return engine_.skip_to_phase(command.phase, now);
    case Kind::kEmergencyStop: engine_.request_emergency_stop(); return Status::kOk;
    case Kind::kRelease:
      reason = "an emergency stop ends this run for good";
      return Status::kUnsupported;
  }
  return Status::kUnsupported;
}

Status EngineOrders::change(const SettingWish& wish, LocalTime now, std::string& reason) {
  const Timeline* const timeline = engine_.timeline();
  if (timeline == nullptr) return Status::kNotLoaded;
  const Program& program = timeline->program();
  const Bilateral setting = changed(setting_.value_or(program.pattern->score.bilateral), wish);
  if (const auto refusal = refusal_of(setting, program)) {
    reason = fmt::format("{}: {}", refusal->field, refusal->reason);
    return Status::kOutOfRange;
  }
  const Status status = engine_.change(setting, SessionTime{}, now).status();
  if (status == Status::kOk) setting_ = setting;
  return status;
}

}  // namespace takt
