// SPDX-License-Identifier: Apache-2.0
// How short a pulse gets.
#pragma once

#include <optional>

#include "takt/core/program/model.h"

namespace takt {

/// The shortest time that `component`, which passed check(), wants its output on, pulses without a
/// pause between them taken as one. Nothing: it never does, or only until the phase ends.
std::optional<Micros> shortest_pulse(const Program& program, const Component& component);

/// The same for the sides that `pattern` plays.
std::optional<Micros> shortest_pulse(const Pattern& pattern);

}  // namespace takt
