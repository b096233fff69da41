// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/simulated_device.h"

#include <algorithm>
#include <bit>

#include "takt/core/base/assert.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/program/codec.h"

namespace takt::sim {
namespace {

constexpr std::uint16_t kRange = 1'000;

/// Of restarts of who forgets programs.
constexpr double kForgets = 0.3;

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

Device::Device(const DeviceConfig& config, Random random, Micros length, DeviceEvents& events)
    : config_(config),
      index_(config.side),
      events_(events),
      random_(random),
      crystal_(random_.fork(), length, config.crystal_ppm) {
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
  IgnoredDiagnostics silent;
  const Result<Timeline> checked = check(builder.finish("sim", 1), silent);
  TAKT_ASSERT(checked.ok());
  timeline_ = checked.value();
  compiled_.clear();
  TextInto out{compiled_};
  encode_compiled(timeline_->program(), out);
  stored_ = compiled_;
  hash_ = sync::hash_of(compiled_);
}

TrueTime Device::true_at(LocalTime at, Deadline& latest) {
  if (at == kNever) return kNeverTrue;
  if (latest.at != at) latest = {at, crystal_.true_at(at + booted_)};
  return latest.in_truth;
}

void Device::boot(TrueTime now) {
  booted_ = crystal_.local_at(now).since_zero();
  *engine_memory_ = {EngineNeeds::of(timeline_->program()),
                     std::as_writable_bytes(std::span{engine_block_})};
  engine_.emplace(*engine_memory_, EngineConfig{.sides = static_cast<SideSet>(1U << config_.side)});
  if (config_.forgets_program && random_.chance(kForgets)) stored_.clear();
  const LocalTime local = local_at(now);
  lockstep_.emplace(LockstepConfig{peer_config(config_, ++lives_), {}, kAlarmLatency}, *engine_,
                    static_cast<ProgramShelf&>(*this), authenticator_, local);
  shown_revision_ = 0;
  shown_clock_ = 0;
  shown_settled_ = false;
  control_due_ = local;
  realtime_due_ = kNever;
  control_deadline_ = realtime_deadline_ = {};
  mail_.clear();
  frozen_until_ = {};
}

void Device::crash(TrueTime now) {
  lockstep_.reset();
  engine_.reset();
  if (percent_ != 0) events_.output(index_, now, percent_ = 0);
}

void Device::freeze(TrueTime now, TrueTime until) {
  if (!is_up()) return;
  frozen_until_ = until;
  if (percent_ != 0) events_.output(index_, now, percent_ = 0);
}

Result<Timeline> Device::find(sync::ProgramHash program) {
  if (program != hash_ || stored_.size() != compiled_.size()) return Status::kNotLoaded;
  return *timeline_;
}

std::size_t Device::read(sync::ProgramHash program, std::uint32_t offset, std::span<std::byte> to) {
  if (!find(program).ok() || offset >= stored_.size()) return 0;
  const std::string_view bytes = std::string_view{stored_}.substr(offset, to.size());
  std::ranges::copy(std::as_bytes(std::span{bytes}), to.begin());
  return bytes.size();
}

Status Device::write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
                     std::span<const std::byte> bytes) {
  if (offset != stored_.size()) return Status::kCorrupt;
  for (const std::byte byte : bytes) stored_ += static_cast<char>(byte);
  if (stored_.size() < size) return Status::kOk;
  TAKT_ASSERT(sync::hash_of(stored_) == program);
  return Status::kOk;
}

TrueTime Device::due() {
  if (!is_up()) return kNeverTrue;
  const TrueTime control = std::max(true_at(control_due_, control_deadline_), stalled_until_);
  const TrueTime realtime =
      realtime_due_ == kNever ? kNeverTrue : true_at(realtime_due_, realtime_deadline_) + lateness_;
  return std::max(std::min(control, realtime), frozen_until_);
}

void Device::run(TrueTime now) {
  const LocalTime local = local_at(now);
  if (realtime_due_ <= local) realtime(local, now);
  if (now >= stalled_until_ && control_due_ <= local) control(local, now);
}

void Device::receive(std::span<const std::byte> bytes, TrueTime now) {
  if (!is_up()) return;
  const LocalTime local = local_at(now);
  if (is_stalled(now) || is_frozen(now)) {
    if (mail_.size() == mail_.capacity()) return;
    Mail& mail = mail_.emplace_back();
    mail.at = is_frozen(now) ? kNever : local;
    mail.size = bytes.size();
    std::ranges::copy(bytes, mail.bytes.begin());
    control_due_ = std::min(control_due_, local);
    return;
  }
  lockstep_->receive(bytes, local, local);
  control(local, now);
}

void Device::command(const Bilateral& setting, TrueTime now) {
  if (!is_up()) return;
  lockstep_->command(hash_, static_cast<std::uint32_t>(compiled_.size()), setting, local_at(now));
  control_due_ = std::min(control_due_, local_at(now));
}

void Device::stop(TrueTime now) {
  if (!is_up()) return;
  lockstep_->stop(local_at(now));
  control_due_ = std::min(control_due_, local_at(now));
}

void Device::emergency_stop(TrueTime now) {
  if (!is_up()) return;
  engine_->request_emergency_stop();
  realtime(local_at(now), now);
  lockstep_->emergency_stop(local_at(now));
  control(local_at(now), now);  // The run has ended; what holds now is the stopped plan.
  lockstep_->release();
}

void Device::realtime(LocalTime now, TrueTime at) {
  const Step step = engine_->realtime().advance(now);
  realtime_due_ = step.deadline;
  lateness_ = config_.late_alarms && random_.chance(0.05) ? random_.time(Micros{0}, kAlarmLatency)
                                                          : Micros{0};
  if (!step.changed) return;
  const Program& program = timeline_->program();
  const SideOutputs& side = program.pattern->sides[config_.side];
  const unsigned percent =
      step.levels.is_on(side.motor)
          ? step.levels.analog[program.outputs[side.drive].channel] * 100U / kRange
          : 0;
  if (percent != percent_) events_.output(index_, at, percent_ = percent);
}

void Device::control(LocalTime now, TrueTime at) {
  for (const Mail& mail : mail_) {
    lockstep_->receive(std::span{mail.bytes}.first(mail.size), std::min(mail.at, now), now);
  }
  mail_.clear();
  while (!poll(now, at)) {
  }
  realtime(now, at);
}

/// Does the next thing that the peer wants; true: it waits for its deadline.
bool Device::poll(LocalTime now, TrueTime at) {
  const sync::Output output = lockstep_->poll(now);
  switch (output.kind) {
    case sync::Output::Kind::kNews: heed_news(at); return false;
    case sync::Output::Kind::kDatagram:
      events_.send(index_, at, output.datagram.view());
      return false;
    case sync::Output::Kind::kDeadline: control_due_ = output.deadline; return true;
  }
  return true;
}

void Device::heed_news(TrueTime at) {
  if (config_.mutation == Mutation::kGuard) {
    ClockMap certain = peer().clock();
    certain.bound = {};
    certain.growth_ppb = 0;
    const Status taken = engine_->set_clock(certain);
    TAKT_ASSERT(taken == Status::kOk);
  }
  show(at);
}

void Device::show(TrueTime at) {
  if (peer().clock_changes() != shown_clock_ || peer().settled() != shown_settled_) {
    shown_clock_ = peer().clock_changes();
    shown_settled_ = peer().settled();
    events_.believed(index_, at);
  }
  const sync::Plan& plan = lockstep_->playing();
  if (plan.revision == shown_revision_) return;
  shown_revision_ = plan.revision;
  events_.planned(index_, at, plan);
}

}  // namespace takt::sim
