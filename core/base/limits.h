// SPDX-License-Identifier: Apache-2.0
// Limits that several layers share, each with its reason.
#pragma once

#include <cstddef>

#include "takt/core/base/time.h"

namespace takt {

/// One bit of a machine word per output: the on/off state of a device is one store.
inline constexpr std::size_t kMaxOutputs = 32;

/// Outputs with a number instead of on/off. Two sides of motor intensity, brightness and colour,
/// and two to spare; each costs two bytes of every queued frame of programs that use it.
inline constexpr std::size_t kMaxAnalogOutputs = 8;

/// How late an ordinary task of a host comes, at worst: more than it waits for a processor on a
/// busy machine. What is queued must last that long.
inline constexpr Micros kTaskLateness = millis(20);

}  // namespace takt
