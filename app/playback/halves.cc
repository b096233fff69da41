// SPDX-License-Identifier: Apache-2.0
#include "takt/app/playback/halves.h"

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {

RealtimeHalf::RealtimeHalf(Player& player, OutputBank& outputs, Watchdog* watchdog,
                           OutputObserver* observer)
    : player_(player),
      outputs_(outputs),
      watchdog_(watchdog),
      observer_(observer),
      feed_at_(watchdog == nullptr ? kNever : LocalTime{}) {
  TAKT_ASSERT(watchdog == nullptr || watchdog->patience() >= kFeedEvery * 2);
}

LocalTime RealtimeHalf::run(LocalTime now) {
  const Step step = player_.advance(now);
  if (step.changed || now >= retry_at_) {
    if (outputs_.apply(step.levels) == Status::kOk) {
      retry_at_ = kNever;
      if (observer_ != nullptr) observer_->on_applied(step.levels, now - step.lateness, now);
    } else {
      if (step.changed) player_.port_failed(now);
      pause_ = step.changed ? kFirstRetry : std::min(pause_ * 2, kLastRetry);
      retry_at_ = now + pause_;
    }
  }
  if (watchdog_ != nullptr && (step.changed || now >= feed_at_)) {
    watchdog_->feed();
    feed_at_ = now + kFeedEvery;
  }
  // Not std::min: its references would send all three through memory, in an interrupt.
  LocalTime next = step.deadline;
  if (retry_at_ < next) next = retry_at_;
  if (feed_at_ < next) next = feed_at_;
  return next;
}

void describe_pins(const Program& program, std::span<PinConfig> pins) {
  TAKT_ASSERT(pins.size() >= program.outputs.size());
  for (std::size_t i = 0; i < program.outputs.size(); ++i) {
    const Output& output = program.outputs[i];
    pins[i] = {output.pin, output.active_low, output.kind == OutputKind::kAnalog, output.channel,
               output.range};
  }
}

}  // namespace takt
