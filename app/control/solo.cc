// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/solo.h"

namespace takt {
namespace {

constexpr std::string_view kNothingPlays = "nothing plays";

}  // namespace

Outcome Solo::load(const LoadedProgram& program, LocalTime /*now*/) {
  const Outcome outcome = outcome_of(engine_.load(program.timeline), {});
  if (outcome.status == Status::kOk) next_ = program.timeline;
  return outcome;
}

Outcome Solo::act(const Command& command, LocalTime now) {
  switch (command.kind) {
    case Command::Kind::kPlay: return play(command.wish, now);
    case Command::Kind::kSet: return change(command.wish, now);
    case Command::Kind::kStop: return outcome_of(engine_.stop(now), kNothingPlays);
    case Command::Kind::kPause: return outcome_of(engine_.pause(now), kNothingPlays);
    case Command::Kind::kResume: return outcome_of(engine_.resume(now), "nothing is paused");
    case Command::Kind::kSkip: return outcome_of(engine_.skip_phase(now), kNothingPlays);
    case Command::Kind::kSkipTo: {
      const Status status = engine_.skip_to_phase(command.phase, now);
      if (status != Status::kOutOfRange) return outcome_of(status, kNothingPlays);
      return Outcome::refused(status, "this program has no such phase");
    }
    case Command::Kind::kRelease: engine_.release_emergency_stop(); return Outcome::done();
    case Command::Kind::kEmergencyStop: break;
  }
  return Outcome::refused(Status::kUnsupported, "this is no command of a player");
}

Outcome Solo::play(const SettingWish& wish, LocalTime now) {
  if (engine_.realtime().emergency_stopped()) {
    return Outcome::refused(Status::kBusy, "an emergency stop holds; release it first");
  }
  const EngineState state = engine_.status(now).state;
  if (state == EngineState::kPaused) {
    return Outcome::refused(Status::kBusy, "it is paused; resume or stop it");
  }
  if (state != EngineState::kPlaying) return start(wish, now);
  if (wish.is_empty()) return Outcome::refused(Status::kBusy, "it plays already; stop it first");
  return change(wish, now);
}

Outcome Solo::start(const SettingWish& wish, LocalTime now) {
  if (!next_) return Outcome::refused(Status::kNotLoaded, "there is no program");
  const Program& program = next_->program();
  std::optional<Bilateral> setting;
  if (!wish.is_empty()) {
    setting = program.pattern != nullptr ? program.pattern->score.bilateral : Bilateral{};
    const Outcome outcome = apply_wish(wish, program, *setting);
    if (outcome.status != Status::kOk) return outcome;
  }
  if (const Status status = wiring_.connect(program); status != Status::kOk) {
    Outcome outcome = Outcome::refused(status, "the outputs cannot be configured: ");
    outcome.reason.append(name_of(status));
    return outcome;
  }
  // Session time is this device's own: see SharedRun.
  const LocalTime at = now + lead_;
  const Status status = setting ? engine_.start_at({SessionTime{at.since_zero()}, setting, {}}, now)
                                : engine_.start(at, now);
  if (status == Status::kOk) {
    run_ = {run_.number + 1, at};
    setting_ = setting;
  }
  return outcome_of(status, "there is no program");
}

Outcome Solo::change(const SettingWish& wish, LocalTime now) {
  if (engine_.status(now).state != EngineState::kPlaying) {
    return Outcome::refused(Status::kNotLoaded, kNothingPlays);
  }
  const Program& program = engine_.timeline()->program();
  Bilateral setting = program.pattern != nullptr ? program.pattern->score.bilateral : Bilateral{};
  if (setting_) setting = *setting_;
  const Outcome outcome = apply_wish(wish, program, setting);
  if (outcome.status != Status::kOk) return outcome;
  const auto receipt = engine_.change(setting, SessionTime{}, now);
  if (receipt.ok()) setting_ = setting;
  return outcome_of(receipt.status(), kNothingPlays);
}

}  // namespace takt
