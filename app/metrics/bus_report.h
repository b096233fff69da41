// SPDX-License-Identifier: Apache-2.0
// The figures of a bus as JSON, for Prometheus, and for people.
#pragma once

#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/base/text_out.h"
#include "takt/core/bus/snapshot.h"

namespace takt {

/// One JSON object, without line breaks.
void write_json(const bus::Snapshot& snapshot, TextOut& out);

/// Prometheus text format 0.0.4: names begin with takt_bus_, durations are in seconds.
void write_prometheus(const bus::Snapshot& snapshot, TextOut& out);

/// For people.
void write_table(const bus::Snapshot& snapshot, TextOut& out);

/// The console command `bus`: "" shows the table, "json" and "prometheus" the others.
/// - kUnsupported: other words.
Status run_bus_command(std::string_view words, const bus::Snapshot& snapshot, TextOut& out);

}  // namespace takt
