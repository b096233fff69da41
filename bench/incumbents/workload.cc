// SPDX-License-Identifier: Apache-2.0
#include "bench/incumbents/workload.h"

#include <algorithm>
#include <tuple>

#include "takt/core/base/assert.h"

namespace takt::incumbents {
namespace {

constexpr std::int64_t kSpanEvents = 2 * Workload::kMotor;
constexpr std::int64_t kStepEvents = 3;

std::array<Workload::Step, Workload::kSteps> make_steps() {
  std::array<Workload::Step, Workload::kSteps> steps{};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto k = static_cast<std::int64_t>(i);
    steps[i] = {millis(500 + 100 * (k * 7 % 6)), millis(300 + 50 * (k * 5 % 9)), k % 2 == 0};
  }
  return steps;
}

int rank(const Event& event) {
  if (event.output == Workload::kDirection) return 1;
  return event.value == 0 ? 0 : 2;
}

}  // namespace

Workload Workload::of(std::int64_t events) {
  TAKT_ASSERT(events >= kSpanEvents + kStepEvents);
  const std::int64_t steps = (events - kSpanEvents) / kStepEvents;
  const auto pattern = static_cast<std::int64_t>(kSteps);
  Workload workload{make_steps(), steps / pattern, static_cast<std::size_t>(steps % pattern), {}};
  // Sixteenths of the motor's time, so that the spans overlap each other and none ends last.
  const std::int64_t unit_ms = workload.motor_time() / millis(16);
  for (std::size_t i = 0; i < workload.spans.size(); ++i) {
    const auto k = static_cast<std::int64_t>(i);
    workload.spans[i] = {millis(unit_ms * (2 * k + 1)), millis(unit_ms * (2 + k))};
  }
  return workload;
}

Micros Workload::motor_time() const {
  Micros pattern;
  Micros tail;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Micros step = steps[i].on + steps[i].pause;
    pattern += step;
    if (i < tail_steps) tail += step;
  }
  return pattern * repeats + tail;
}

std::vector<Event> Workload::expand() const {
  std::vector<Event> events;
  std::uint16_t output = 0;
  for (const Span& span : spans) {
    events.push_back({span.start, output, 1});
    events.push_back({span.start + span.length, output, 0});
    ++output;
  }
  Micros at;
  for (std::int64_t pass = 0; pass <= repeats; ++pass) {
    const std::size_t count = pass < repeats ? steps.size() : tail_steps;
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back({at, kDirection, steps[i].clockwise});
      events.push_back({at, kMotor, 1});
      events.push_back({at + steps[i].on, kMotor, 0});
      at += steps[i].on + steps[i].pause;
    }
  }
  return events;
}

void sort_by_time(std::vector<Event>& events) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tuple(a.at, rank(a), a.output) < std::tuple(b.at, rank(b), b.output);
  });
}

}  // namespace takt::incumbents
