// SPDX-License-Identifier: Apache-2.0
// Limits that several layers share, each with its reason.
#pragma once

#include <cstddef>

namespace takt {

/// One bit of a machine word per output: the on/off state of a device is one store.
inline constexpr std::size_t kMaxOutputs = 32;

/// Outputs with a number instead of on/off. Two sides of motor intensity, brightness and colour,
/// and two to spare; each costs two bytes of every queued frame of programs that use it.
inline constexpr std::size_t kMaxAnalogOutputs = 8;

}  // namespace takt
