// SPDX-License-Identifier: Apache-2.0
// What a sensor shows.
#pragma once

#include <cstdint>

#include "takt/core/base/text.h"
#include "takt/core/base/time.h"
#include "takt/core/json/limits.h"

namespace takt {

struct Reading {
  FixedText<kMaxNameBytes> sensor;
  std::int32_t value = 0;
  LocalTime at;  ///< When it was so.
};

}  // namespace takt
