// SPDX-License-Identifier: Apache-2.0
// A device that plays alone, as a process of Linux.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "takt/firmware/device.h"
#include "takt/firmware/linux/console.h"
#include "takt/firmware/linux/linux_ports.h"
#include "takt/firmware/linux/sensor_script.h"

namespace takt::firmware {

/// Main loop of a device: takes orders and signals, and says what becomes of them.
///
/// Too large for a stack.
class LinuxDevice {
 public:
  struct Config {
    LinuxPorts::Config ports;
    SideSet sides = kBothSides;
    Micros tolerance = EngineConfig{}.tolerance;
    std::vector<ScriptedReading> readings{};  ///< Ordered by time; their names outlive the device.
    bool start = false;                       ///< Plays without an order.
  };

  struct Report {
    PlayerSnapshot played;     ///< At the end.
    std::uint32_t faults = 0;  ///< But for emergency stops, which somebody wanted.
  };

  /// `console` outlives it.
  LinuxDevice(const Config& config, Console& console);
  ~LinuxDevice();
  LinuxDevice(const LinuxDevice&) = delete;
  LinuxDevice& operator=(const LinuxDevice&) = delete;

  /// Makes the device and loads `source`, a program of any form. After an error, which has been
  /// said, everything is given back. - Errors: as LinuxPorts::open(), Device::boot() and load().
  Status boot(std::string_view source);

  /// After boot(): until an order or a signal ends it; Interrupt::watch() has been called before.
  /// - kIo: the outputs may be on, or nobody guarded them any more; that has been said.
  Status run();

  const Report& report() const { return report_; }

 private:
  /// In the order in which they are given: programs and commands have one counter.
  std::uint32_t next_number() { return ++number_; }

  DeviceConfig device_config(const Config& config);
  Status load(std::string_view source);
  bool wait();
  bool read_orders();
  void give(Command command);
  Status look_on();
  void listen();
  void hear(const Incident& incident);
  void say_state();
  void say_status();
  Status end(Status status);

  Console& console_;
  const std::vector<ScriptedReading> readings_;
  const bool start_;
  LinuxPorts ports_;
  SensorScript script_;
  std::array<Service, 1> services_{script_.service()};
  std::array<Work*, 1> works_{&script_};
  Device device_;
  bool is_up_ = false;
  std::uint32_t number_ = 0;
  Report report_;
  std::string said_;  ///< Of the state, last.
};

}  // namespace takt::firmware
