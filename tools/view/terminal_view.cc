// SPDX-License-Identifier: Apache-2.0
#include "tools/view/terminal_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "tools/cli/text.h"
#include "tools/programs/run_text.h"

namespace takt {
namespace {

constexpr std::size_t kMostCells = 400;

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[1;31m";

std::string_view color_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::kSwitch: return "\x1b[32m";
    case OutputKind::kDirection: return "\x1b[34m";
    case OutputKind::kAnalog: return "\x1b[35m";
  }
  return kPlain;
}

std::string join_ends(const std::string& left, const std::string& right, std::size_t width) {
  const std::size_t used = cells(left) + cells(right);
  if (used + 1 > width) return fitted(left, width);
  return left + std::string(width - used, ' ') + right;
}

double ratio(Micros part, Micros whole) {
  if (whole <= Micros{0}) return 0;
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

}  // namespace

VerbSet keys_in(EngineState state) {
  if (state == EngineState::kPaused) return {"resume", "skip", "estop", "quit"};
  return {"pause", "skip", "estop", "quit"};
}

TerminalView::TerminalView(std::string title, const Timeline& timeline, double speed,
                           Micros per_cell)
    : title_(std::move(title)),
      timeline_(timeline),
      speed_(speed),
      per_cell_(std::max(per_cell, Micros{1})),
      on_(timeline.program().outputs.size()) {}

void TerminalView::note(Micros at, const Levels& levels) {
  pass_time(at);
  levels_ = levels;
}

void TerminalView::pass_time(Micros to) {
  // After a long wait only what can be seen matters.
  at_ = std::max(at_, to - per_cell_ * std::int64_t{kMostCells});
  while (at_ < to) {
    const Micros end = std::min(to, at_ - at_ % per_cell_ + per_cell_);
    for (std::size_t i = 0; i < on_.size(); ++i) {
      on_[i] += part_of(i, levels_) * static_cast<double>((end - at_).count());
    }
    at_ = end;
    if (at_ % per_cell_ == Micros{0}) close_cell();
  }
}

/// Reading the clock twice gives two times: only what is longer than that takes was a pause.
void TerminalView::follow(const EngineStatus& status, Micros now) {
  playing_ = status.state == EngineState::kPlaying;
  const Micros pauses = now - status.elapsed;
  if (std::max(pauses - pauses_, pauses_ - pauses) > per_cell_ / 2) pauses_ = pauses;
}

/// The side whose half begins in the cell that begins at `begin`: L, R, B for both, a dot for one
/// that shows nothing. The first, if there are several.
char TerminalView::mark_at(Micros begin) const {
  const Pattern* const pattern = timeline_.program().pattern;
  const Micros from = std::max(begin - pauses_, Micros{0});
  if (pattern == nullptr || !playing_ || from >= timeline_.duration()) return ' ';
  Half half = half_at(pattern->score, from);
  if (half.begin < from) {
    if (half.end >= std::min(begin - pauses_ + per_cell_, timeline_.duration())) return ' ';
    half = half_at(pattern->score, half.end);
  }
  if (half.look.is_dark()) return '.';
  return half.active == kBothSides ? 'B' : half.active == kLeftSide ? 'L' : 'R';
}

void TerminalView::close_cell() {
  Cell cell;
  cell.mark = mark_at(at_ - per_cell_);
  for (double& on : on_) {
    const double part = on / static_cast<double>(per_cell_.count());
    // A pulse that is short for a cell is still to be seen.
    const double eighths = on > 0 ? std::max(1.0, std::round(part * 8)) : 0;
    cell.eighths.push_back(static_cast<std::uint8_t>(std::min(eighths, 8.0)));
    on = 0;
  }
  cells_.push_back(std::move(cell));
  if (cells_.size() > kMostCells) cells_.pop_front();
}

double TerminalView::part_of(std::size_t output, const Levels& levels) const {
  const Output& row = timeline_.program().outputs[output];
  if (row.kind != OutputKind::kAnalog) return levels.is_on(static_cast<unsigned>(output)) ? 1 : 0;
  return static_cast<double>(levels.analog[row.channel]) / row.range;
}

std::string TerminalView::draw(const EngineStatus& status, Micros now, Terminal::Size size,
                               bool utf8) {
  follow(status, now);
  pass_time(now);
  const auto width = static_cast<std::size_t>(std::max(size.columns, 20));
  const auto rows = static_cast<std::size_t>(std::max(size.rows, 4));
  const Program& program = timeline_.program();
  const Micros length = timeline_.length_of(status.entry.phase);
  std::vector<std::string> lines;
  lines.push_back(heading(status, width));
  lines.push_back(bar(ratio(status.elapsed, timeline_.duration()), width, utf8));
  lines.push_back(phase_line(status, width));
  lines.push_back(bar(ratio(status.phase_elapsed, length), width, utf8));
  lines.emplace_back();
  const bool sides = program.pattern != nullptr;
  if (sides) lines.push_back(boundaries(width));
  const std::size_t taken = sides ? 9 : 8;
  const std::size_t room = rows > taken ? rows - taken : 0;
  for (std::size_t i = 0; i < std::min(room, program.outputs.size()); ++i) {
    lines.push_back(lane(i, width, utf8));
  }
  lines.emplace_back();
  lines.push_back(fitted(figures(status), width));
  lines.push_back(
      fmt::format("{}{}{}", kDim, fitted(keys_of(keys_in(status.state)).view(), width), kPlain));
  if (lines.size() > rows) lines.resize(rows);
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string TerminalView::heading(const EngineStatus& status, std::size_t width) const {
  std::string left = title_;
  if (speed_ != 1.0) left += fmt::format("   {:g} times real time", speed_);
  const std::string right =
      fmt::format("{} of {}", clock_text(status.elapsed), clock_text(timeline_.duration()));
  return fmt::format("{}{}{}", kBold, join_ends(left, right, width), kPlain);
}

std::string TerminalView::phase_line(const EngineStatus& status, std::size_t width) const {
  const Program& program = timeline_.program();
  std::string left = fmt::format("phase {} of {}: {}", status.entry.phase + 1,
                                 program.phases.size(), phase_title(program, status.entry.phase));
  if (status.entry.loop > 0 || status.entry.pass > 0) {
    left += fmt::format("   round {}", status.entry.loop + status.entry.pass + 1);
  }
  const std::string right = fmt::format("{} of {}", clock_text(status.phase_elapsed),
                                        clock_text(timeline_.length_of(status.entry.phase)));
  if (status.state == EngineState::kPaused) {
    return fmt::format("{}{}{}", kRed, join_ends("PAUSED   " + left, right, width), kPlain);
  }
  return join_ends(left, right, width);
}

std::string TerminalView::bar(double part, std::size_t width, bool utf8) const {
  const double clamped = std::clamp(part, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(clamped * static_cast<double>(width));
  std::string text{"\x1b[36m"};
  for (std::size_t i = 0; i < width; ++i) {
    if (i == filled) text += fmt::format("{}{}", kPlain, kDim);
    text += utf8 ? "━" : i < filled ? "#" : "-";
  }
  return text + std::string{kPlain};
}

std::size_t TerminalView::label_width() const {
  std::size_t longest = 0;
  for (const Output& output : timeline_.program().outputs) {
    longest = std::max(longest, cells(printable(output.title())));
  }
  return std::min<std::size_t>(longest, 24);
}

std::string TerminalView::boundaries(std::size_t width) const {
  const std::size_t labels = label_width() + 6;
  const std::size_t shown = std::min(width > labels ? width - labels : 0, cells_.size());
  std::string text = fitted("boundaries", std::min(labels, width));
  text += std::string(width > labels ? width - labels - shown : 0, ' ');
  text += kBold;
  for (std::size_t i = cells_.size() - shown; i < cells_.size(); ++i) text += cells_[i].mark;
  return text + std::string{kPlain};
}

std::string TerminalView::lane(std::size_t output, std::size_t width, bool utf8) const {
  const Output& row = timeline_.program().outputs[output];
  const std::size_t labels = label_width();
  std::string state = levels_.is_on(static_cast<unsigned>(output)) ? " on " : "    ";
  if (row.kind == OutputKind::kDirection) {
    state = levels_.is_on(static_cast<unsigned>(output)) ? " cw " : "    ";
  } else if (row.kind == OutputKind::kAnalog) {
    state = fmt::format("{:>4.0f}%", part_of(output, levels_) * 100);
  }
  std::string text = fitted(printable(row.title()), labels) + fitted(state, 6);
  const std::size_t room = width > labels + 6 ? width - labels - 6 : 0;
  const std::size_t shown = std::min(room, cells_.size());
  text += std::string(room - shown, ' ');
  text += color_of(row.kind);
  for (std::size_t i = cells_.size() - shown; i < cells_.size(); ++i) {
    text += level_glyph(cells_[i].eighths[output], utf8);
  }
  return text + std::string{kPlain};
}

std::string TerminalView::figures(const EngineStatus& status) const {
  std::string text =
      fmt::format("late p50 {} us  p99 {} us  max {} us   {}   {}", status.lateness.p50.count(),
                  status.lateness.p99.count(), status.lateness.max.count(),
                  counted(status.refills, "refill"), counted(status.edges, "edge"));
  if (status.lost_pulses > 0) text += "   " + counted(status.lost_pulses, "pulse") + " lost";
  if (status.withheld > 0) text += "   " + counted(status.withheld, "edge") + " withheld";
  if (status.faults > 0) text += "   " + counted(status.faults, "fault");
  return text;
}

}  // namespace takt
