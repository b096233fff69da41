// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/session.h"

#include <algorithm>

namespace takt::sim {
namespace {

constexpr std::array<std::string_view, 3> kNames{"none", "typical", "all"};

/// The end of a session is left in peace, so that what recovers has the time for it.
constexpr Micros kPeace = seconds(100);

constexpr Micros kSamples = seconds(1);

/// What the attacker keeps: from most of a session, and so from earlier lives of the devices.
constexpr std::size_t kRecordings = 1'024;

/// Over which the rate of a clock is measured, for observers.
constexpr Micros kRateSpan = seconds(10);

/// How long a full one is, with perfect clocks.
Micros pulse_of(const Bilateral& setting) {
  const Micros half = setting.cycle / 2;
  return std::min(half * setting.duty_percent / 100, half - Referee::kDeadTime);
}

class Session final : private DeviceEvents {
 public:
  Session(const SessionConfig& config, Observer* observer);

  Outcome run();

 private:
  /// Something that happens to the world at a moment.
  struct Incident {
    enum class Kind : std::uint8_t {
      kBoot,
      kCrash,
      kStall,
      kFreeze,
      kThaw,
      kCut,
      kHeal,
      kCongest,
      kCommand,
      kStop,
      kEmergency,
      kReplay,
      kForge,
    };
    TrueTime at;
    Kind kind = Kind::kBoot;
    std::size_t device = 0;
    Micros amount;
  };
  /// What the attacker has heard.
  struct Recording {
    std::size_t to = 0;
    std::size_t size = 0;
    std::array<std::byte, sync::kMaxDatagram> bytes;
  };

  void plan_user(Random random);
  void plan_typical(Random random);
  void plan_all(Random random);
  void plan_freezes(Random random);
  void add(Incident::Kind kind, TrueTime at, std::size_t device = 0, Micros amount = {});
  template <typename Make>
  void often(Random& random, Micros every, Make make);

  void happen(const Incident& incident);
  void look(TrueTime now);
  void keep_going(TrueTime now);
  void heard(std::size_t device, TrueTime at);
  void deliver();
  void expect_stop(const Incident& incident);
  void hear_of_stop(std::size_t device, TrueTime sent);
  void judge_end();
  Bilateral next_setting();
  std::array<Belief, 2> beliefs(TrueTime at) const;

  void output(std::size_t device, TrueTime at, unsigned percent) override;
  void send(std::size_t device, TrueTime at, std::span<const std::byte> bytes) override;
  void planned(std::size_t device, TrueTime at, const sync::Plan& plan) override;
  void believed(std::size_t device, TrueTime at) override;

