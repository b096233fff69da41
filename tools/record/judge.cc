// SPDX-License-Identifier: Apache-2.0
#include "tools/record/judge.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt::sim {
namespace {

/// The first pulse of a plan may be this early: readings of a clock are rounded.
constexpr Micros kTolerance = millis(1);

LocalTime reading_of(TrueTime at) { return LocalTime{at.since_zero()}; }

TrueTime next_sample(TrueTime from) {
  const std::int64_t step = Judge::kSamples.count();
  return TrueTime{Micros{(from.since_zero().count() + step - 1) / step * step}};
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

void Judge::feed(std::size_t device, const Entry& entry) {
  Device& from = devices_[device];
  TAKT_ASSERT(entry.at >= from.last);
  if (entry.at < judged_) ++late_;
  if (!from.first) from.first = entry.at;
  from.last = entry.at;
  from.waiting.push_back(entry);
}

/// Whose event is to be judged next. Of two at the same time, one that switches on waits.
std::optional<std::size_t> Judge::next_device(TrueTime until) const {
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < 2; ++i) {
    if (devices_[i].waiting.empty() || devices_[i].waiting.front().at >= until) continue;
    const Entry& entry = devices_[i].waiting.front();
    if (next) {
      const Entry& other = devices_[*next].waiting.front();
      const auto* const switched = std::get_if<Switched>(&other.event);
      const bool waits = switched != nullptr && switched->on;
      if (other.at < entry.at || (other.at == entry.at && !waits)) continue;
    }
    next = i;
  }
  return next;
}

void Judge::advance(TrueTime until) {
  while (const auto device = next_device(until)) {
    const Entry entry = devices_[*device].waiting.front();
    devices_[*device].waiting.pop_front();
    if (!sample_) sample_ = next_sample(entry.at);
    sample_until(entry.at);
    judged_ = std::max(judged_, entry.at);
    apply(*device, entry);
    note_breaches(judged_);
  }
  sample_until(until);
  judged_ = std::max(judged_, until);
}

void Judge::sample_until(TrueTime until) {
  if (!sample_ || *sample_ >= until) return;
  if (!devices_[0].clock || !devices_[1].clock) {
    sample_ = next_sample(until);
    return;
  }
  for (; *sample_ < until; *sample_ += kSamples) {
    const std::array<Belief, 2> both = beliefs(*sample_);
    referee_.sample(*sample_, both);
    note_breaches(*sample_);
    if (is_judged(both, *sample_)) ++judged_samples_;
    if (settle_s_ >= 0 || !both[0].settled || !both[1].settled) continue;
    const Micros taken = *sample_ - std::max(*devices_[0].first, *devices_[1].first);
    settle_s_ = static_cast<double>(taken.count()) * 1e-6;
  }
}

bool Judge::is_judged(const std::array<Belief, 2>& both, TrueTime at) const {
  const auto tells = [at](const Device& device) { return at - device.told <= kLongestUntold; };
  return both[0].joined && both[1].joined && std::ranges::all_of(devices_, tells);
}

void Judge::apply(std::size_t device, const Entry& entry) {
  Device& doer = devices_[device];
  doer.told = judged_;
  std::visit(
      Overloaded{[&](const Booted&) { forget(device, judged_); },
                 [&](const Down&) { forget(device, judged_); },
                 [&](const Switched& event) { switch_to(device, event.on, judged_); },
                 [&](const Believed& event) {
                   doer.clock = {reading_of(entry.at), event.session, event.rate_ppb,
                                 event.growth_ppb, event.bound};
                   doer.settled = event.settled;
                 },
                 [&](const Planned& event) { take_plan(doer, event); },
                 [&](const Heard&) { referee_.heard(device, judged_); }, [](const Stated&) {}},
      entry.event);
}

void Judge::forget(std::size_t device, TrueTime at) {
  switch_to(device, false, at);
  Device& gone = devices_[device];
  gone.clock.reset();
  gone.settled = false;
  gone.plans.clear();
}

void Judge::switch_to(std::size_t device, bool on, TrueTime at) {
  Device& doer = devices_[device];
  if (on == doer.on) return;
  doer.on = on;
  referee_.output(device, at, on ? tag_at(doer, at) : 0, beliefs(at));
}

void Judge::take_plan(Device& device, const Planned& plan) {
  // Where nothing plays, a pulse still under way is of the plan before.
  if (plan.revision == 0) return;
  const unsigned known = std::min(tags_, kTags);
  const auto* const end = tagged_.begin() + known;
  const auto* const found = std::find(tagged_.cbegin(), end, plan);
  const unsigned place =
      found == end ? tags_++ % kTags : static_cast<unsigned>(found - tagged_.cbegin());
  tagged_[place] = plan;
  device.plans.push_back({place + 1, plan.effective});
  sync::Plan agreed;
  agreed.revision = plan.revision;
  agreed.program = plan.program;
  agreed.epoch = plan.epoch;
  agreed.effective = plan.effective;
  referee_.planned(place + 1, agreed, plan.pulse, plan.exclusive);
}

/// The plan that a pulse at this time is of. Plans before it are over.
unsigned Judge::tag_at(Device& device, TrueTime at) const {
  std::vector<PlanInUse>& plans = device.plans;
  if (plans.empty()) return kNoPlan;
  auto current = plans.end() - 1;
  if (device.clock) {
    const SessionTime latest = device.clock->session_at(reading_of(at)) + kTolerance;
    while (current != plans.begin() && current->effective > latest) --current;
  }
  plans.erase(plans.begin(), current);
  return plans.front().tag;
}

std::array<Belief, 2> Judge::beliefs(TrueTime at) const {
  std::array<Belief, 2> both;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!devices_[i].clock) continue;
    const ClockMap& clock = *devices_[i].clock;
    both[i].session = clock.session_at(reading_of(at));
    both[i].bound = clock.bound_at(reading_of(at));
    both[i].joined = both[i].bound < Belief::kJoinedBound;
    both[i].settled = devices_[i].settled;
  }
  return both;
}

void Judge::note_breaches(TrueTime at) {
  const Verdict& now = referee_.verdict();
  for (std::size_t kind = 0; kind < kCounts.size(); ++kind) {
    const Count& count = kCounts[kind];
    if (!count.is_breach || now.*count.value == noted_.*count.value) continue;
    noted_.*count.value = now.*count.value;
    if (breaches_[kind].size() < kKept) breaches_[kind].push_back(at);
  }
}

std::vector<Breach> Judge::breaches() const {
  std::vector<Breach> all;
  for (std::size_t kind = 0; kind < kCounts.size(); ++kind) {
    for (const TrueTime at : breaches_[kind]) all.push_back({at, kCounts[kind].name});
  }
  return all;
}

Outcome Judge::finish() {
  // A killed process cannot say that it is gone; what it believed last is no belief any more.
  for (Device& device : devices_) device.waiting.push_back({device.last, Down{}});
  advance(std::max(devices_[0].last, devices_[1].last) + Micros{1});
  Outcome outcome = referee_.take_outcome();
  outcome.settle_s = settle_s_;
  return outcome;
}

}  // namespace takt::sim
