// SPDX-License-Identifier: Apache-2.0
// Sensors that a person has told beforehand what to show.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "takt/core/bus/executor.h"
#include "takt/firmware/device.h"
#include "takt/firmware/scripted_sensors.h"

namespace takt::firmware {

/// Shows its readings in every run, from when that begins until it ends.
class SensorScript final : public bus::Module, public Work {
 public:
  /// `readings` outlive it, and are ordered by time.
  explicit SensorScript(std::span<const ScriptedReading> readings) : sensors_(readings) {}

  /// For DeviceConfig::services; the work is for DeviceConfig::works.
  Service service() { return {this, {.name = "script", .keeps = 0}, kQueues}; }
  /// Before anything plays.
  void publish_on(bus::Bus& bus) { bus_ = &bus; }

  void process(const bus::Message& message) override;
  LocalTime run(LocalTime now) override;

 private:
  static constexpr std::array kQueues{
      Listening{{1, bus::Policy::kLatest, bus::Lane::kNormal, 1}, listen_to<kPlayer>}};

  ScriptedSensors sensors_;
  bus::Bus* bus_ = nullptr;
  std::uint32_t run_ = 0;  ///< Seen last, of those that PlayerSnapshot counts.
  bool runs_ = false;
};

}  // namespace takt::firmware
