// SPDX-License-Identifier: Apache-2.0
// What every port's OutputBank must do; see law.h for the form.
//
// A port under test has
//   OutputBank& outputs();
//   bool is_high(int pin);    the level of pin 0 to 7, as seen from outside
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "takt/ports/api/output_bank.h"
#include "tests/contract/law.h"

namespace takt::contract {

/// Eight pins in any order, of both polarities, and an output without a pin among them.
inline std::array<PinConfig, 9> nine_outputs(Random& random) {
  std::array<PinConfig, 9> pins{};
  std::int16_t pin = 0;
  for (PinConfig& config : pins) {
    config.pin = static_cast<std::int16_t>(pin++ - 1);
    config.active_low = random.below(2) == 0;
  }
  for (std::uint32_t i = pins.size(); i > 1; --i) std::swap(pins[i - 1], pins[random.below(i)]);
  return pins;
}

template <typename Port>
bool shows(Port& port, std::span<const PinConfig> pins, const Levels& levels) {
  for (unsigned i = 0; i < pins.size(); ++i) {
    if (pins[i].pin >= 0 && port.is_high(pins[i].pin) != (levels.is_on(i) != pins[i].active_low)) {
      return false;
    }
  }
  return true;
}

template <typename Port>
const char* outputs_are_inactive_once_configured(Port& port, std::uint32_t seed) {
  Random random(seed);
  for (int i = 0; i < 100; ++i) {
    const auto pins = nine_outputs(random);
    if (port.outputs().configure(pins) != Status::kOk) return "it refuses good pins";
    if (!shows(port, pins, {})) return "an output is active after configure";
    Levels all;
    all.on = 0x1FF;
    if (port.outputs().apply(all) != Status::kOk || !shows(port, pins, all)) {
      return "not all outputs go on";
    }
  }
  return nullptr;
}

template <typename Port>
const char* outputs_show_what_was_applied_once_or_twice(Port& port, std::uint32_t seed) {
  Random random(seed);
  const auto pins = nine_outputs(random);
  if (port.outputs().configure(pins) != Status::kOk) return "it refuses good pins";
  for (int i = 0; i < 1'000; ++i) {
    Levels levels;
    levels.on = random.below(0x200);
    for (std::uint32_t times = 1 + random.below(2); times > 0; --times) {
      if (port.outputs().apply(levels) != Status::kOk) return "it fails to apply";
      if (!shows(port, pins, levels)) return "an output is not as applied";
    }
  }
  return nullptr;
}

template <typename Port>
const char* bad_pins_are_refused_and_hold_nothing(Port& port) {
  const std::array twice{PinConfig{.pin = 3}, PinConfig{.pin = 4}, PinConfig{.pin = 3}};
  if (port.outputs().configure(twice) != Status::kOutOfRange) return "it takes a pin twice";
  const std::array missing{PinConfig{.pin = 3}, PinConfig{.pin = 32'000}};
  if (port.outputs().configure(missing) != Status::kOutOfRange) return "it takes any pin";
  const std::array good{PinConfig{.pin = 3, .active_low = true}};
  if (port.outputs().configure(good) != Status::kOk) return "an error kept a pin";
  return shows(port, good, {}) ? nullptr : "an output is active after configure";
}

template <typename Port>
inline constexpr std::array kOutputBankLaws{
    Law<Port>{"outputs are inactive once configured",
              [](Port& port) { return outputs_are_inactive_once_configured(port, kSeeds[1]); }},
    Law<Port>{
        "outputs show what was applied, once or twice",
        [](Port& port) { return outputs_show_what_was_applied_once_or_twice(port, kSeeds[1]); }},
    Law<Port>{"bad pins are refused, and hold nothing", bad_pins_are_refused_and_hold_nothing},
};

}  // namespace takt::contract
