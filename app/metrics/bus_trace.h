// SPDX-License-Identifier: Apache-2.0
// A trace for chrome://tracing and ui.perfetto.dev.
#pragma once

#include "takt/core/base/text_out.h"
#include "takt/core/bus/snapshot.h"
#include "takt/core/bus/trace.h"

namespace takt {

/// The kept instants in Chrome's trace event format: each module is a thread with a slice per
/// message from receive to release, publishing and enqueueing are instants, and a flow arrow joins
/// what belongs to one message. Names come from `snapshot`.
void write_chrome_trace(const bus::Trace& trace, const bus::Snapshot& snapshot, TextOut& out);

}  // namespace takt
