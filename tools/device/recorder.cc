// SPDX-License-Identifier: Apache-2.0
#include "tools/device/recorder.h"

#include <algorithm>
#include <utility>

namespace takt {
namespace {

constexpr double kBillion = 1e9;

/// A full pulse with perfect clocks; of segments, nothing that one number could say.
Micros pulse_of(const SharedSetting& shared, const Pattern& pattern) {
  const Micros half = shared.setting.cycle / 2;
  const Micros on = half * shared.setting.duty_percent / 100;
  return std::min(on, half - pattern.score.dead_time);
}

}  // namespace

sim::TrueTime Recorder::now() { return sim::TrueTime{Micros{LinuxClock::nanoseconds() / 1'000}}; }

Status Recorder::open(const std::string& path, std::uint8_t side) {
  if (const Status status = file_.open(path); status != Status::kOk) return status;
  open_ = true;
  file_.append(sim::kRecordHeader);
  add(now(), sim::Booted{side});
  return Status::kOk;
}

sim::Believed Recorder::belief_of(const sync::Peer& peer, LocalTime now) const {
  const ClockMap map = peer.clock();
  const double rate = speed_ * (1 + map.rate_ppb / kBillion) - 1;
  return {map.session_at(now), static_cast<std::int32_t>(rate * kBillion), map.bound_at(now),
          map.growth_ppb, peer.settled()};
}

void Recorder::note(const Lockstep& lockstep, const Engine& engine, Micros latest,
                    std::uint32_t lost, LocalTime now) {
  if (!open_) return;
  const sync::Peer& peer = lockstep.peer();
  const sim::TrueTime at{Micros{clock_.nanoseconds_at(now) / 1'000}};
  if (clock_seen_ != peer.clock_changes() || settled_ != peer.settled()) {
    clock_seen_ = peer.clock_changes();
    settled_ = peer.settled();
    add(at, belief_of(peer, now));
  }
  const sync::Plan& plan = lockstep.playing();
  if (plan.revision != revision_) {
    revision_ = plan.revision;
    sim::Planned planned;
    planned.revision = plan.revision;
    if (plan.revision != 0) {
      const Pattern& pattern = *engine.timeline()->program().pattern;
      const auto shared = lockstep.setting_by(plan);
      planned = {plan.revision,
                 plan.program,
                 plan.epoch,
                 plan.effective,
                 shared ? pulse_of(*shared, pattern) : Micros{0},
                 pattern.score.exclusive};
    }
    add(at, planned);
  }
  const sync::PeerStatus peers = peer.status(now);
  const sim::Stated stated{peers.role,
                           lockstep.reason(now),
                           static_cast<std::uint32_t>(peers.heard),
                           engine.status(now).silenced,
                           latest,
                           lost};
  if (stated_ == stated) return;
  stated_ = stated;
  add(at, stated);
}

void Recorder::heard() {
  if (open_) add(now(), sim::Heard{});
}

void Recorder::switched(bool on, std::int64_t at_ns) {
  if (open_) add(sim::TrueTime{Micros{at_ns / 1'000}}, sim::Switched{on});
}

Status Recorder::write(bool all) {
  if (!open_) return Status::kOk;
  std::ranges::stable_sort(entries_, {}, &sim::Entry::at);
  const sim::TrueTime until = all ? sim::kNeverTrue : now() - kHeldBack;
  const auto end = std::ranges::find_if(
      entries_, [until](const sim::Entry& entry) { return entry.at >= until; });
  for (auto entry = entries_.begin(); entry != end; ++entry) {
    // A half that lost the processor while it noted something is late; time does not go back.
    written_ = std::max(written_, entry->at);
    file_.append(sim::line_of({written_, entry->event}));
  }
  entries_.erase(entries_.begin(), end);
  file_.flush();
  return file_.status();
}

}  // namespace takt
