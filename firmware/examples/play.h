// SPDX-License-Identifier: Apache-2.0
// A whole device that plays one program.
#pragma once

#include <string_view>

#include "takt/firmware/examples/device.h"

namespace takt::firmware {

/// Reads, checks and plays `source` (any form that takt reads) to its end, with a trace of its
/// outputs. Takes no heap. False: it could not, or a fault ended it; printed.
bool play(Device& device, std::string_view source);

}  // namespace takt::firmware
