// SPDX-License-Identifier: Apache-2.0
// Pulses that no output ever showed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "takt/core/engine/engine.h"
#include "tools/cli/json_out.h"

namespace takt {

/// The lost pulses of one output.
struct LostPulses {
  std::size_t output = 0;
  std::uint32_t count = 0;
  Micros first;  ///< When the plan had the first, from the start.
};

/// The lost pulses of the present or latest run; times count from `origin`. Context: the control
/// half.
std::vector<LostPulses> lost_pulses_of(const Player& player, LocalTime origin);

/// Prints a line for people for each, if there are any.
void print_lost_pulses(const std::vector<LostPulses>& lost, const Program& program);

/// "3 pulses of drain_pump lost, the first at 2.500 s".
std::string sentence_of(const LostPulses& lost, const Program& program);

/// What fell short over all runs of a device.
///
/// Context: one, the control half.
class ShortfallSum {
 public:
  /// Call it often enough to see each run; times count from the clock's zero.
  void note(const Player& player);

  std::vector<LostPulses> lost_pulses() const;
  std::uint32_t lost() const;
  ShortfallFigures beyond() const { return beyond_.sum(); }
  std::uint32_t withheld() const { return withheld_.sum().count; }

 private:
  /// A count that begins anew with each run.
  struct Counter {
    ShortfallFigures past;
    ShortfallFigures present;

    void note(const ShortfallFigures& figures);
    ShortfallFigures sum() const;
  };

  std::array<Counter, kMaxOutputs> lost_;
  Counter beyond_;
  Counter withheld_;  ///< The time of the first one is not known.
};

/// "lost_pulses": [{"output", "count", "first_us"}].
void json_lost_pulses(JsonOut& out, const std::vector<LostPulses>& lost, const Program& program);

/// "beyond_tolerance": {"count", "first_us"}; times from zero.
void json_beyond_tolerance(JsonOut& out, const ShortfallFigures& beyond);

}  // namespace takt
