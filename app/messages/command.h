// SPDX-License-Identifier: Apache-2.0
// A wish as a value: what keys, orders, requests and scripts become before anything acts on it.
#pragma once

#include <cstdint>
#include <optional>

#include "takt/core/base/time.h"

namespace takt {

/// The part of the setting of a program with two sides that is to change; the rest stays.
struct SettingWish {
  std::optional<Micros> cycle{};
  std::optional<std::uint8_t> duty{};        ///< Percent.
  std::optional<std::uint8_t> intensity{};   ///< Percent.
  std::optional<std::uint8_t> brightness{};  ///< Percent.
  std::optional<bool> alternate{};           ///< Motors turn the other way in every second cycle.

  bool operator==(const SettingWish&) const = default;

  constexpr bool is_empty() const {
    return !cycle && !duty && !intensity && !brightness && !alternate;
  }
};

/// Travels over the bus: allocated blocking, in the priority lane. The sender of an emergency stop
/// also makes it directly, beside the bus.
struct Command {
  enum class Kind : std::uint8_t {
    kPlay,           ///< Begins with `wish`, or changes what plays by it.
    kSet,            ///< Changes what plays by `wish`; begins nothing.
    kStop,           ///< Ends the run.
    kPause,          ///< Outputs safe; the place is kept.
    kResume,         ///< Goes on where kPause came.
    kSkip,           ///< Ends the present phase run.
    kSkipTo,         ///< The same, and goes on with `phase`.
    kEmergencyStop,  ///< Outputs safe at once, and nothing begins until kRelease.
    kRelease,        ///< Takes an emergency stop back.
  };

  /// The number by which its Answer is known, from one counter of the device; 0: nobody waits for
  /// an answer.
  std::uint32_t number = 0;
  Kind kind = Kind::kStop;
  std::uint16_t phase = 0;  ///< Of kSkipTo, from 0.
  SettingWish wish{};       ///< Of kPlay and kSet.

  bool operator==(const Command&) const = default;
};

}  // namespace takt
