// SPDX-License-Identifier: Apache-2.0
#include "tools/record/referee.h"

#include <utility>

#include <algorithm>

namespace takt::sim {
namespace {

/// Silence after which outputs must be off: the holdover of a peer, and a cycle to end in.
constexpr Micros kLongestSilence = seconds(120) + seconds(5);

/// Clock readings are whole microseconds on both sides.
constexpr Micros kReading{3};

float distance(const std::array<Belief, 2>& beliefs) {
  const Micros apart = beliefs[0].session - beliefs[1].session;
  return static_cast<float>(std::abs(apart.count()));
}

}  // namespace

Verdict& Verdict::operator+=(const Verdict& other) {
  for (const Count& count : kCounts) this->*count.value += other.*count.value;
  return *this;
}

std::uint64_t Verdict::breaches() const {
  std::uint64_t sum = 0;
  for (const Count& count : kCounts) sum += count.is_breach ? this->*count.value : 0;
  return sum;
}

void Referee::planned(unsigned percent, const sync::Plan& plan, Micros pulse, bool exclusive) {
  Known& known = known_[percent];
  if (known.ordinal != 0 && known.plan == plan) return;
  known = {++plans_, plan, pulse, exclusive, false};
  if (plans_ > 1) ++verdict_.changes;
}

void Referee::sample(TrueTime /*at*/, const std::array<Belief, 2>& beliefs) {
  if (!beliefs[0].joined || !beliefs[1].joined) return;
  const Micros apart = beliefs[0].session - beliefs[1].session;
  const Micros allowed = beliefs[0].bound + beliefs[1].bound + kReading;
  ++verdict_.bound_samples;
  if (apart > allowed || -apart > allowed) ++verdict_.dishonest_bounds;
}

void Referee::output(std::size_t device, TrueTime at, unsigned percent,
                     const std::array<Belief, 2>& beliefs) {
  if (percent != 0) {
    turned_on(device, at, percent, beliefs);
  } else {
    const unsigned was = on_[device];
    if (counted_[device]) {
      pulse_time += static_cast<double>((at - last_on_[device]).count());
      full_pulse_time += static_cast<double>(known_[was].pulse.count());
    }
    last_off_[device] = at;
  }
  on_[device] = percent;
}

void Referee::turned_on(std::size_t device, TrueTime at, unsigned percent,
                        const std::array<Belief, 2>& beliefs) {
  const std::size_t other = 1 - device;
  Known& known = known_[percent];
  if (!known.exclusive) {
    // Together is what they may be.
  } else if (on_[other] != 0) {
    ++verdict_.overlaps;
  } else if (last_off_[other] > TrueTime{} && at - last_off_[other] < kDeadTime) {
    ++verdict_.short_gaps;
  }
  last_on_[device] = at;
  if (at - heard_[device] > kLongestSilence) ++verdict_.unsafe_silences;

  shown_[device] = std::max(shown_[device], known.ordinal);
  if (known.ordinal < shown_[other] && !known.flagged) {
    ++verdict_.non_atomic_changes;
    known.flagged = true;
  }
  sample(at, beliefs);
  counted_[device] = beliefs[0].settled && beliefs[1].settled;
  if (!counted_[device]) return;
  edge_errors.push_back(distance(beliefs));
  const bool starts = known.plan.epoch == known.plan.effective;
  if (starts && skew_of_ != known.ordinal) start_skews.push_back(distance(beliefs));
  skew_of_ = known.ordinal;
}

Outcome Referee::take_outcome() {
  Outcome outcome;
  outcome.verdict = verdict_;
  outcome.edge_errors = std::move(edge_errors);
  outcome.start_skews = std::move(start_skews);
  outcome.pulse_kept = pulse_kept();
  return outcome;
}

}  // namespace takt::sim
