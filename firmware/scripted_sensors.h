// SPDX-License-Identifier: Apache-2.0
// Sensors that show values which are known before.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/time.h"
#include "takt/core/bus/bus.h"
#include "takt/ports/api/runner.h"

namespace takt::firmware {

/// `sensor` shows `value` from `at` on, counted from the start of the run, until another reading of
/// it.
struct ScriptedReading {
  Micros at;
  std::string_view sensor;
  std::int32_t value = 0;
};

/// Publishes what sensors show, at the rate of a real device.
class ScriptedSensors final : public Work {
 public:
  static constexpr Micros kSamplePeriod = millis(100);

  /// `readings` outlive it, and are ordered by time.
  explicit ScriptedSensors(std::span<const ScriptedReading> readings) : readings_(readings) {}

  /// The run begins at `origin`; wake the runner afterwards.
  void start(bus::Bus& bus, LocalTime origin) {
    bus_ = &bus;
    origin_ = sample_at_ = origin;
  }

  LocalTime run(LocalTime now) override;

 private:
  void sample(LocalTime at);

  const std::span<const ScriptedReading> readings_;
  bus::Bus* bus_ = nullptr;
  LocalTime origin_;
  LocalTime sample_at_ = kNever;
};

}  // namespace takt::firmware
