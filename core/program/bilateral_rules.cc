// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/bilateral_rules.h"

#include <algorithm>

#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// Whether `percent` of the output's range is more than its cap.
bool is_capped(const Program& program, std::uint8_t output, unsigned percent) {
  if (output == kNoOutput) return false;
  const Output& row = program.outputs[output];
  return std::uint64_t{row.range} * percent > std::uint64_t{row.most()} * 100;
}

}  // namespace

std::optional<BilateralRefusal> refusal_of(const Bilateral& setting, const Program& program) {
  const Pattern& pattern = *program.pattern;
  const bool too_slow = setting.cycle > (pattern.research ? kMaxResearchCycle : kMaxCycle);
  if (setting.cycle < kMinCycle || too_slow) {
    return BilateralRefusal{"cycle", pattern.research ? "a cycle is 500 to 4000 ms (2 to 0.25 Hz)"
                                                      : "a cycle is 500 to 2000 ms (2 to 0.5 Hz); "
                                                        "\"research\": true allows up to 4000 ms"};
  }
  if (setting.duty_percent < kMinBilateralDuty || setting.duty_percent > 100) {
    return BilateralRefusal{"duty", "a duty is 10 to 100 percent of the active half"};
  }
  const Look& look = setting.look;
  if (look.intensity != 0 && (look.intensity < kMinIntensity || look.intensity > kMaxIntensity)) {
    return BilateralRefusal{"intensity", "an intensity is 0 or 30 to 80 percent"};
  }
  if (look.brightness != 0 &&
      (look.brightness < kMinBrightness || look.brightness > kMaxBrightness)) {
    return BilateralRefusal{"brightness", "a brightness is 0 or 10 to 30 percent"};
  }
  for (const SideOutputs& side : pattern.sides) {
    if (is_capped(program, side.drive, look.intensity)) {
      return BilateralRefusal{"intensity", "its output may not be driven so strongly"};
    }
    if (is_capped(program, side.brightness, look.brightness)) {
      return BilateralRefusal{"brightness", "its output may not be driven so brightly"};
    }
    if (side.colour != kNoOutput && look.colour > program.outputs[side.colour].most()) {
      return BilateralRefusal{"colour", "its output does not have so many colours"};
    }
  }
  return std::nullopt;
}

}  // namespace takt
