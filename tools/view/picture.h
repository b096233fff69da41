// SPDX-License-Identifier: Apache-2.0
// A program, a trace, or both as a picture for a report.
#pragma once

#include <memory>
#include <string>

#include "takt/core/program/timeline.h"
#include "tools/trace/frames.h"
#include "tools/view/canvas.h"

namespace takt {

using MakeCanvas = std::unique_ptr<Canvas> (*)(double width, double height);

/// What a picture shows: a plan, what was played, or one below the other. Both have the same
/// outputs.
struct Scene {
  std::string title;
  const Timeline* planned = nullptr;
  const PlayedTrace* played = nullptr;
  Stretch stretch;  ///< Of the run.
};

/// Title, bands for the phases, a lane for each output with its totals over what is shown, and a
/// time axis; of two sides also the boundaries. Words that have no room are shortened or left out.
/// `width` is that of the whole picture; the height follows from the outputs. Returns the file.
std::string draw_picture(const Scene& scene, int width, MakeCanvas make_canvas);

}  // namespace takt
