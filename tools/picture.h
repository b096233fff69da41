// SPDX-License-Identifier: Apache-2.0
// A program as a picture for a report.
#pragma once

#include <memory>
#include <string>

#include "core/program/timeline.h"
#include "tools/canvas.h"
#include "tools/lanes.h"

namespace takt {

using MakeCanvas = std::unique_ptr<Canvas> (*)(double width, double height);

/// Title, bands for the phases, a lane for each output with its totals over the whole run, and a
/// time axis; of two sides also the boundaries. Shows `stretch` of the run. `width` is that of the
/// whole picture; the height follows from the outputs. Returns the file.
std::string draw_picture(const std::string& title, const Timeline& timeline, const Stretch& stretch,
                         int width, MakeCanvas make_canvas);

}  // namespace takt
