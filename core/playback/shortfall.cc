// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/shortfall.h"

#include "takt/core/base/bits.h"

namespace takt {

std::uint32_t Shortfall::analog_outputs_of(const Program& program) {
  std::uint32_t outputs = 0;
  for (unsigned i = 0; i < program.outputs.size(); ++i) {
    if (program.outputs[i].kind == OutputKind::kAnalog) outputs |= bit(i);
  }
  return outputs;
}

std::uint32_t Shortfall::analog_on(const Levels& levels) const {
  std::uint32_t on = 0;
  std::size_t channel = 0;
  for (const std::uint8_t output : Members{analog_outputs_}) {
    if (levels.analog[channel++] != 0) on |= bit(output);
  }
  return on;
}

void Shortfall::follow(std::uint32_t before, std::uint32_t after, LocalTime at, Micros lateness) {
  const std::uint32_t falling = before & ~after;
  const std::uint32_t rising = after & ~before;
  if (const std::uint32_t lost = unshown_ & falling) lose(lost);
  unshown_ &= ~falling;
  waiting_ &= unshown_;
  unshown_ |= rising;
  const std::uint32_t intact = rising & ~lost_outputs_.load(std::memory_order_relaxed);
  for (const std::uint8_t output : Members{intact}) lost_first_[output] = at;
  if (is_beyond_tolerance(lateness)) {
    count_beyond(before ^ after, at);
    counted_ = (counted_ | (before ^ after)) & unshown_;
  }
}

void Shortfall::show(const Levels& from, const Levels& to, LocalTime at, LocalTime now) {
  const std::uint32_t before = from.on | analog_on(from);
  const std::uint32_t after = to.on | analog_on(to);
  // An output that was on all along swallowed a pause.
  lose(unshown_ & before & after);
  const std::uint32_t released = waiting_ & unshown_ & after & ~before & ~counted_;
  if (is_beyond_tolerance(now - waiting_since_)) count_beyond(released, waiting_since_);
  unshown_ &= ~after;
  if (waiting_ == 0) waiting_since_ = at;
  waiting_ = unshown_;
  counted_ &= unshown_;
}

void Shortfall::lose(std::uint32_t outputs) {
  const std::uint32_t known = lost_outputs_.load(std::memory_order_relaxed);
  for (const std::uint8_t output : Members{outputs}) {
    std::atomic<std::uint32_t>& count = lost_counts_[output];
    const bool first = !has(known, output);
    count.store(first ? 1 : count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // Behind the counts, for whoever reads meanwhile.
  lost_outputs_.store(known | outputs, std::memory_order_release);
}

void Shortfall::count_beyond(std::uint32_t outputs, LocalTime at) {
  if (outputs == 0) return;
  const std::uint32_t count = beyond_count_.load(std::memory_order_relaxed);
  if (count == 0) beyond_first_ = at;
  beyond_count_.store(count + count_few(outputs), std::memory_order_release);
}

ShortfallFigures Shortfall::lost(unsigned output) const {
  if (!has(lost_outputs(), output)) return {};
  return {lost_counts_[output].load(std::memory_order_relaxed), lost_first_[output]};
}

ShortfallFigures Shortfall::beyond() const {
  const std::uint32_t count = beyond_count_.load(std::memory_order_acquire);
  return count == 0 ? ShortfallFigures{} : ShortfallFigures{count, beyond_first_};
}

}  // namespace takt
