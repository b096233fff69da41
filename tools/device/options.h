// SPDX-License-Identifier: Apache-2.0
// The words of a call of takt device.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/programs/source.h"

namespace takt {

struct DeviceOptions {
  SourceOptions source;  ///< Program to play or offer; no file: whatever the others have.
  std::string board = "linux";
  std::vector<std::string> sensors;
  std::string wanted_side;  ///< Empty: left; of a device that plays alone, both.
  std::uint32_t id = 0;     ///< 0: that of the side.
  std::string listen = "0.0.0.0:7117";
  std::vector<std::string> peers;
  std::string code;
  std::string link = "lan";
  std::string guard;  ///< Empty: by the program.
  bool wait_for_offline = false;
  double holdover_s = 120;
  double takeover_s = 30;
  double late_ms = 5;
  double tolerance_ms = 10;
  std::string chip;
  std::string watchdog;
  bool precise = false;
  std::string data;  ///< Folder; empty: one of the user's own.
  std::string record;
  double ppm = 0;  ///< By which this device's clock is made too fast.
  bool start = false;
  bool json = false;

  /// No peers: it plays alone.
  bool is_alone() const { return peers.empty(); }
  std::uint8_t side_number() const { return wanted_side == "right" ? 1 : 0; }
  std::string_view side() const { return side_number() == 1 ? "right" : "left"; }
  std::uint32_t number() const { return id != 0 ? id : side_number() + 1U; }
};

}  // namespace takt
