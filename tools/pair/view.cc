// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/text.h"
#include "tools/sim/sim_report.h"

namespace takt {
namespace {

constexpr Micros kPerCell = millis(50);
/// What happened so lately may not have been told yet.
constexpr Micros kTold = millis(150);
/// A device that has not heard of the session yet says that it may be wrong by an hour.
constexpr Micros kWorthSaying = seconds(60);
constexpr std::size_t kMostChanges = 1'024;
constexpr std::size_t kLabel = 7;

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[1;31m";

std::string link_line(const Relay& relay, const PairView::LinkState& link) {
  const Relay::Counts& there = relay.counts(0);
  const Relay::Counts& back = relay.counts(1);
  return fmt::format("{}, {} ms more latency, {:.0f} % more loss; sent {} and {}, lost {} and {}",
                     link.is_cut ? "CUT" : "joined", link.latency.count() / 1'000, link.loss * 100,
                     with_commas(there.sent), with_commas(back.sent), with_commas(there.lost),
                     with_commas(back.lost));
}

std::string verdict_line(const sim::Judge& judge) {
  const sim::Verdict& verdict = judge.verdict();
  const double error = judge.edge_errors().empty() ? 0 : judge.edge_errors().back();
  std::string broken;
  for (const sim::Count& count : sim::kCounts) {
    if (!count.is_breach || verdict.*count.value == 0) continue;
    broken += fmt::format("{}: {}; ", count.name, with_commas(verdict.*count.value));
  }
  return fmt::format(
      "{}{}, {}, last error {:.0f} us", broken.empty() ? "no promise broken; " : broken,
      counted(verdict.changes, "change"), counted(verdict.bound_samples, "bound"), error);
}

}  // namespace

void PairView::note(std::size_t index, const sim::Entry& entry) {
  Side& side = sides_[index];
  if (std::get_if<sim::Booted>(&entry.event) != nullptr) {
    side.up = true;
    side.stated = {};
    side.believed = {};
  } else if (const auto* const switched = std::get_if<sim::Switched>(&entry.event)) {
    side.changes.push_back({entry.at, switched->on});
  } else if (const auto* const believed = std::get_if<sim::Believed>(&entry.event)) {
    side.believed = *believed;
    side.believed_at = entry.at;
  } else if (const auto* const stated = std::get_if<sim::Stated>(&entry.event)) {
    side.stated = *stated;
  } else if (std::get_if<sim::Down>(&entry.event) != nullptr) {
    side.up = false;
    side.changes.push_back({entry.at, false});
  }
  if (side.changes.size() > kMostChanges) side.changes.pop_front();
}

std::string PairView::lane(const Side& side, sim::TrueTime end, std::size_t width,
                           bool utf8) const {
  // Cells lie on a grid of true time, so that they move and do not flicker.
  sim::TrueTime to = end - end.since_zero() % kPerCell;
  sim::TrueTime from = to - kPerCell * static_cast<std::int64_t>(width);
  auto next = side.changes.begin();
  bool on = false;
  for (; next != side.changes.end() && next->at <= from; ++next) on = next->on;
  std::string line;
  for (; from < to; from += kPerCell) {
    Micros lit;
    sim::TrueTime at = from;
    for (; next != side.changes.end() && next->at < from + kPerCell; ++next) {
      if (on) lit += next->at - at;
      at = next->at;
      on = next->on;
    }
    if (on) lit += from + kPerCell - at;
    // A pulse that is short for a cell is still to be seen.
    const auto eighths = static_cast<unsigned>((lit * 8 + kPerCell - Micros{1}) / kPerCell);
    line += level_glyph(std::min(eighths, 8U), utf8);
  }
  return line;
}

std::string PairView::clock_of(const Side& side, sim::TrueTime now) {
  const sim::Believed& belief = side.believed;
  if (belief.bound > kWorthSaying) return "unknown";
  const Micros grown{(now - side.believed_at).count() * belief.growth_ppb / 1'000'000'000};
  return fmt::format("within {:.2f} ms", static_cast<double>((belief.bound + grown).count()) / 1e3);
}

std::string PairView::figures(const Side& side, sim::TrueTime now) const {
  if (!side.up) return "no power";
  const bool plays = side.stated.reason == sync::Reason::kNone;
  return fmt::format("{}, hears {}, {}, clock {}, {} silenced, {} lost, at most {:.1f} ms late",
                     name_of(side.stated.role), side.stated.heard,
                     plays ? "playing" : name_of(side.stated.reason), clock_of(side, now),
                     side.stated.silenced, side.stated.lost,
                     static_cast<double>(side.stated.latest.count()) / 1e3);
}

std::string PairView::draw(const Relay& relay, const LinkState& link, const sim::Judge& judge,
                           VerbSet keys, sim::TrueTime began, sim::TrueTime now,
                           Terminal::Size size, bool utf8) const {
  const auto width = static_cast<std::size_t>(std::max(size.columns, 40));
  const std::size_t room = width - kLabel;
  const bool clean = judge.verdict().clean();
  std::string all = fmt::format("{}{}{}\n\n", kBold,
                                fitted(title_ + "  " + clock_text(now - began), width), kPlain);
  const auto row = [&all, room](std::string_view label, std::string_view color,
                                const std::string& text) {
    all += fmt::format("{:<{}}{}{}{}\n", label, kLabel, color, fitted(text, room), kPlain);
  };
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const Side& side = sides_[i];
    row(kSideNames[i], side.up ? kGreen : kDim, lane(side, now - kTold, room, utf8));
    row("", side.up ? kPlain : kRed, figures(side, now));
    row("", kDim, side.said);
  }
  all += '\n';
  row("link", link.is_cut ? kRed : kPlain, link_line(relay, link));
  row("judge", clean ? kPlain : kRed, verdict_line(judge));
  all += fmt::format(
      "\n{}{}\n{}{}", kDim,
      fitted(fmt::format("{}   f s faster, slower", keys_of(keys).view()), width),
      fitted("l r power of left, right   c cut the link   + - latency   > < loss", width), kPlain);
  return all;
}

}  // namespace takt
