// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/wishes.h"

namespace takt::sync {
namespace {

/// Whether the same proposal may be taken later on.
bool may_do_better(Reason outcome) {
  return outcome == Reason::kTimeout || outcome == Reason::kNoProgram ||
         outcome == Reason::kStale || outcome == Reason::kInDoubt;
}

}  // namespace

void Wishes::command(const Plan& plan, LocalTime now) {
  drop(Reason::kReplaced);
  waiting_ = {.plan = plan, .number = ++commands_, .since = now, .retry_at = now};
  result_ = Reason::kNone;
}

void Wishes::take(std::size_t member, const Message& command, std::uint32_t over, LocalTime now) {
  Order& order = orders_[member];
  if (command.number == order.number) {
    order.is_owed = order.has_ended;
    return;
  }
  order.number = command.number;
  order.has_ended = false;
  const Wish wish{command.plan, member, command.number, now, now};
  const Standing& standing = command.standing;
  if (standing.over() < standing.revision && standing.revision <= over) {
    end(wish, Reason::kStopped);  // It was given before its device knew of the end.
    return;
  }
  drop(Reason::kReplaced);
  waiting_ = wish;
}

void Wishes::take_answer(const Message& answer) {
  if (!waiting_ || !waiting_->is_own() || waiting_->number != answer.number) return;
  result_ = answer.reason;
  waiting_.reset();
}

void Wishes::propose() {
  proposed_ = waiting_;
  waiting_.reset();
}

void Wishes::drop(Reason reason) {
  if (waiting_) end(*waiting_, reason);
  waiting_.reset();
}

void Wishes::settle(Reason outcome, LocalTime now) {
  if (!proposed_) return;
  if (may_do_better(outcome) && !waiting_ && now - proposed_->since < config_.takeover) {
    waiting_ = proposed_;
    defer(now + config_.pace.retry());
  } else {
    end(*proposed_, outcome);
  }
  proposed_.reset();
}

void Wishes::follow() {
  if (proposed_) end(*proposed_, Reason::kTimeout);
  proposed_.reset();
  if (waiting_ && !waiting_->is_own()) waiting_.reset();
}

void Wishes::forget(std::size_t member) {
  orders_[member] = {};
  if (waiting_ && waiting_->member == member) waiting_.reset();
  if (proposed_ && proposed_->member == member) proposed_.reset();
}

void Wishes::end(const Wish& wish, Reason reason) {
  if (wish.is_own()) {
    result_ = reason;
    return;
  }
  Order& order = orders_[wish.member];
  if (order.number != wish.number) return;
  order.is_owed = order.has_ended = true;
  order.reason = reason;
}

bool Wishes::owes(std::size_t member, bool is_leader, Message& message, LocalTime now) {
  if (Order& order = orders_[member]; order.is_owed) {
    order.is_owed = false;
    message.kind = Kind::kAnswer;
    message.number = order.number;
    message.reason = order.reason;
    return true;
  }
  if (!is_leader || !is_due(now) || !waiting_->is_own()) return false;
  defer(now + config_.pace.retry());
  message.kind = Kind::kCommand;
  message.number = waiting_->number;
  message.plan = waiting_->plan;
  return true;
}

}  // namespace takt::sync