  const SessionConfig config_;
  Observer* const observer_;
  Random random_;
  Link link_;
  std::array<std::optional<Device>, 2> devices_;
  Referee referee_;
  std::vector<Incident> incidents_;  ///< By time.
  std::vector<Recording> recordings_{kRecordings};
  std::size_t recorded_ = 0;
  std::uint32_t commands_ = 0;
  bool wanted_ = false;                             ///< The user wants it to play.
  std::array<std::optional<TrueTime>, 2> stopped_;  ///< And nobody heard of it from there yet.
  TrueTime idle_since_;
  double settle_s_ = -1;
};

Session::Session(const SessionConfig& config, Observer* observer)
    : config_(config),
      observer_(observer),
      random_(config.seed * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(config.link)),
      link_(config.link, config.faults != Faults::kNone, config.faults == Faults::kAll ? 0.002 : 0,
            random_.fork()) {
  for (std::uint8_t side = 0; side < 2; ++side) {
    DeviceConfig device{side,
                        pace_of(config.link),
                        config.mutation,
                        config.faults != Faults::kNone,
                        config.faults == Faults::kAll && side == 1,
                        config.faults == Faults::kAll ? 48.0 : 20.0};
    devices_[side].emplace(device, random_.fork(), config.length,
                           static_cast<DeviceEvents&>(*this));
    add(Incident::Kind::kBoot, TrueTime{random_.time(Micros{0}, seconds(1))}, side);
  }
  plan_user(random_.fork());
  if (config.faults != Faults::kNone) plan_typical(random_.fork());
  if (config.faults == Faults::kAll) {
    plan_all(random_.fork());
    plan_freezes(Random{~config.seed}.fork());
  }
  std::ranges::stable_sort(incidents_, {}, &Incident::at);
}

void Session::add(Incident::Kind kind, TrueTime at, std::size_t device, Micros amount) {
  incidents_.push_back({at, kind, device, amount});
}

/// Calls make(when) at random times with a mean distance, up to where peace begins.
template <typename Make>
void Session::often(Random& random, Micros every, Make make) {
  const TrueTime end{config_.length - kPeace};
  for (TrueTime at{seconds(5) + random.exponential(every)}; at < end;
       at += random.exponential(every)) {
    make(at);
  }
}

void Session::plan_user(Random random) {
  add(Incident::Kind::kCommand, TrueTime{random.time(Micros{0}, seconds(10))}, random.below(2));
  often(random, seconds(45),
        [&](TrueTime at) { add(Incident::Kind::kCommand, at, random.below(2)); });
  often(random, seconds(300), [&](TrueTime at) {
    const bool emergency = random.chance(0.5);
    add(emergency ? Incident::Kind::kEmergency : Incident::Kind::kStop, at, random.below(2));
    add(Incident::Kind::kCommand, at + random.time(millis(500), seconds(10)), random.below(2));
  });
}

void Session::plan_typical(Random random) {
  often(random, seconds(200), [&](TrueTime at) {
    const Micros length = random.exponential(seconds(4));
    for (std::size_t way = 0; way < 2; ++way) {
      add(Incident::Kind::kCut, at, way);
      add(Incident::Kind::kHeal, at + length, way);
    }
  });
  often(random, seconds(200), [&](TrueTime at) {
    add(Incident::Kind::kStall, at, random.below(2), random.time(millis(1), millis(300)));
  });
}

void Session::plan_all(Random random) {
  often(random, seconds(400), [&](TrueTime at) {
    const Micros length = random.chance(0.15) ? random.time(seconds(100), seconds(200))
                                              : random.exponential(seconds(25));
    const bool both = random.chance(0.6);
    for (std::size_t way = 0; way < 2; ++way) {
      if (!both && way != static_cast<std::size_t>(at.since_zero().count() % 2)) continue;
      add(Incident::Kind::kCut, at, way);
      add(Incident::Kind::kHeal, std::min(at + length, TrueTime{config_.length - kPeace}), way);
    }
  });
  often(random, seconds(600), [&](TrueTime at) {
    const bool both = random.chance(0.2);
    const std::size_t first = random.below(2);
    for (std::size_t i = 0; i < (both ? 2U : 1U); ++i) {
      const std::size_t device = (first + i) % 2;
      const TrueTime from = at + random.time(Micros{0}, millis(500) * static_cast<int>(i));
      add(Incident::Kind::kCrash, from, device);
      add(Incident::Kind::kBoot, from + random.time(millis(200), seconds(20)), device);
    }
  });
  often(random, seconds(300), [&](TrueTime at) {
    const std::size_t way = random.below(2);
    add(Incident::Kind::kCongest, at, way, random.time(millis(1), millis(60)));
    const TrueTime end = at + random.exponential(seconds(30));
    add(Incident::Kind::kCongest, std::min(end, TrueTime{config_.length - kPeace}), way, Micros{0});
  });
  if (random.chance(0.5)) {
    often(random, seconds(2), [&](TrueTime at) {
      add(random.chance(0.8) ? Incident::Kind::kReplay : Incident::Kind::kForge, at,
          random.below(2));
    });
  }
}

/// Somebody halts a process or a chip, for a moment or for minutes.
void Session::plan_freezes(Random random) {
  const TrueTime end{config_.length - kPeace};
  often(random, seconds(1'200), [&](TrueTime at) {
    const Micros length = random.exponential(random.chance(0.5) ? seconds(1) : seconds(60));
    const std::size_t device = random.below(2);
    const Micros halted = std::min(length, end - at);
    add(Incident::Kind::kFreeze, at, device, halted);
    add(Incident::Kind::kThaw, at + halted, device);
  });
}

Bilateral Session::next_setting() {
  Bilateral setting;
  // Each intensity in turn: it names the command. 1 Hz is what most sessions have.
  setting.look.intensity = static_cast<std::uint8_t>(30 + commands_++ % 51);
  setting.cycle = random_.chance(0.6) ? seconds(1) : millis(500 + random_.below(16) * 100);
  // A bound of 50 ms would leave nothing of the shortest pulses.
  setting.duty_percent = random_.chance(0.7) ? 100 : config_.link == LinkKind::kBle ? 80 : 40;
  return setting;
}

std::array<Belief, 2> Session::beliefs(TrueTime at) const {
  std::array<Belief, 2> beliefs;
  for (std::size_t i = 0; i < 2; ++i) {
    const Device& device = *devices_[i];
    if (!device.is_up()) continue;
    beliefs[i].session = device.session_at(at);
    beliefs[i].bound = device.bound_at(at);
    beliefs[i].joined = beliefs[i].bound < Belief::kJoinedBound;
    beliefs[i].settled = device.settled();
  }
  return beliefs;
}

void Session::output(std::size_t device, TrueTime at, unsigned percent) {
  referee_.output(device, at, percent, beliefs(at));
  if (observer_ != nullptr) observer_->output(device, at, percent);
}

void Session::send(std::size_t device, TrueTime at, std::span<const std::byte> bytes) {
  link_.send(static_cast<std::uint8_t>(device), bytes, at);
  if (observer_ != nullptr) observer_->message(1 - device, at, true);
}

void Session::planned(std::size_t device, TrueTime at, const sync::Plan& plan) {
  Micros pulse;
  if (plan.revision != 0) {
    const Bilateral setting = shared_setting_of(plan.parameters)->setting;
    pulse = pulse_of(setting);
    referee_.planned(setting.look.intensity, plan, pulse, true);
  }
  if (observer_ == nullptr) return;
  observer_->planned(device, at,
                     {plan.revision, plan.program, plan.epoch, plan.effective, pulse, true});
}

void Session::believed(std::size_t device, TrueTime at) {
  if (observer_ == nullptr) return;
  const Device& believer = *devices_[device];
  const SessionTime session = believer.session_at(at);
  const Micros gained = believer.session_at(at + kRateSpan) - session - kRateSpan;
  const std::int64_t rate_ppb = gained.count() * 1'000'000'000 / kRateSpan.count();
  observer_->clock(device, at,
                   {session, static_cast<std::int32_t>(rate_ppb), believer.bound_at(at),
                    believer.growth_ppb(), believer.settled()});
}

void Session::heard(std::size_t device, TrueTime at) {
  if (observer_ != nullptr) observer_->message(device, at, false);
  referee_.heard(device, at);
}

void Session::deliver() {
  const Flight& flight = link_.take();
  if (config_.faults == Faults::kAll && random_.chance(0.1)) {
    Recording& recording = recordings_[recorded_++ % recordings_.size()];
    recording.to = flight.to;
    recording.size = flight.size;
    recording.bytes = flight.bytes;
  }
  // What arrives at a halted device is heard when it reads it.
  if (!devices_[flight.to]->is_frozen(flight.arrives)) heard(flight.to, flight.arrives);
  // The answers to it may take its place.
  const std::size_t to = flight.to;
  const TrueTime sent = flight.sent;
  const TrueTime at = flight.arrives;
  Device& device = *devices_[to];
  const bool was_up = device.is_up() && !device.is_stalled(at) && !device.is_frozen(at);
  const std::uint32_t rejected = was_up ? device.status(at).rejected : 0;
  device.receive(flight.view(), at);
  if (was_up && device.status(at).rejected == rejected) hear_of_stop(to, sent);
}

void Session::expect_stop(const Incident& incident) {
  if (devices_[incident.device]->is_up()) stopped_[incident.device] = incident.at;
}

/// The first word that a device takes from one that has stopped stops it too.
void Session::hear_of_stop(std::size_t device, TrueTime sent) {
  std::optional<TrueTime>& stopped = stopped_[1 - device];
  if (!stopped || sent < *stopped) return;
  stopped.reset();
  if (referee_.is_on(device)) ++referee_.verdict().slow_stops;
}

void Session::happen(const Incident& incident) {
  Device& device = *devices_[incident.device];
  const bool is_order = incident.kind == Incident::Kind::kCommand ||
                        incident.kind == Incident::Kind::kStop ||
                        incident.kind == Incident::Kind::kEmergency;
  if (is_order && device.is_frozen(incident.at)) return;
  switch (incident.kind) {
    case Incident::Kind::kBoot:
      if (device.is_up()) break;
      device.boot(incident.at);
      if (observer_ != nullptr) observer_->booted(incident.device, incident.at);
      break;
    case Incident::Kind::kCrash:
      if (!device.is_up()) break;
      device.crash(incident.at);
      stopped_[incident.device].reset();
      if (observer_ != nullptr) observer_->down(incident.device, incident.at);
      break;
    case Incident::Kind::kStall: device.stall(incident.at + incident.amount); break;
    case Incident::Kind::kFreeze: device.freeze(incident.at, incident.at + incident.amount); break;
    case Incident::Kind::kThaw:
      if (device.is_up() && device.has_mail()) heard(incident.device, incident.at);
      break;
    case Incident::Kind::kCut:
    case Incident::Kind::kHeal:
      link_.cut(static_cast<std::uint8_t>(incident.device), incident.kind == Incident::Kind::kCut);
      break;
    case Incident::Kind::kCongest:
      link_.congest(static_cast<std::uint8_t>(incident.device), incident.amount);
      break;
    case Incident::Kind::kCommand:
      wanted_ = true;
      device.command(next_setting(), incident.at);
      break;
    case Incident::Kind::kStop:
      wanted_ = false;
      device.stop(incident.at);
      expect_stop(incident);
      break;
    case Incident::Kind::kEmergency:
      wanted_ = false;
      device.emergency_stop(incident.at);
      expect_stop(incident);
      if (referee_.is_on(incident.device)) ++referee_.verdict().slow_stops;
      break;
    case Incident::Kind::kReplay: {
      const std::size_t count = std::min(recorded_, recordings_.size());
      if (count == 0) break;
      const Recording& recording = recordings_[random_.below(static_cast<std::uint32_t>(count))];
      link_.inject(static_cast<std::uint8_t>(recording.to),
                   std::span{recording.bytes}.first(recording.size), incident.at);
      break;
    }
    case Incident::Kind::kForge: {
      std::array<std::byte, 60> bytes;
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_.bits());
      bytes[0] = std::byte{0x74};
      bytes[1] = std::byte{1};
      link_.inject(static_cast<std::uint8_t>(incident.device), bytes, incident.at);
      break;
    }
  }
}

/// The user, who looks every second: what was wanted and has ended is started again.
void Session::keep_going(TrueTime now) {
  const bool on = now - std::max(referee_.last_on(0), referee_.last_on(1)) < seconds(4);
  if (on || !wanted_ || settle_s_ < 0) idle_since_ = now;
  if (now - idle_since_ < seconds(10)) return;
  idle_since_ = now;
  Device& device = *devices_[random_.below(2)];
  if (!device.is_frozen(now)) device.command(next_setting(), now);
}

void Session::look(TrueTime now) {
  const std::array<Belief, 2> all = beliefs(now);
  referee_.sample(now, all);
  if (settle_s_ < 0 && all[0].settled && all[1].settled) {
    settle_s_ = static_cast<double>(now.since_zero().count()) * 1e-6;
  }
  keep_going(now);
  for (std::size_t i = 0; i < 2; ++i) {
    if (devices_[i]->is_up()) believed(i, now);
  }
}

/// After a time of peace both play the same.
void Session::judge_end() {
  const TrueTime end{config_.length};
  bool recovered = true;
  for (std::size_t i = 0; i < 2; ++i) {
    const Device& device = *devices_[i];
    recovered = recovered && device.is_up() && device.settled() &&
                (!wanted_ || end - referee_.last_on(i) < seconds(8));
  }
  recovered = recovered && devices_[0]->status(end).revision == devices_[1]->status(end).revision;
  if (!recovered) ++referee_.verdict().unrecovered;
}

Outcome Session::run() {
  const TrueTime end{config_.length};
  std::size_t next = 0;
  TrueTime sample{kSamples};
  for (;;) {
    const TrueTime first = devices_[0]->due();
    const TrueTime second = devices_[1]->due();
    const TrueTime flight = link_.due();
    const TrueTime incident = next < incidents_.size() ? incidents_[next].at : kNeverTrue;
    const TrueTime now = std::min({first, second, flight, incident, sample});
    if (now >= end) break;
    if (now == incident) {
      happen(incidents_[next++]);
    } else if (now == flight) {
      deliver();
    } else if (now == sample) {
      look(now);
      sample += kSamples;
    } else {
      devices_[now == first ? 0 : 1]->run(now);
    }
  }
  judge_end();
  Outcome outcome = referee_.take_outcome();
  outcome.settle_s = settle_s_;
  outcome.messages = link_.sent();
  return outcome;
}

}  // namespace

std::string_view name_of(Faults faults) { return kNames[static_cast<std::size_t>(faults)]; }

std::optional<Faults> faults_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Faults>(found - kNames.begin());
}

Outcome run_session(const SessionConfig& config, Observer* observer) {
  return Session{config, observer}.run();
}

}  // namespace takt::sim
