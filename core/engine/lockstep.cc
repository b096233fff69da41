// SPDX-License-Identifier: Apache-2.0
#include "takt/core/engine/lockstep.h"

#include <algorithm>

#include "takt/core/base/assert.h"
#include "takt/core/base/bytes.h"
#include "takt/core/program/bilateral_rules.h"

namespace takt {
namespace {

/// How soon to try again what the realtime half still stands in the way of.
constexpr Micros kRetry = millis(2);

/// How long before its effect a plan is begun that has a beat before it.
constexpr Micros kAhead = EngineConfig{}.look_ahead / 2;

}  // namespace

sync::Parameters parameters_of(const SharedSetting& shared) {
  const Bilateral& setting = shared.setting;
  sync::Parameters parameters;
  ByteWriter out{parameters.bytes};
  out.number(static_cast<std::uint32_t>(setting.cycle.count()));
  out.number(setting.duty_percent);
  out.number(setting.look.intensity);
  out.number(setting.look.brightness);
  out.number(setting.look.colour);
  out.number(static_cast<std::uint8_t>(setting.alternate_direction));
  out.number(std::int64_t{shared.beat.count()});
  parameters.size = static_cast<std::uint8_t>(out.size());
  return parameters;
}

std::optional<SharedSetting> shared_setting_of(const sync::Parameters& parameters) {
  ByteReader in{parameters.view()};
  SharedSetting shared;
  shared.setting.cycle = Micros{in.number<std::uint32_t>()};
  in.number(shared.setting.duty_percent);
  in.number(shared.setting.look.intensity);
  in.number(shared.setting.look.brightness);
  in.number(shared.setting.look.colour);
  shared.setting.alternate_direction = in.number<std::uint8_t>() != 0;
  shared.beat = Micros{in.number<std::int64_t>()};
  if (!in.at_end()) return std::nullopt;
  return shared;
}

Lockstep::Lockstep(const LockstepConfig& config, Engine& engine, ProgramShelf& shelf,
                   Authenticator& authenticator, LocalTime now)
    : engine_(engine),
      shelf_(shelf),
      configured_guard_(config.guard),
      alarm_latency_(config.alarm_latency),
      peer_(config.peer, authenticator, *this, now) {}

void Lockstep::command(sync::ProgramHash program, std::uint32_t bytes,
                       const std::optional<Bilateral>& setting, LocalTime now) {
  sync::Plan plan;
  plan.program = program;
  plan.program_bytes = bytes;
  if (setting) plan.parameters = parameters_of({*setting, Micros{0}});
  peer_.command(plan, now);
}

void Lockstep::stop(LocalTime now) {
  peer_.stop(now);
  drop_out(now);
}

void Lockstep::emergency_stop(LocalTime now) {
  engine_.request_emergency_stop();
  stop(now);
}

sync::Reason Lockstep::judge(const sync::Plan& plan) {
  if (is_held()) return sync::Reason::kHeld;
  const Result<Timeline> found = shelf_.find(plan.program);
  if (!found.ok()) {
    const bool absent = found.status() == Status::kNotLoaded;
    return absent ? sync::Reason::kNoProgram : sync::Reason::kRefused;
  }
  const Program& program = found.value().program();
  if (program.pattern == nullptr) return sync::Reason::kRefused;
  if (program.pattern->score.exclusive && peer_.all_on_one_side()) return sync::Reason::kSameSide;
  if (playing_.revision == 0 && loaded_ != plan.program) {
    if (engine_.load(found.value()) != Status::kOk) return sync::Reason::kRefused;
    loaded_ = plan.program;
  }
  if (plan.parameters.size == 0) return sync::Reason::kNone;
  const std::optional<SharedSetting> shared = shared_setting_of(plan.parameters);
  const bool refused = !shared || refusal_of(shared->setting, program);
  return refused ? sync::Reason::kRefused : sync::Reason::kNone;
}

sync::Reason Lockstep::reason(LocalTime now) const {
  const sync::Desire desire = peer_.desire(now);
  if (!desire.play) return desire.reason;
  return playing_.revision != 0 ? sync::Reason::kNone : refusal_;
}

/// What the plan's parameters say, or the program.
std::optional<SharedSetting> Lockstep::setting_by(const sync::Plan& plan) const {
  if (const auto shared = shared_setting_of(plan.parameters)) return shared;
  const Result<Timeline> found = shelf_.find(plan.program);
  if (!found.ok() || found.value().program().pattern == nullptr) return std::nullopt;
  const Pattern& pattern = *found.value().program().pattern;
  if (!pattern.is_bilateral()) return std::nullopt;
  return SharedSetting{pattern.score.bilateral, Micros{0}};
}

void Lockstep::place(const sync::Plan& current, sync::Plan& next, SessionTime earliest) {
  const Result<Timeline> found = shelf_.find(current.program);
  TAKT_ASSERT(found.ok());
  Score score = found.value().program().pattern->score;
  Micros beat;
  if (const auto shared = setting_by(current)) {
    score.segments = {};
    score.bilateral = shared->setting;
    beat = shared->beat;
  }
  const SessionTime begun = current.epoch + beat;
  const Micros boundary = half_at(score, std::max(earliest - begun, Micros{0})).end;
  const Half coming = half_at(score, boundary);
  next.effective = begun + boundary;
  if (auto shared = setting_by(next)) {
    const bool right = coming.active == kRightSide;
    const Micros lead = lead_in(shared->setting.cycle, right, coming.odd);
    next.parameters = parameters_of({shared->setting, next.effective - lead - current.epoch});
  }
}

sync::Output Lockstep::poll(LocalTime now) {
  sync::Output output = peer_.poll(now);
  if (output.kind == sync::Output::Kind::kNews) follow(now);
  if (output.kind == sync::Output::Kind::kDeadline) {
    output.deadline = std::min(output.deadline, due_);
  }
  return output;
}

/// Brings the engine in line with the peer.
void Lockstep::follow(LocalTime now) {
  due_ = kNever;
  take_clock(now);
  obey(peer_.desire(now), now);
  const LocalTime feed = engine_.feed(now);
  if (playing_.revision != 0 && feed == kNever) {
    take_end(now);
    again_at(now + kRetry);
  }
  again_at(feed);
}

/// The run is over: as agreed, or here alone.
void Lockstep::take_end(LocalTime now) {
  const EngineStatus status = engine_.status(now);
  const bool whole = status.end == EndReason::kFinished && until_ == SessionTime::max();
  if (whole) peer_.stop(now);
  if (status.end == EndReason::kFault) rest_until_ = now + kRest;
  playing_ = {};
}

void Lockstep::take_clock(LocalTime now) {
  if (clock_seen_ == peer_.clock_changes()) return;
  clock_seen_ = peer_.clock_changes();
  map_ = guard_ == Guard::kStrict ? peer_.clock() : peer_.typical_clock();
  ClockMap widened = map_;
  widened.bound += alarm_latency_;
  const Status taken = engine_.set_clock(widened);
  TAKT_ASSERT(taken == Status::kOk);
  // Halves that a step left behind, or repeats, are not played: the place is found anew.
  if (jumps_seen_ != peer_.clock_jumps()) drop_out(now);
  jumps_seen_ = peer_.clock_jumps();
}

/// Before `plan`, which is here, is played.
void Lockstep::guard_for(const sync::Plan& plan, LocalTime now) {
  const Score& score = shelf_.find(plan.program).value().program().pattern->score;
  guard_ = configured_guard_.value_or(score.exclusive ? Guard::kStrict : Guard::kTypical);
  clock_seen_.reset();
  take_clock(now);
}

void Lockstep::drop_out(LocalTime now) {
  if (playing_.revision == 0) return;
  playing_ = {};
  // Busy: with a realtime half that does not take what is queued.
  dropping_ = engine_.stop(now) == Status::kBusy;
  again_at(now + kRetry);
}

void Lockstep::obey(const sync::Desire& desire, LocalTime now) {
  if (dropping_) {
    dropping_ = engine_.stop(now) == Status::kBusy;
    again_at(now + kRetry);
  } else if (playing_.revision == 0) {
    if (desire.play) begin(desire, now);
  } else if (desire.play) {
    change_over(desire, now);
  } else if (desire.reason == sync::Reason::kHoldover) {
    // Softly: with the end of the half that plays. The errors would be that it ends already.
    if (until_ != SessionTime{}) static_cast<void>(engine_.stop_at_boundary(SessionTime{}, now));
    until_ = SessionTime{};
  } else if (desire.reason != sync::Reason::kInDoubt) {
    drop_out(now);
  }
}

/// Plays a plan from nothing: from its beginning, or from the place where it is by now.
void Lockstep::begin(const sync::Desire& desire, LocalTime now) {
  refusal_ = sync::Reason::kNone;
  if (is_held()) return;
  if (now < rest_until_) return again_at(rest_until_);
  const SessionTime session = map_.session_at(now);
  if (session >= desire.until) return;
  const bool has_past = desire.plan.epoch != desire.plan.effective;
  if (has_past && session < desire.plan.effective - kAhead) {
    return again_at(map_.local_at(desire.plan.effective - kAhead));
  }
  refusal_ = judge(desire.plan);
  if (refusal_ != sync::Reason::kNone) return;
  guard_for(desire.plan, now);
  SharedRun run{desire.plan.epoch};
  if (const auto shared = setting_by(desire.plan)) {
    run.setting = shared->setting;
    run.beat = shared->beat;
  }
  const Status status = engine_.start_at(run, now);
  if (status != Status::kOk) {
    if (status == Status::kBusy) again_at(now + kRetry);
    return;
  }
  playing_ = desire.plan;
  until_ = SessionTime::max();
  change_over(desire, now);
}

void Lockstep::change_over(const sync::Desire& desire, LocalTime now) {
  if (desire.plan.revision == playing_.revision && desire.until == until_) return;
  if (map_.session_at(now) < playing_.effective) {
    again_at(map_.local_at(playing_.effective));  // The engine keeps one change that is to come.
    return;
  }
  if (until_ == SessionTime::max() && engine_.has_change()) {
    return again_at(now + kRetry);  // Fed late: the change to what plays is still to come.
  }
  if (apply(desire, now) != Status::kOk) {
    // Too late to change over: end it, and join the other one where it is then.
    return drop_out(now);
  }
  playing_ = desire.plan;
  until_ = desire.until;
}

Status Lockstep::apply(const sync::Desire& desire, LocalTime now) {
  if (desire.plan.revision == playing_.revision) {
    if (desire.until == SessionTime::max()) return engine_.withdraw_change();
    const auto receipt = engine_.stop_at_boundary(desire.until, now);
    if (!receipt.ok()) return receipt.status();
    return receipt.value().boundary <= desire.until ? Status::kOk : Status::kOutOfRange;
  }
  const auto shared = setting_by(desire.plan);
  if (!shared || desire.plan.program != playing_.program) return Status::kUnsupported;
  const auto receipt = engine_.change(shared->setting, desire.plan.effective, now);
  if (!receipt.ok()) return receipt.status();
  return continues(desire.plan, receipt.value().boundary) ? Status::kOk : Status::kOutOfRange;
}

/// Whether `next`, taken at `boundary` by what plays, is where it would be had it been joined
/// later.
bool Lockstep::continues(const sync::Plan& next, SessionTime boundary) {
  sync::Plan placed = next;
  place(playing_, placed, next.effective - Micros{1});
  return boundary == next.effective && placed.effective == next.effective &&
         next.epoch == playing_.epoch && placed.parameters == next.parameters;
}

}  // namespace takt
