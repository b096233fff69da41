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

Executor::Executor(Bus& bus) : bus_(bus), arrival_(0) {
  // Bounded: by kMaxTasks.
  while (arrival_ < kMaxTasks && bus_.used_arrivals_[arrival_]) ++arrival_;
  TAKT_ASSERT(arrival_ < kMaxTasks);
  bus_.used_arrivals_[arrival_] = true;
}

Executor::~Executor() {
  for (const Seat& seat : seats_) {
    if (seat.id == kNobody) continue;
    ModuleRecord& record = record_of(seat);
    record.arrival.store(nullptr);
    for (unsigned i = 0; i < record.queue_count; ++i) record.queues[i]->arrival.store(nullptr);
  }
  if (is_called_) bus_.arrivals_[arrival_].leave();
  bus_.used_arrivals_[arrival_] = false;
}

Status Executor::add(ModuleId module, LocalTime start) {
  const auto seat =
      std::find_if(seats_.begin(), seats_.end(), [](const Seat& s) { return s.id == kNobody; });
  if (seat == seats_.end()) return Status::kNoMemory;
  ModuleRecord& record = bus_.record_of(module);
  record.arrival.store(&bus_.arrivals_[arrival_]);
  for (unsigned i = 0; i < record.queue_count; ++i) {
    record.queues[i]->arrival.store(&bus_.arrivals_[arrival_]);
  }
  const ModuleOptions& options = record.options;
  *seat = Seat{};
  seat->id = module;
  if (options.period > Micros{0}) seat->next_step = start + options.period;
  if (options.receive_timeout > Micros{0}) seat->quiet_until = start + options.receive_timeout;
  return Status::kOk;
}

bool Executor::confirm_leaving(Seat& seat) {
  // The seat first: once confirmed, the module may vanish and its number serve another.
  const ModuleId id = std::exchange(seat.id, kNobody);
  if (Bus::pass(bus_.record_of(id), ModuleRecord::State::kLeaving, ModuleRecord::State::kLeft)) {
    return true;
  }
  seat.id = id;
  return false;
}

Turn Executor::start(Turn::Kind kind, Seat& seat, LocalTime now) {
  ModuleRecord& record = record_of(seat);
  record.busy_since.store(static_cast<std::uint32_t>(now.since_zero().count()),
                          std::memory_order_relaxed);
  record.busy.store(true, std::memory_order_release);
  fruitless_waits_ = 0;
  Turn turn;
  turn.kind_ = kind;
  turn.id_ = seat.id;
  turn.module_ = record.module.load(std::memory_order_relaxed);
  turn.started_ = now;
  return turn;
}

Turn Executor::begin_step(LocalTime now) {
  const auto seat =
      std::min_element(seats_.begin(), seats_.end(),
                       [](const Seat& a, const Seat& b) { return a.next_step < b.next_step; });
  if (seat->next_step > now) return Turn{};
  const Micros period = record_of(*seat).options.period;
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
    if (seat.id == kNobody) continue;
    Delivery delivery = bus_.take(seat.id, now);
    if (!delivery) continue;
    next_seat_ = (next_seat_ + i + 1) % seats_.size();
    if (seat.quiet_until != kNever) {
      seat.quiet_until = now + record_of(seat).options.receive_timeout;
    }
    Turn turn = start(Turn::Kind::kMessage, seat, now);
    turn.delivery_ = std::move(delivery);
    return turn;
  }
  return Turn{};
}

Turn Executor::begin(LocalTime now) {
  for (Seat& seat : seats_) {
    if (seat.id == kNobody) continue;
    switch (record_of(seat).state.load(std::memory_order_acquire)) {
      case ModuleRecord::State::kLeaving: confirm_leaving(seat); break;
      case ModuleRecord::State::kEvicted:
        if (bus_.restart(seat.id)) return start(Turn::Kind::kRestart, seat, now);
        break;
      default: break;
    }
  }
  if (Turn turn = begin_step(now)) return turn;
  if (Turn turn = begin_message(now)) return turn;
  for (Seat& seat : seats_) {
    if (seat.id == kNobody || seat.quiet_until > now) continue;
    seat.quiet_until = now + record_of(seat).options.receive_timeout;
    return start(Turn::Kind::kTimeout, seat, now);
  }
  return Turn{};
}

void Executor::finish(Turn turn, LocalTime now, Outcome outcome) {
  if (!turn) return;
  ModuleRecord& record = bus_.record_of(turn.id_);
  const Micros held = now - turn.started_;
  record.hold.add(held);
  record.longest_hold_us.raise_to(static_cast<std::uint32_t>(held.count()));
  record.handled.add();
  bus_.finish(std::move(turn.delivery_), now);
  record.busy.store(false, std::memory_order_relaxed);
  if (outcome == Outcome::kCrashed) {
    record.crashes.add();
    Bus::pass(record, ModuleRecord::State::kReady, ModuleRecord::State::kEvicted);
  }
}

LocalTime Executor::deadline() const {
  LocalTime earliest = kNever;
  for (const Seat& seat : seats_) {
    if (seat.id != kNobody) earliest = std::min({earliest, seat.next_step, seat.quiet_until});
  }
  return earliest;
}

bool Executor::has_work() {
  for (const Seat& seat : seats_) {
    if (seat.id == kNobody) continue;
    const ModuleRecord& record = record_of(seat);
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
  static_cast<void>(bus_.arrivals_[arrival_].enter());
}

void Executor::wait() {
  Waiter* waiter = bus_.pool_.waiter();
  TAKT_ASSERT(waiter != nullptr);
  Event& arrival = bus_.arrivals_[arrival_];
  const std::uint32_t ticket = arrival.enter();
  if (!has_work()) {
    arrival.wait(*waiter, ticket, deadline());
  } else if (++fruitless_waits_ > kSpins) {
    waiter->nap();
  }
  arrival.leave();
}

void Executor::stop() {
  stopping_.store(true);
  bus_.arrivals_[arrival_].signal(bus_.pool_.waiter());
}

}  // namespace takt::bus
