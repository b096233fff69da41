// SPDX-License-Identifier: Apache-2.0
// What a program may hold. Every limit is an error with a place when exceeded, never a cut.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/base/limits.h"
#include "takt/core/base/time.h"
#include "takt/core/json/limits.h"

namespace takt {

/// The source text: ten times the largest cycle known, and short enough to parse in one breath.
inline constexpr std::size_t kMaxSourceBytes = 16U << 20U;

/// The label of an output: the sentence that tells of a fault holds two of them.
inline constexpr std::size_t kMaxLabelBytes = 60;

/// Ten times what the largest known machine uses; keeps skip_to_phase lists readable.
inline constexpr std::size_t kMaxPhases = 1'000;

/// Counts of simultaneous wishes for one output are kept in one byte.
inline constexpr std::size_t kMaxComponentsPerPhase = 255;

/// Steps and explicit edges of the whole program: 8 bytes each, so 8 MiB, the largest PSRAM.
inline constexpr std::size_t kMaxPoints = 1U << 20U;

inline constexpr std::size_t kMaxInterlocks = 32;
inline constexpr std::size_t kMaxLoops = 64;

/// Segments of a pattern, 16 bytes each: four times the longest pattern of the devices known.
inline constexpr std::size_t kMaxSegments = 256;

/// One pass of a pattern: a day. Keeps the arithmetic of boundaries within 64 bits.
inline constexpr Micros kMaxPatternLength = seconds(86'400);

/// A bilateral cycle, left and right together: 2 Hz to 0.5 Hz is what therapy uses; research goes
/// down to 0.25 Hz.
inline constexpr Micros kMinCycle = millis(500);
inline constexpr Micros kMaxCycle = millis(2'000);
inline constexpr Micros kMaxResearchCycle = millis(4'000);

/// Percent of the active half: shorter pulses are not felt.
inline constexpr unsigned kMinBilateralDuty = 10;

/// Percent of a bilateral motor, besides 0: weaker ones do not start, stronger ones are unpleasant.
inline constexpr unsigned kMinIntensity = 30;
inline constexpr unsigned kMaxIntensity = 80;

/// Percent of a bilateral light, besides 0: what the field's therapy devices allow.
inline constexpr unsigned kMinBrightness = 10;
inline constexpr unsigned kMaxBrightness = 30;

/// Between one side and the other; the upper end leaves the shortest half most of its pulse.
inline constexpr Micros kMinDeadTime = millis(1);
inline constexpr Micros kMaxDeadTime = millis(100);

/// A bilateral session: 90 minutes, the longest that the field's devices allow.
inline constexpr Micros kMaxSession = seconds(5'400);

/// Rates of a pattern: from a thousandth of a cycle per second to a half of 10 ms, the shortest
/// time in which a light can be told to change.
inline constexpr unsigned kMinRateMhz = 1;
inline constexpr unsigned kMaxRateMhz = 50'000;

/// More flashes per second than this, brighter than this many percent, can start a seizure (the
/// general guidance is at most three); the brightness is that of the field's therapy lights.
inline constexpr unsigned kMaxFlashesPerSecond = 3;
inline constexpr unsigned kFlashBrightness = 30;

/// A whole run with all loops: a hundred years, far from the end of 64-bit microseconds.
inline constexpr Micros kMaxRun = seconds(100LL * 366 * 24 * 3600);

/// Smallest time between two steps of an analog ramp: 100 Hz, finer than an eye or a motor sees,
/// and coarse enough that a ramp cannot outrun the feeder.
inline constexpr Micros kRampTick = millis(10);

}  // namespace takt
