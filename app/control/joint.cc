// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/joint.h"

namespace takt {

Outcome Joint::load(const LoadedProgram& program, LocalTime /*now*/) {
  const Program& tables = program.timeline.program();
  if (tables.pattern == nullptr) {
    return Outcome::refused(Status::kUnsupported, "devices play programs for two sides together");
  }
  if (!is_wired_) {
    if (const Status status = wiring_.connect(tables); status != Status::kOk) {
      return Outcome::refused(status, "the outputs cannot be configured");
    }
    programs_.wire(program.place);
    is_wired_ = true;
  }
  const Result<Timeline> found = programs_.find(program.hash);
  if (found.status() == Status::kUnsupported) {
    return Outcome::refused(Status::kUnsupported, "its outputs are not those that are wired");
  }
  offered_ = program.hash;
  offered_bytes_ = program.bytes;
  return Outcome::done();
}

Outcome Joint::act(const Command& command, LocalTime now) {
  switch (command.kind) {
    case Command::Kind::kPlay: return play(command.wish, now);
    case Command::Kind::kSet:
      if (lockstep_.peer().is_playing()) return play(command.wish, now);
      return Outcome::refused(Status::kNotLoaded, "nothing plays");
    case Command::Kind::kStop: lockstep_.stop(now); return Outcome::done();
    case Command::Kind::kRelease: lockstep_.release(); return Outcome::done();
    default:
      return Outcome::refused(Status::kUnsupported, "devices that play together cannot do that");
  }
}

/// Its own program, or the one that was played last.
Outcome Joint::play(const SettingWish& wish, LocalTime now) {
  const sync::Plan& latest = lockstep_.peer().plan();
  sync::ProgramHash hash = offered_;
  std::uint32_t bytes = offered_bytes_;
  if (latest.revision != 0 && (lockstep_.peer().is_playing() || hash == 0)) {
    hash = latest.program;
    bytes = latest.program_bytes;
  }
  const Result<Timeline> timeline = programs_.find(hash);
  if (!timeline.ok()) {
    return Outcome::refused(timeline.status(), "there is no program here yet");
  }
  const Program& program = timeline.value().program();
  if (!program.pattern->is_bilateral() && wish.is_empty()) {
    lockstep_.command(hash, bytes, {}, now);
    return Outcome::to_be_agreed();
  }
  Bilateral setting = program.pattern->score.bilateral;
  if (latest.revision != 0 && latest.program == hash) {
    if (const auto shared = lockstep_.setting_by(latest)) setting = shared->setting;
  }
  const Outcome outcome = apply_wish(wish, program, setting);
  if (outcome.status != Status::kOk) return outcome;
  lockstep_.command(hash, bytes, setting, now);
  return Outcome::to_be_agreed();
}

LocalTime Joint::run(LocalTime now) {
  const LocalTime due = half_.run(now);
  const sync::Plan& plan = lockstep_.playing();
  if (plan.revision != 0 && !plays_) {
    run_ = {run_.number + 1, lockstep_.peer().clock().local_at(plan.epoch)};
  }
  plays_ = plan.revision != 0;
  return due;
}

std::optional<Outcome> Joint::agreed(LocalTime now) const {
  const sync::PeerStatus peers = lockstep_.peer().status(now);
  if (peers.command_pending) return std::nullopt;
  if (peers.command == sync::Reason::kNone) return Outcome::done();
  Outcome outcome = Outcome::refused(Status::kBusy, "not agreed on: ");
  outcome.reason.append(name_of(peers.command));
  return outcome;
}

}  // namespace takt
