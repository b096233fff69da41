// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/examples/traced.h"

#include "takt/core/base/text.h"

namespace takt::firmware {

Status Traced::apply(const Levels& levels) {
  const Status status = device_.outputs().apply(levels);
  if (!changes_.push({now_, levels})) lost_.fetch_add(1);
  return status;
}

LocalTime Traced::run(LocalTime now) {
  now_ = now;
  return work_->run(now);
}

void Traced::start(Work& work, LocalTime zero) {
  work_ = &work;
  zero_ = zero;
  device_.trace("time_us,output,value\n");
}

void Traced::drain() {
  Change change;
  while (changes_.pop(change)) {
    if (change.at != pending_.at) write_pending();
    pending_ = change;
  }
}

bool Traced::finish() {
  drain();
  write_pending();
  return lost_.load() == 0;
}

void Traced::write_pending() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto value = [&](const Levels& levels) -> std::uint32_t {
      if (outputs_[i].kind == OutputKind::kAnalog) return levels.analog[outputs_[i].channel];
      return levels.is_on(static_cast<unsigned>(i)) ? 1 : 0;
    };
    if (value(pending_.levels) != value(written_)) {
      FixedText<160> row;
      row.append((pending_.at - zero_).count()).append(",").append(outputs_[i].id).append(",");
      device_.trace(row.append(std::int64_t{value(pending_.levels)}).append("\n").view());
    }
  }
  written_ = pending_.levels;
}

}  // namespace takt::firmware
