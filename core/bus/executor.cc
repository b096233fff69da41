// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/executor.h"

#include <algorithm>
#include <utility>

#include "takt/core/base/assert.h"

namespace takt::bus {
namespace {

// A publisher between claiming a cell and filling it is done in a few instructions, unless this
// task, being more important, keeps it from running.
constexpr unsigned kSpins = 64;

}  // namespace

Executor::Executor(Registry& registry) : registry_(registry), arrival_(registry.claim_arrival()) {}

Executor::~Executor() {
  for (const Seat& seat : seats_) {
    if (!seat.taken()) continue;
    ModuleRecord& record = seat.record();
    record.arrival.store(nullptr);
    for (unsigned i = 0; i < record.queue_count; ++i) record.queues[i]->arrival.store(nullptr);
  }
  if (is_called_) arrival_.leave();
  registry_.release_arrival(arrival_);
}

Status Executor::add(ModuleId module, LocalTime start) {
  const auto seat =
      std::find_if(seats_.begin(), seats_.end(), [](const Seat& s) { return !s.taken(); });
  if (seat == seats_.end()) return Status::kNoMemory;
  *seat = Seat{registry_.consumer(module)};
  ModuleRecord& record = seat->record();
  record.arrival.store(&arrival_);
  for (unsigned i = 0; i < record.queue_count; ++i) record.queues[i]->arrival.store(&arrival_);
  const ModuleOptions& options = record.options;
  if (options.period > Micros{0}) seat->next_step = start + options.period;
  if (options.receive_timeout > Micros{0}) seat->quiet_until = start + options.receive_timeout;
  return Status::kOk;
}

void Executor::confirm_leaving(Seat& seat) {
  // The seat first: once confirmed, the module may vanish and its number serve another.
  const Consumer consumer = std::exchange(seat.consumer, {});
  using State = ModuleRecord::State;
  if (!consumer.record_->pass(State::kLeaving, State::kLeft)) seat.consumer = consumer;
}

Turn Executor::start(Turn::Kind kind, Seat& seat, LocalTime now) {
  ModuleRecord& record = seat.record();
  record.busy_since.store(static_cast<std::uint32_t>(now.since_zero().count()),
                          std::memory_order_relaxed);
  record.busy.store(true, std::memory_order_release);
  fruitless_waits_ = 0;
  Turn turn;
  turn.kind_ = kind;
  turn.consumer_ = seat.consumer;
  turn.module_ = record.module.load(std::memory_order_relaxed);
  turn.started_ = now;
  return turn;
}

Turn Executor::begin_step(LocalTime now) {
  const auto seat =
      std::min_element(seats_.begin(), seats_.end(),
                       [](const Seat& a, const Seat& b) { return a.next_step < b.next_step; });
  if (seat->next_step > now) return Turn{};
  const Micros period = seat->record().options.period;
  const std::int64_t missed = (now - seat->next_step) / period;
  Turn turn = start(Turn::Kind::kStep, *seat, now);
  turn.missed_ = static_cast<std::uint32_t>(missed);
  turn.planned_ = seat->next_step + missed * period;
  seat->next_step = turn.planned_ + period;
  return turn;
}

Turn Executor::begin_message(LocalTime now) {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[(next_seat_ + i) % seats_.size()];
    if (!seat.taken()) continue;
    Delivery delivery = seat.consumer.take(now);
    if (!delivery) continue;
    next_seat_ = (next_seat_ + i + 1) % seats_.size();
    if (seat.quiet_until != kNever) {
      seat.quiet_until = now + seat.record().options.receive_timeout;
    }
    Turn turn = start(Turn::Kind::kMessage, seat, now);
    turn.delivery_ = std::move(delivery);
    return turn;
  }
  return Turn{};
}

Turn Executor::begin(LocalTime now) {
  for (Seat& seat : seats_) {
    if (!seat.taken()) continue;
    switch (seat.record().state.load(std::memory_order_acquire)) {
      case ModuleRecord::State::kLeaving: confirm_leaving(seat); break;
      case ModuleRecord::State::kEvicted:
        if (seat.consumer.restart()) return start(Turn::Kind::kRestart, seat, now);
        break;
      default: break;
    }
  }
  if (Turn turn = begin_step(now)) return turn;
  if (Turn turn = begin_message(now)) return turn;
  for (Seat& seat : seats_) {
    if (!seat.taken() || seat.quiet_until > now) continue;
    seat.quiet_until = now + seat.record().options.receive_timeout;
    return start(Turn::Kind::kTimeout, seat, now);
  }
  return Turn{};
}

void Executor::finish(Turn turn, LocalTime now, Outcome outcome) {
  if (!turn) return;
  ModuleRecord& record = *turn.consumer_.record_;
  const Micros held = now - turn.started_;
  record.hold.add(held);
  record.longest_hold_us.raise_to(static_cast<std::uint32_t>(held.count()));
  record.handled.add();
  turn.consumer_.finish(std::move(turn.delivery_), now);
  record.busy.store(false, std::memory_order_relaxed);
  if (outcome == Outcome::kCrashed) {
    record.crashes.add();
    record.pass(ModuleRecord::State::kReady, ModuleRecord::State::kEvicted);
  }
}

LocalTime Executor::deadline() const {
  LocalTime earliest = kNever;
  for (const Seat& seat : seats_) {
    if (seat.taken()) earliest = std::min({earliest, seat.next_step, seat.quiet_until});
  }
  return earliest;
}

bool Executor::has_work() const {
  for (const Seat& seat : seats_) {
    if (!seat.taken()) continue;
    const ModuleRecord& record = seat.record();
    if (record.state.load() != ModuleRecord::State::kReady) return true;
    for (unsigned i = 0; i < record.queue_count; ++i) {
      if (record.queues[i]->ring.length() != 0) return true;
    }
  }
  return stopping_.load();
}

void Executor::call_when_needed() {
  if (std::exchange(is_called_, true)) return;
  // As if it waited from here on; nobody looks at the ticket.
  static_cast<void>(arrival_.enter());
}

void Executor::wait() {
  Waiter* waiter = registry_.pool().waiter();
  TAKT_ASSERT(waiter != nullptr);
  const std::uint32_t ticket = arrival_.enter();
  if (!has_work()) {
    arrival_.wait(*waiter, ticket, deadline());
  } else if (++fruitless_waits_ > kSpins) {
    waiter->nap();
  }
  arrival_.leave();
}

void Executor::stop() {
  stopping_.store(true);
  arrival_.signal(registry_.pool().waiter());
}

}  // namespace takt::bus
