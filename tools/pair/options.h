// SPDX-License-Identifier: Apache-2.0
// The words of a call of takt pair.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/programs/source.h"

namespace takt {

struct PairOptions {
  SourceOptions source;
  std::string link = "lan";
  double loss_percent = 0;
  double latency_ms = 0;
  double ppm = 20;  ///< By which the left clock is faster than the right one.
  double late_ms = 5;
  double tolerance_ms = 10;
  double holdover_s = 120;
  double takeover_s = 30;
  double seconds = 0;  ///< 0: until it is told to end.
  std::uint64_t seed = 1;
  std::vector<std::string> actions;
  std::string record;  ///< Folder; empty: none is kept.
  bool json = false;
};

}  // namespace takt
