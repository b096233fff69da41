// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/pace.h"

#include <algorithm>

#include "takt/core/playback/window.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// The instants of one repeat of a row of pulses: number 2k is where pulse k begins, 2k+1 where it
/// ends; further numbers lie in further repeats.
class PulseInstants {
 public:
  PulseInstants(const Component& component, std::span<const Point> points)
      : component_(component), points_(points) {}

  std::uint64_t per_repeat() const { return 2 * points_.size(); }

  Micros at(std::uint64_t number) const {
    const Point& point = points_[static_cast<std::size_t>(number / 2 % points_.size())];
    const auto repeat = static_cast<std::int64_t>(number / per_repeat());
    const std::int64_t ticks = number % 2 == 0 ? point.at : point.at + std::int64_t{point.length()};
    return component_.period * repeat + component_.tick * ticks;
  }

 private:
  const Component& component_;
  std::span<const Point> points_;
};

/// Most instants in a stretch [t, t + length), by two marks that walk through two repeats.
std::uint64_t densest_pulses(const Component& component, std::span<const Point> points,
                             Micros length) {
  const PulseInstants instants{component, points};
  const auto whole = static_cast<std::uint64_t>(length / component.period);
  const Micros rest = length % component.period;
  std::uint64_t most = 0;
  std::uint64_t end = 0;
  for (std::uint64_t begin = 0; begin < instants.per_repeat(); ++begin) {
    end = std::max(end, begin);
    // Bounded: instants ascend, and a repeat of them is longer than `rest`.
    while (instants.at(end) < instants.at(begin) + rest) ++end;
    most = std::max(most, end - begin);
  }
  return std::min(whole * instants.per_repeat() + most, component.repeats * instants.per_repeat());
}

std::uint64_t densest_edges(const Component& component, std::span<const Point> points,
                            Micros length) {
  std::uint64_t most = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < points.size(); ++begin) {
    const Micros until = component.tick * points[begin].at + length;
    while (end < points.size() && component.tick * points[end].at < until) ++end;
    most = std::max<std::uint64_t>(most, end - begin);
  }
  return most;
}

std::uint64_t densest_component(const Program& program, const Component& component, Micros length) {
  if (!component.plays()) return 0;
  const auto points = program.points_of(component);
  switch (component.kind) {
    case ComponentKind::kPulses: return densest_pulses(component, points, length);
    case ComponentKind::kEdges: return densest_edges(component, points, length);
    case ComponentKind::kRamp:
      // Steps lie a tick or more apart; each ramp has one step even if it takes no time.
      return static_cast<std::uint64_t>(length / kRampTick) + 2;
  }
  return 0;
}

/// A run has one frame of its own, where it begins.
std::uint64_t densest_phase(const Program& program, const Phase& phase, Micros length) {
  std::uint64_t frames = 1;
  for (const Component& component : program.components_of(phase)) {
    frames += densest_component(program, component, length);
  }
  return frames;
}

/// Of two sides: a half has a frame where it begins, one where its pulse ends, and one at its end,
/// besides the steps of a fade.
std::uint64_t densest_sides(const Pattern& pattern, Micros length) {
  // Rates are in cycles per 1,000 s; halves of two segments can meet in the stretch.
  unsigned fastest_mhz = 0;
  bool fades = false;
  for (const Segment& segment : pattern.score.segments) {
    fastest_mhz = std::max<unsigned>(fastest_mhz, segment.rate_mhz);
    fades = fades || segment.fade_ms > 0;
  }
  const Micros cycle =
      pattern.is_bilateral() ? kMinCycle : seconds(1'000) / std::max(fastest_mhz, 1U);
  const auto halves = static_cast<std::uint64_t>(2 * length.count() / cycle.count()) + 2;
  return 3 * halves + (fades ? static_cast<std::uint64_t>(length / kRampTick) + 2 : 0);
}

/// What a stretch can hold that begins in run `entry`: from there on, until the runs strictly
/// between its first and its last fill `length`.
Pace densest_from(const Timeline& timeline, std::uint32_t entry, Micros length) {
  const Program& program = timeline.program();
  Pace pace{1, 0};  // The end of the program is a frame.
  std::uint64_t most = 0;
  Micros between;
  // Bounded: by the entries, and by what a window can hold.
  for (std::uint32_t last = entry;; ++last) {
    const std::uint16_t phase = timeline.entry(last).phase;
    const std::uint64_t frames = densest_phase(program, program.phases[phase], length);
    pace.frames += frames;
    if (frames > most) {
      most = frames;
      pace.phase = phase;
    }
    if (last != entry) between += timeline.length_of(phase);
    const bool hopeless = pace.frames > Window::kMaxFrames;  // No window holds it: stop counting.
    if (hopeless || between >= length || last + 1 == timeline.entry_count()) return pace;
  }
}

}  // namespace

Pace densest(const Timeline& timeline, Micros length) {
  if (const Pattern* const pattern = timeline.program().pattern) {
    return {densest_sides(*pattern, length), 0};
  }
  Pace worst;
  const auto phases = static_cast<std::uint16_t>(timeline.program().phases.size());
  for (std::uint16_t phase = 0; phase < phases; ++phase) {
    // The first run of a phase is followed by its loop's next phase or, where it is the loop's
    // last, by the loop's first; its last run by what stands behind the loop.
    const std::uint32_t first = timeline.entry_of(phase, 0);
    std::uint32_t last = first;
    for (const Loop& loop : timeline.program().loops) {
      if (loop.first <= phase && phase <= loop.last) {
        last = first + (loop.last - loop.first + 1U) * (loop.times - 1U);
      }
    }
    for (const std::uint32_t entry : {first, last}) {
      const Pace pace = densest_from(timeline, entry, length);
      if (pace.frames > worst.frames) worst = pace;
    }
    if (worst.frames > Window::kMaxFrames) break;
  }
  return worst;
}

}  // namespace takt
