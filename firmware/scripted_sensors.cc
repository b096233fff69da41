// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/scripted_sensors.h"

#include <algorithm>
#include <utility>

#include "takt/app/messages/topics.h"

namespace takt::firmware {

LocalTime ScriptedSensors::run(LocalTime now) {
  if (readings_.empty()) return kNever;
  for (; sample_at_ <= now; sample_at_ += kSamplePeriod) sample(sample_at_);
  return sample_at_;
}

void ScriptedSensors::sample(LocalTime at) {
  for (std::size_t i = 0; i < readings_.size() && readings_[i].at <= at - origin_; ++i) {
    const auto later = readings_.subspan(i + 1);
    const bool newest = std::ranges::none_of(later, [&](const ScriptedReading& reading) {
      return reading.at <= at - origin_ && reading.sensor == readings_[i].sensor;
    });
    if (!newest) continue;
    Result<bus::Loan<Reading>> loan = bus_->try_alloc(kReadings, bus::kNobody);
    if (!loan.ok()) return;  // The next sample shows the same.
    *loan.value() = {FixedText<kMaxNameBytes>{readings_[i].sensor}, readings_[i].value, at};
    static_cast<void>(bus_->publish(kReadings, std::move(loan.value()), at));
  }
}

}  // namespace takt::firmware
