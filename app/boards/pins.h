// SPDX-License-Identifier: Apache-2.0
// Whether a board has the pins that a program names.
#pragma once

#include "takt/app/boards/board.h"
#include "takt/core/base/status.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/program/model.h"

namespace takt {

/// Looks at the pin of each output of `program`, which must have passed check(). Reports an error
/// for each pin that `board` lacks, and a warning for each pin that does something else at a reset.
/// Places are like those of check().
/// - kOutOfRange: there was an error.
Status check_pins(const Program& program, const Board& board, DiagnosticSink& sink);

}  // namespace takt
