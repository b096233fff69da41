// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/device.h"

#include <algorithm>
#include <bit>

#include "core/base/assert.h"
#include "core/program/bilateral_rules.h"
#include "core/program/diagnostic.h"

namespace takt::sim {
namespace {

constexpr std::uint16_t kRange = 1'000;

/// How soon a device tries again what cannot be done at once.
constexpr Micros kSoon = millis(2);

struct Silent final : DiagnosticSink {
  void report(const Diagnostic& /*diagnostic*/) override {}
};

sync::PeerConfig peer_config(const DeviceConfig& config, std::uint32_t life) {
  sync::PeerConfig peer;
  peer.id = config.side + 1U;
  peer.life = life;
  peer.side = config.side;
  peer.pace = config.pace;
  peer.wait_for_offline = true;
  peer.protections.two_phase = config.mutation != Mutation::kTwoPhase;
  peer.protections.replay_check = config.mutation != Mutation::kReplayCheck;
  peer.protections.bound_growth = config.mutation != Mutation::kBoundGrowth;
  return peer;
}

}  // namespace

sync::Parameters parameters_of(const Bilateral& setting) {
  sync::Parameters parameters;
  const auto cycle_ms = static_cast<std::uint32_t>(setting.cycle.count() / 1'000);
  parameters.bytes[0] = static_cast<std::byte>(cycle_ms & 0xFFU);
  parameters.bytes[1] = static_cast<std::byte>(cycle_ms >> 8U);
  parameters.bytes[2] = static_cast<std::byte>(setting.duty_percent);
  parameters.bytes[3] = static_cast<std::byte>(setting.look.intensity);
  parameters.size = 4;
  return parameters;
}

std::optional<Bilateral> setting_of(const sync::Parameters& parameters) {
  if (parameters.size != 4) return std::nullopt;
  const auto byte = [&parameters](std::size_t i) {
    return std::to_integer<std::uint8_t>(parameters.bytes[i]);
  };
  Bilateral setting;
  setting.cycle = millis(byte(0) | byte(1) << 8U);
  setting.duty_percent = byte(2);
  setting.look.intensity = byte(3);
  return setting;
}

AuthTag QuickAuthenticator::tag_of(std::span<const std::byte> message) {
  std::uint64_t state = 0x243F'6A88'85A3'08D3U ^ message.size();
  for (std::size_t i = 0; i < message.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, message.data() + i, std::min<std::size_t>(8, message.size() - i));
    state = (state ^ word) * 0x9E37'79B9'7F4A'7C15U;
    state ^= state >> 32U;
  }
  return std::bit_cast<AuthTag>(state);
}

Device::Device(const DeviceConfig& config, Random random, Micros length, Witness& witness)
    : config_(config),
      index_(config.side),
      witness_(witness),
      random_(random),
      crystal_(random_.fork(), length) {
  build_program();
  const EngineNeeds needs = EngineNeeds::of(timeline_->program());
  const std::size_t blocks = needs.bytes() / sizeof(std::max_align_t) + 1;
  engine_block_.resize(blocks);
  engine_memory_ =
      std::make_unique<EngineMemory>(needs, std::as_writable_bytes(std::span{engine_block_}));
  mail_.reserve(64);
}

/// Two motors with drives that exclude each other, for 90 minutes.
void Device::build_program() {
  ProgramSize size;
  size.outputs = 4;
  size.interlocks = 1;
  size.phases = 1;
  size.patterns = 1;
  size.text_bytes = 8;
  program_block_.resize(size.bytes() / sizeof(std::max_align_t) + 1);
  ProgramBuilder builder{size, std::as_writable_bytes(std::span{program_block_})};
  for (std::uint8_t i = 0; i < 4; ++i) {
    Output& output = builder.add_output();
    output.id = builder.add_text(std::string_view{"lLrR"}.substr(i, 1));
    if (i % 2 == 0) continue;
    output.kind = OutputKind::kAnalog;
    output.range = kRange;
    output.channel = i / 2;
  }
  Pattern& pattern = builder.add_pattern();
  pattern.sides[0].motor = 0;
  pattern.sides[0].drive = 1;
  pattern.sides[1].motor = 2;
  pattern.sides[1].drive = 3;
  pattern.length = kMaxSession;
  pattern.score.exclusive = true;
  pattern.score.bilateral.look.intensity = 60;
  Interlock& interlock = builder.add_interlock();
  interlock.outputs = 5;
  interlock.dead_time = pattern.score.dead_time;
  builder.add_phase().name = builder.add_text("p");
  Silent silent;
  const Result<Timeline> checked = check(builder.finish("sim", 1), silent);
  TAKT_ASSERT(checked.ok());
  timeline_ = checked.value();
  pattern_ = builder.patterns().data();
}

TrueTime Device::true_at(LocalTime at) const {
  return at == kNever ? kNeverTrue : crystal_.true_at(at + booted_);
}

void Device::boot(TrueTime now) {
  booted_ = crystal_.local_at(now).since_zero();
  *engine_memory_ = {EngineNeeds::of(timeline_->program()),
                     std::as_writable_bytes(std::span{engine_block_})};
  engine_.emplace(*engine_memory_, EngineConfig{.sides = static_cast<SideSet>(1U << config_.side)});
  const LocalTime local = local_at(now);
  peer_.emplace(peer_config(config_, ++lives_), authenticator_, static_cast<sync::Host&>(*this),
                local);
  playing_ = {};
  until_ = SessionTime::max();
  map_ = peer_->clock();
  clock_seen_ = ~0U;
  control_due_ = local;
  realtime_due_ = kNever;
  mail_.clear();
}

void Device::crash(TrueTime now) {
  peer_.reset();
  engine_.reset();
  if (percent_ != 0) witness_.output(index_, now, percent_ = 0);
}

TrueTime Device::due() const {
  if (!is_up()) return kNeverTrue;
  const TrueTime control = std::max(true_at(control_due_), stalled_until_);
  const TrueTime realtime =
      realtime_due_ == kNever ? kNeverTrue : true_at(realtime_due_) + lateness_;
  return std::min(control, realtime);
}

void Device::run(TrueTime now) {
  const LocalTime local = local_at(now);
  if (realtime_due_ <= local) realtime(local, now);
  if (now >= stalled_until_ && control_due_ <= local) control(local, now);
}

void Device::receive(std::span<const std::byte> bytes, TrueTime now) {
  if (!is_up()) return;
  const LocalTime local = local_at(now);
  if (now < stalled_until_) {
    if (mail_.size() == mail_.capacity()) return;
    Mail& mail = mail_.emplace_back();
    mail.at = local;
    mail.size = bytes.size();
    std::ranges::copy(bytes, mail.bytes.begin());
    control_due_ = std::min(control_due_, local);
    return;
  }
  peer_->receive(bytes, local, local);
  control(local, now);
}

void Device::command(const Bilateral& setting, TrueTime now) {
  if (!is_up()) return;
  sync::Plan plan;
  plan.program = kProgram;
  plan.parameters = parameters_of(setting);
  peer_->command(plan, local_at(now));
  control_due_ = std::min(control_due_, local_at(now));
}

void Device::stop(TrueTime now) {
  if (!is_up()) return;
  peer_->stop(local_at(now));
  control_due_ = std::min(control_due_, local_at(now));
}

void Device::emergency_stop(TrueTime now) {
  if (!is_up()) return;
  engine_->request_emergency_stop();
  realtime(local_at(now), now);
  stop(now);
}

void Device::realtime(LocalTime now, TrueTime at) {
  const Step step = engine_->realtime().advance(now);
  realtime_due_ = step.deadline;
  lateness_ = config_.late_alarms && random_.chance(0.05) ? random_.time(Micros{0}, kAlarmLatency)
                                                          : Micros{0};
  if (!step.changed) return;
  const SideOutputs& side = pattern_->sides[config_.side];
  const unsigned percent =
      step.levels.is_on(side.motor)
          ? step.levels.analog[timeline_->program().outputs[side.drive].channel] * 100U / kRange
          : 0;
  if (percent != percent_) witness_.output(index_, at, percent_ = percent);
}

void Device::control(LocalTime now, TrueTime at) {
  for (const Mail& mail : mail_) {
    peer_->receive(std::span{mail.bytes}.first(mail.size), mail.at, now);
  }
  mail_.clear();
  control_due_ = peer_->run(now);
  take_clock();
  obey(peer_->desire(now), now, at);
  sync::Datagram datagram;
  while (peer_->take_datagram(datagram, now)) witness_.send(index_, at, datagram.view());
  if (playing_.revision != 0) {
    const LocalTime feed = engine_->feed(now);
    if (feed == kNever) {
      playing_ = {};  // It ended, at a boundary that was wished for or by a fault.
      control_due_ = std::min(control_due_, now + kSoon);
    }
    control_due_ = std::min(control_due_, feed);
  }
  realtime(now, at);
}

void Device::take_clock() {
  if (peer_->clock_changes() == clock_seen_) return;
  clock_seen_ = peer_->clock_changes();
  map_ = peer_->clock();
  ClockMap map = map_;
  map.bound = config_.mutation == Mutation::kGuard ? Micros{0} : map.bound + kAlarmLatency;
  if (config_.mutation == Mutation::kGuard) map.growth_ppb = 0;
  TAKT_ASSERT(engine_->set_clock(map) == Status::kOk);
}

void Device::obey(const sync::Desire& desire, LocalTime now, TrueTime at) {
  if (playing_.revision == 0) {
    if (desire.play) begin(desire, now);
    return;
  }
  if (desire.play) {
    follow_plan(desire, now);
    return;
  }
  if (desire.reason == sync::Reason::kHoldover) {
    if (until_ != SessionTime{}) {
      static_cast<void>(engine_->stop_at_boundary(until_ = SessionTime{}, now));
    }
    return;
  }
  if (desire.reason == sync::Reason::kInDoubt) return;  // It ends where it was told to.
  static_cast<void>(engine_->stop(now));
  playing_ = {};
  realtime(now, at);
}

/// Plays a plan from nothing: from its beginning, or from the place where it is now.
void Device::begin(const sync::Desire& desire, LocalTime now) {
  const SessionTime session = map_.session_at(now);
  const bool begins = desire.plan.epoch == desire.plan.effective;
  if (!begins && session < desire.plan.effective - EngineConfig{}.look_ahead / 2) {
    control_due_ = std::min(control_due_,
                            map_.local_at(desire.plan.effective - EngineConfig{}.look_ahead / 2));
    return;
  }
  if (session >= desire.until) return;
  const std::optional<Bilateral> setting = setting_of(desire.plan.parameters);
  if (!setting) return;
  pattern_->score.bilateral = *setting;
  engine_->release_emergency_stop();
  if (engine_->load(*timeline_) != Status::kOk ||
      engine_->start_at(desire.plan.epoch, now) != Status::kOk) {
    control_due_ = std::min(control_due_, now + kSoon);
    return;
  }
  playing_ = desire.plan;
  until_ = SessionTime::max();
  witness_.planned(index_, desire.plan);
  follow_plan(desire, now);
}

/// Whether `next`, taken at `boundary` by what plays, is where it would be had it been joined
/// later.
bool Device::continues(const sync::Plan& next, SessionTime boundary) {
  sync::Plan placed = next;
  place(playing_, placed, next.effective - Micros{1});
  return boundary == next.effective && placed.effective == next.effective &&
         placed.epoch == next.epoch;
}

/// Brings what plays in line with the desire, at the boundaries it names.
void Device::follow_plan(const sync::Desire& desire, LocalTime now) {
  const bool other = desire.plan.revision != playing_.revision;
  if (!other && desire.until == until_) return;
  if (map_.session_at(now) < playing_.effective) {
    // The engine has room for one change that is still to come.
    control_due_ = std::min(control_due_, map_.local_at(playing_.effective));
    return;
  }
  const Bilateral setting = *setting_of(desire.plan.parameters);
  Status status = Status::kOk;
  if (desire.until != SessionTime::max() && !other) {
    status = engine_->stop_at_boundary(desire.until, now).status();
  } else {
    const SessionTime from = other ? desire.plan.effective : SessionTime{};
    const auto receipt = engine_->change(setting, from, now);
    status = receipt.status();
    if (receipt.ok() && other && !continues(desire.plan, receipt.value().boundary)) {
      status = Status::kOutOfRange;
    }
  }
  if (status != Status::kOk) {
    // Too late to change over: end it, and join the other one where it is by then.
    static_cast<void>(engine_->stop(now));
    playing_ = {};
    control_due_ = std::min(control_due_, now + kSoon);
    return;
  }
  if (other) witness_.planned(index_, desire.plan);
  playing_ = desire.plan;
  until_ = desire.until;
}

sync::Reason Device::judge(const sync::Plan& plan) {
  if (plan.program != kProgram) return sync::Reason::kNoProgram;
  const std::optional<Bilateral> setting = setting_of(plan.parameters);
  if (!setting || refusal_of(*setting, timeline_->program())) return sync::Reason::kRefused;
  return sync::Reason::kNone;
}

void Device::place(const sync::Plan& current, sync::Plan& next, SessionTime earliest) {
  Score score = pattern_->score;
  score.bilateral = *setting_of(current.parameters);
  const Half half = half_at(score, earliest - current.epoch);
  next.effective = current.epoch + half.end;
  const Half coming = half_at(score, half.end);
  next.epoch =
      next.effective - lead_in(setting_of(next.parameters)->cycle, coming.second, coming.odd);
}

}  // namespace takt::sim
