// SPDX-License-Identifier: Apache-2.0
// takt's estimator against what it replaces, on one simulated pair of clocks and one link.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace takt::bench {

enum class Rival : std::uint8_t {
  kTakt,    ///< One exchange a second: 120 messages a minute.
  kMedian,  ///< Ableton Link's: median of 101 offsets out of 51 exchanges every 30 s, slope one.
  kMedianLine,  ///< The line of least squares through the last eight of those medians.
  kBeacons,     ///< Moving average of one-way beacons, 30 % for 12, then 10 %: 120 a minute.
};
inline constexpr std::array kRivals{Rival::kTakt, Rival::kMedian, Rival::kMedianLine,
                                    Rival::kBeacons};
std::string_view name_of(Rival rival);
int messages_per_minute(Rival rival);

struct SyncRace {
  double ppm = 10;  ///< Difference of the two clocks, without temperature.
  int seeds = 50;   ///< The largest error in silence is that of one seed: few seeds flatter.
};

/// Errors against true time, in microseconds.
struct SyncError {
  double p50_us = 0;
  double p99_us = 0;
  double holdover_us = 0;  ///< Largest of all seeds within ten minutes without a message.
};

/// Runs every seed and merges their errors. By seed: two minutes of settling, 40 minutes with a
/// sample each 100 ms, ten minutes of holdover. The link: each way 400 us, plus exponential with a
/// mean of 250 us, plus 0 to 8 ms for one datagram in 20. The clocks: `ppm` plus a sine of 1.5 ppm
/// that takes 20 to 60 minutes, of any phase.
SyncError run_race(const SyncRace& race, Rival rival);

}  // namespace takt::bench
