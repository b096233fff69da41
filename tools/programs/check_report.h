// SPDX-License-Identifier: Apache-2.0
// What takt check finds out about a valid program.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/app/boards/board.h"
#include "takt/core/playback/pace.h"
#include "tools/cli/json_out.h"
#include "tools/programs/rehearsal.h"
#include "tools/programs/source.h"
#include "tools/programs/tally.h"

namespace takt {

class CheckReport {
 public:
  /// Adds what it finds wrong to `source`. `board` may be null.
  CheckReport(Source& source, const Timeline& timeline, const Board* board);

  void print_text() const;
  void print_json() const;

 private:
  void judge_rules();
  void judge_reversal();
  void judge_pulses();
  void judge_memory();
  void judge_pace();
  void judge_pins();

  void print_phases() const;
  void print_outputs() const;
  void print_resources() const;
  void json_phases(JsonOut& out) const;
  void json_outputs(JsonOut& out) const;
  void json_resources(JsonOut& out) const;

  const Program& program() const { return timeline_.program(); }
  std::size_t memory_bytes() const { return program().memory_bytes + playback_bytes_; }
  Micros lateness() const;
  /// 0: as much as there is.
  std::size_t board_bytes() const { return board_ == nullptr ? 0 : board_->program_bytes(); }

  Source& source_;
  const Timeline& timeline_;
  const Board* board_;
  ProgramTally tally_;
  Rehearsal rehearsal_;
  std::size_t playback_bytes_;
  Micros stretch_;  ///< Within which half a window must hold all frames.
  Pace pace_;
};

/// The JSON of a program that is not valid.
void print_invalid(const Source& source);

}  // namespace takt
