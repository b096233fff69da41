// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/examples/trace.h"

#include "takt/core/base/text.h"

namespace takt::firmware {

void Trace::on_applied(const Levels& levels, LocalTime due, LocalTime /*now*/) {
  if (!changes_.push({due, levels})) lost_.fetch_add(1);
}

void Trace::start(std::span<const Output> outputs, LocalTime zero) {
  outputs_ = outputs;
  zero_ = zero;
  ports_.trace("time_us,output,value\n");
}

void Trace::drain() {
  if (outputs_.empty()) return;
  Change change;
  while (changes_.pop(change)) {
    if (change.at != pending_.at) write_pending();
    pending_ = change;
  }
}

bool Trace::finish() {
  drain();
  write_pending();
  return lost_.load() == 0;
}

void Trace::write_pending() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto value = [&](const Levels& levels) -> std::uint32_t {
      if (outputs_[i].kind == OutputKind::kAnalog) return levels.analog[outputs_[i].channel];
      return levels.is_on(static_cast<unsigned>(i)) ? 1 : 0;
    };
    if (value(pending_.levels) != value(written_)) {
      FixedText<160> row;
      row.append((pending_.at - zero_).count()).append(",").append(outputs_[i].id).append(",");
      ports_.trace(row.append(std::int64_t{value(pending_.levels)}).append("\n").view());
    }
  }
  written_ = pending_.levels;
}

}  // namespace takt::firmware
