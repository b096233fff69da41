// SPDX-License-Identifier: Apache-2.0
#include "core/engine/joint_play.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/program/bilateral_rules.h"

namespace takt {
namespace {

/// How soon to try again what the realtime half still stands in the way of.
constexpr Micros kSoon = millis(2);

/// How long before its effect a plan is begun that has a beat before it.
constexpr Micros kAhead = EngineConfig{}.look_ahead / 2;

constexpr std::uint8_t kSettingBytes = 9;

}  // namespace

sync::Parameters parameters_of(const Bilateral& setting) {
  sync::Parameters parameters;
  const auto cycle_us = static_cast<std::uint32_t>(setting.cycle.count());
  for (std::size_t i = 0; i < 4; ++i) {
    parameters.bytes[i] = static_cast<std::byte>(cycle_us >> (8 * i));
  }
  parameters.bytes[4] = std::byte{setting.duty_percent};
  parameters.bytes[5] = std::byte{setting.look.intensity};
  parameters.bytes[6] = std::byte{setting.look.brightness};
  parameters.bytes[7] = std::byte{setting.look.colour};
  parameters.bytes[8] = static_cast<std::byte>(setting.alternate_direction);
  parameters.size = kSettingBytes;
  return parameters;
}

std::optional<Bilateral> setting_of(const sync::Parameters& parameters) {
  if (parameters.size != kSettingBytes) return std::nullopt;
  const auto byte = [&parameters](std::size_t i) {
    return std::to_integer<std::uint8_t>(parameters.bytes[i]);
  };
  std::uint32_t cycle_us = 0;
  for (std::size_t i = 0; i < 4; ++i) cycle_us |= std::uint32_t{byte(i)} << (8 * i);
  Bilateral setting;
  setting.cycle = Micros{cycle_us};
  setting.duty_percent = byte(4);
  setting.look = {byte(5), byte(6), byte(7)};
  setting.alternate_direction = byte(8) != 0;
  return setting;
}

Status JointPlay::load(const Timeline& timeline, sync::ProgramHash hash) {
  if (playing_.revision != 0) return Status::kBusy;
  if (timeline.program().pattern == nullptr) return Status::kUnsupported;
  if (const Status status = engine_.load(timeline); status != Status::kOk) return status;
  timeline_ = timeline;
  hash_ = hash;
  return Status::kOk;
}

sync::Reason JointPlay::judge(const sync::Plan& plan) const {
  if (!timeline_ || plan.program != hash_) return sync::Reason::kNoProgram;
  if (plan.parameters.size == 0) return sync::Reason::kNone;
  const std::optional<Bilateral> setting = setting_of(plan.parameters);
  const bool refused = !setting || refusal_of(*setting, timeline_->program());
  return refused ? sync::Reason::kRefused : sync::Reason::kNone;
}

void JointPlay::place(const sync::Plan& current, sync::Plan& next, SessionTime earliest) const {
  TAKT_ASSERT(timeline_);
  Score score = timeline_->program().pattern->score;
  if (const auto setting = setting_by(current)) {
    score.segments = {};
    score.bilateral = *setting;
  }
  const Micros boundary = half_at(score, std::max(earliest - current.epoch, Micros{0})).end;
  const Half coming = half_at(score, boundary);
  next.effective = current.epoch + boundary;
  const auto setting = setting_by(next);
  next.epoch =
      setting ? next.effective - lead_in(setting->cycle, coming.active == kRightSide, coming.odd)
              : current.epoch;
}

/// What the plan's parameters say, or the program; nothing for a program of segments as written.
std::optional<Bilateral> JointPlay::setting_by(const sync::Plan& plan) const {
  if (const auto setting = setting_of(plan.parameters)) return setting;
  const Pattern& pattern = *timeline_->program().pattern;
  return pattern.is_bilateral() ? std::optional{pattern.score.bilateral} : std::nullopt;
}

LocalTime JointPlay::follow(const sync::Peer& peer, LocalTime now) {
  due_ = kNever;
  take_clock(peer);
  if (!obey(peer.desire(now), now)) return due_;
  const LocalTime feed = engine_.feed(now);
  if (feed == kNever) {
    playing_ = {};  // It ended: at a boundary that was agreed on, or by a fault.
    again_at(now + kSoon);
  }
  again_at(feed);
  return due_;
}

void JointPlay::take_clock(const sync::Peer& peer) {
  if (clock_seen_ == peer.clock_changes()) return;
  clock_seen_ = peer.clock_changes();
  map_ = peer.clock();
  ClockMap widened = map_;
  widened.bound += alarm_latency_;
  TAKT_ASSERT(engine_.set_clock(widened) == Status::kOk);
}

/// True: something plays.
bool JointPlay::obey(const sync::Desire& desire, LocalTime now) {
  if (playing_.revision == 0) {
    if (desire.play) begin(desire, now);
  } else if (desire.play) {
    change_over(desire, now);
  } else if (desire.reason == sync::Reason::kHoldover) {
    // Softly: with the end of the half that plays. The errors would be that it ends already.
    if (until_ != SessionTime{}) static_cast<void>(engine_.stop_at_boundary(SessionTime{}, now));
    until_ = SessionTime{};
  } else if (desire.reason != sync::Reason::kInDoubt) {
    static_cast<void>(engine_.stop(now));
    playing_ = {};
  }
  return playing_.revision != 0;
}

/// Plays a plan from nothing: from its beginning, or from the place where it is by now.
void JointPlay::begin(const sync::Desire& desire, LocalTime now) {
  const SessionTime session = map_.session_at(now);
  const bool has_past = desire.plan.epoch != desire.plan.effective;
  if (!timeline_ || desire.plan.program != hash_ || session >= desire.until) return;
  if (has_past && session < desire.plan.effective - kAhead) {
    again_at(map_.local_at(desire.plan.effective - kAhead));
    return;
  }
  const Status status = engine_.start_at(desire.plan.epoch, now, setting_by(desire.plan));
  if (status != Status::kOk) {
    if (status == Status::kBusy) again_at(now + kSoon);
    return;
  }
  playing_ = desire.plan;
  until_ = SessionTime::max();
  change_over(desire, now);
}

void JointPlay::change_over(const sync::Desire& desire, LocalTime now) {
  const bool other = desire.plan.revision != playing_.revision;
  if (!other && desire.until == until_) return;
  if (map_.session_at(now) < playing_.effective) {
    again_at(map_.local_at(playing_.effective));  // The engine keeps one change that is to come.
    return;
  }
  if (apply(desire, other, now) != Status::kOk) {
    // Too late to change over: end it, and join the other one where it is then.
    static_cast<void>(engine_.stop(now));
    playing_ = {};
    again_at(now + kSoon);
    return;
  }
  playing_ = desire.plan;
  until_ = desire.until;
}

Status JointPlay::apply(const sync::Desire& desire, bool other, LocalTime now) {
  if (!other && desire.until != SessionTime::max()) {
    return engine_.stop_at_boundary(desire.until, now).status();
  }
  const auto setting = setting_by(desire.plan);
  // Segments are nothing to change to, and so nothing that would undo a stop.
  if (!setting) return Status::kUnsupported;
  const SessionTime from = other ? desire.plan.effective : SessionTime{};
  const auto receipt = engine_.change(*setting, from, now);
  if (!receipt.ok()) return receipt.status();
  return !other || continues(desire.plan, receipt.value().boundary) ? Status::kOk
                                                                    : Status::kOutOfRange;
}

/// Whether `next`, taken at `boundary` by what plays, is where it would be had it been joined
/// later.
bool JointPlay::continues(const sync::Plan& next, SessionTime boundary) const {
  sync::Plan placed = next;
  place(playing_, placed, next.effective - Micros{1});
  return boundary == next.effective && placed.effective == next.effective &&
         placed.epoch == next.epoch;
}

}  // namespace takt
