// SPDX-License-Identifier: Apache-2.0
// The words of a call of takt device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/programs/source.h"

namespace takt {

struct DeviceOptions {
  SourceOptions source;  ///< Program to offer; no file: whatever the others have.
  std::string side = "left";
  std::uint32_t id = 0;  ///< 0: the number of the side.
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

  std::uint8_t side_number() const { return side == "right" ? 1 : 0; }
  std::uint32_t number() const { return id != 0 ? id : side_number() + 1U; }
};

}  // namespace takt
