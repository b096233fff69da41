// SPDX-License-Identifier: Apache-2.0
// What programs are checked against: memory and refilling of the boards that takt knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/time.h"

namespace takt {

struct BoardLimits {
  std::string_view name;
  std::size_t program_bytes;  ///< Memory for a program and its playback; 0: as much as there is.
  Micros refill_latency;      ///< How late the feeder may come, at worst.
};

std::span<const BoardLimits> all_board_limits();

}  // namespace takt
