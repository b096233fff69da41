// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/virtual/world.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::uint64_t kOrdinaryOrder = std::uint64_t{1} << 63U;

std::int64_t divide_down(__int128 a, std::int64_t b) {
  return static_cast<std::int64_t>(a >= 0 ? a / b : -((-a + b - 1) / b));
}

}  // namespace

bool World::step() {
  if (heap_.empty() || heap_.front().due == WorldTime::max()) return false;
  now_ = std::max(now_, heap_.front().due);
  VirtualRunner& runner = *heap_.front().runner;
  const WorldTime due = runner.run();
  move_to(runner.place_, due);
  return true;
}

void World::run_until(WorldTime until) {
  TAKT_ASSERT(until >= now_);
  while (!heap_.empty() && heap_.front().due <= until && step()) {
  }
  now_ = until;
}

void World::add(VirtualRunner& runner, bool realtime) {
  runner.place_ = heap_.size();
  heap_.push_back({WorldTime::max(), started_++ | (realtime ? 0 : kOrdinaryOrder), &runner});
  move_to(runner.place_, now_);
}

void World::remove(VirtualRunner& runner) {
  const std::size_t place = runner.place_;
  const Event last = heap_.back();
  heap_.pop_back();
  if (last.runner == &runner) return;
  put(place, last);
  move_to(place, last.due);
}

/// Gives the event at `place` a new time and brings it to where it belongs.
void World::move_to(std::size_t place, WorldTime due) {
  Event event = heap_[place];
  event.due = due;
  for (; place > 0 && event.before(heap_[(place - 1) / 2]); place = (place - 1) / 2) {
    put(place, heap_[(place - 1) / 2]);
  }
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(event)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, event);
}

void World::put(std::size_t place, const Event& event) {
  heap_[place] = event;
  event.runner->place_ = place;
}

Micros VirtualClock::scaled(Micros passed) const {
  return passed + Micros{divide_down(static_cast<__int128>(passed.count()) * ppb_, kBillion)};
}

WorldTime VirtualClock::unscaled(LocalTime time) const {
  const __int128 count = time.since_zero().count();
  const Micros near{divide_down(count * kBillion, kBillion + ppb_)};
  // scaled() rounds down, so the answer is this one or close by.
  Micros passed = near - Micros{1};
  while (scaled(passed) < time.since_zero()) passed += Micros{1};
  return zero_ + passed;
}

Status VirtualRunner::start(Work& work) {
  if (work_ != nullptr) return Status::kBusy;
  work_ = &work;
  world_.add(*this, rank_ == Rank::kRealtime);
  return Status::kOk;
}

void VirtualRunner::wake() {
  if (running_) {
    woken_ = true;
  } else if (work_ != nullptr) {
    world_.move_to(place_, world_.now());
  }
}

void VirtualRunner::stop() {
  TAKT_ASSERT(!running_);
  if (work_ == nullptr) return;
  world_.remove(*this);
  work_ = nullptr;
}

WorldTime VirtualRunner::run() {
  running_ = true;
  const LocalTime next = work_->run(clock_.now());
  running_ = false;
  if (woken_) {
    woken_ = false;
    return world_.now();
  }
  return std::max(clock_.when(next), world_.now() + Micros{1});
}

}  // namespace takt
