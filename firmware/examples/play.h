// SPDX-License-Identifier: Apache-2.0
// A device that plays one program, with a trace.
#pragma once

#include <span>
#include <string_view>

#include "takt/app/boards/board.h"
#include "takt/core/program/codec.h"
#include "takt/firmware/ports.h"
#include "takt/firmware/scripted_sensors.h"

namespace takt::firmware {

/// Boots a device, plays `source` to its end, and writes the trace that `takt play --trace` writes.
/// Sensors show `readings`, ordered by time. `text`: see DeviceConfig. False: it could not, or a
/// fault ended it; printed.
bool play(Ports& ports, const Board& board, std::string_view source,
          std::span<const ScriptedReading> readings, const TextForms* text);

}  // namespace takt::firmware
