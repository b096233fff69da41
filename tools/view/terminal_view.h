// SPDX-License-Identifier: Apache-2.0
// What a person sees while a program plays.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "takt/app/messages/verbs.h"
#include "takt/core/engine/engine.h"
#include "tools/view/terminal.h"

namespace takt {

/// The orders that keys give.
VerbSet keys_in(EngineState state);

/// A picture of playback as lines of text: a lane for each output, clock, phase, progress and
/// lateness. Reads no clock; draws nothing itself.
class TerminalView {
 public:
  /// A lane moves on by one cell for each `per_cell` of the program's time.
  TerminalView(std::string title, const Timeline& timeline, double speed, Micros per_cell);

  /// From `at` on the outputs are `levels`; `at` counts from the start and never goes back.
  void note(Micros at, const Levels& levels);

  /// `now` is not before what was noted. Every line ends with '\n' but the last.
  std::string draw(const EngineStatus& status, Micros now, Terminal::Size size, bool utf8);

 private:
  struct Cell {
    std::vector<std::uint8_t> eighths;  ///< Of its time, that each output was on.
    char mark = ' ';                    ///< Of two sides: whose half begins in it.
  };

  void pass_time(Micros to);
  void close_cell();
  void follow(const EngineStatus& status, Micros now);
  char mark_at(Micros begin) const;
  double part_of(std::size_t output, const Levels& levels) const;

  std::string heading(const EngineStatus& status, std::size_t width) const;
  std::string phase_line(const EngineStatus& status, std::size_t width) const;
  std::string bar(double part, std::size_t width, bool utf8) const;
  std::string boundaries(std::size_t width) const;
  std::string lane(std::size_t output, std::size_t width, bool utf8) const;
  std::string figures(const EngineStatus& status) const;
  std::size_t label_width() const;

  const std::string title_;
  const Timeline& timeline_;
  const double speed_;
  const Micros per_cell_;
  std::deque<Cell> cells_;
  std::vector<double> on_;  ///< In the cell that is being filled, microseconds of full level.
  Levels levels_;
  Micros at_;
  Micros pauses_;        ///< So far, as far as they are long enough to tell.
  bool playing_ = true;  ///< As of the last draw().
};

}  // namespace takt
