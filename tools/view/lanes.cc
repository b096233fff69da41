// SPDX-License-Identifier: Apache-2.0
#include "tools/view/lanes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace takt {
namespace {

/// Of one column. An analog output needs more: two ramps of a thousand steps, so that what swells
/// and sinks within a column is seen at its least and at its largest.
constexpr int kMostFrames = 64;
constexpr int kMostAnalogFrames = 4'096;

/// Columns that are shown as one where pulses crowd: so many edges of an output in them, or in the
/// five cells around, cannot be told apart. Beside a crowd, fewer are enough.
constexpr std::size_t kCellColumns = 6;
constexpr std::uint32_t kCrowdInCell = 4;
constexpr std::uint32_t kCrowdAround = 12;
constexpr std::uint32_t kCloseAround = 5;

/// What an analog output does in one column.
struct AnalogColumn {
  double begin = 0;  ///< Levels, 0 to 1.
  double end = 0;
  double least = 0;
  double most = 0;
  double changed_at = 0;  ///< The latest time, in columns.
  int changes = 0;
  std::uint8_t colour = kNoColour;

  void enter(double level, std::uint8_t its_colour) {
    begin = end = least = most = level;
    colour = its_colour;
  }
  void change(double level, double at) {
    // What is set at the very beginning was never anything else.
    if (at <= std::floor(changed_at) && changes == 0) return enter(level, colour);
    end = level;
    least = std::min(least, level);
    most = std::max(most, level);
    changed_at = at;
    ++changes;
  }
};

/// Walks a run column by column.
class Sampler {
 public:
  Sampler(Frames& frames, std::span<const Output> outputs, std::span<const SideOutputs> sides,
          const Stretch& stretch, std::size_t columns)
      : frames_(frames),
        outputs_(outputs),
        stretch_(stretch),
        columns_(columns),
        per_column_(static_cast<double>(stretch.length().count()) / static_cast<double>(columns)),
        rows_(outputs.size()) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].edges.resize(columns);
      if (is_analog(i)) {
        rows_[i].analog.resize(columns);
        most_frames_ = kMostAnalogFrames;
      } else {
        rows_[i].part.resize(columns);
      }
    }
    for (const SideOutputs& side : sides) {
      if (side.colour == kNoOutput) continue;
      for (const std::uint8_t shown : {side.light, side.brightness, side.colour}) {
        if (shown != kNoOutput) rows_[shown].colour = side.colour;
      }
    }
  }

  std::vector<Lane> run() {
    std::vector<Lane> lanes(rows_.size());
    if (stretch_.length() == Micros{0} || frames_.end() <= stretch_.from) return lanes;
    seek(stretch_.from);
    for (std::size_t column = 0; column < columns_; ++column) sample(column);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      lanes[i] = is_analog(i) ? analog_lane_of(rows_[i]) : lane_of(rows_[i]);
      lanes[i].has_before = stretch_.from > Micros{0};
      lanes[i].has_behind = stretch_.to < frames_.end();
    }
    return lanes;
  }

 private:
  struct Tint {
    double at;  ///< In columns.
    std::uint8_t colour;
  };
  struct Row {
    std::uint8_t colour = kNoOutput;   ///< The output that says which.
    std::vector<double> part;          ///< By column, of the time that it is on.
    std::vector<std::uint32_t> edges;  ///< By column; of an analog output, turns up or down.
    std::vector<double> turns;         ///< Columns where the output goes on, off, on...
    std::vector<Tint> tints;           ///< Where its colour changes.
    std::vector<AnalogColumn> analog;  ///< By column.
    bool rises = false;                ///< Of an analog output, latest.
  };

  bool is_analog(std::size_t output) const { return outputs_[output].kind == OutputKind::kAnalog; }

  Micros start_of(std::size_t column) const {
    return stretch_.from +
           Micros{static_cast<std::int64_t>(static_cast<double>(column) * per_column_)};
  }

  void seek(Micros at) {
    frames_.seek(at);
    advance();
  }

  /// Behind the last frame, everything is off from where nothing is known.
  void advance() {
    more_ = frames_.next(next_at_, next_levels_);
    if (more_ || levels_ == Levels{} || is_over_) return;
    is_over_ = more_ = true;
    next_at_ = frames_.end();
    next_levels_ = {};
  }

  double level(std::size_t output) const {
    const Output& row = outputs_[output];
    return static_cast<double>(levels_.analog[row.channel]) / row.range;
  }

  static std::uint8_t colour_of(const Row& row) {
    return row.tints.empty() ? kNoColour : row.tints.back().colour;
  }

  void sample(std::size_t column) {
    const Micros begin = start_of(column);
    const Micros end = column + 1 == columns_ ? stretch_.to : start_of(column + 1);
    enter(column);
    Micros at = begin;
    int frames = 0;
    while (more_ && next_at_ < end && frames < most_frames_) {
      const Micros due = std::max(next_at_, at);
      add(column, due - at);
      take(column, due);
      at = due;
      ++frames;
      advance();
    }
    const bool cut = more_ && next_at_ < end;
    if (!cut) add(column, end - at);
    const Micros seen = cut ? at - begin : end - begin;
    for (Row& row : rows_) {
      if (seen > Micros{0} && !row.part.empty()) {
        row.part[column] /= static_cast<double>(seen.count());
      }
    }
    if (cut && column + 1 < columns_) seek(end);
  }

  void enter(std::size_t column) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!is_analog(i)) continue;
      AnalogColumn& now = rows_[i].analog[column];
      now.changed_at = static_cast<double>(column);
      now.enter(level(i), colour_of(rows_[i]));
    }
  }

  void add(std::size_t column, Micros time) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (is_analog(i) || !levels_.is_on(static_cast<unsigned>(i))) continue;
      rows_[i].part[column] += static_cast<double>(time.count());
    }
  }

  void take(std::size_t column, Micros at) {
    const Levels before = levels_;
    levels_ = next_levels_;
    const double place = static_cast<double>((at - stretch_.from).count()) / per_column_;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      note_colour(row, i, place);
      if (is_analog(i)) {
        take_analog(row, column, before.analog[outputs_[i].channel], i, place);
        continue;
      }
      const auto bit = static_cast<unsigned>(i);
      if (before.is_on(bit) == levels_.is_on(bit)) continue;
      ++row.edges[column];
      row.turns.push_back(place);
    }
  }

  /// What is off shows no colour, and then has none to change.
  void note_colour(Row& row, std::size_t output, double place) const {
    if (row.colour == kNoOutput) return;
    const auto bit = static_cast<unsigned>(output);
    const bool shows =
        is_analog(output) ? levels_.analog[outputs_[output].channel] != 0 : levels_.is_on(bit);
    const auto colour = static_cast<std::uint8_t>(levels_.analog[outputs_[row.colour].channel]);
    if (!shows || (!row.tints.empty() && row.tints.back().colour == colour)) return;
    row.tints.push_back({place, colour});
  }

  void take_analog(Row& row, std::size_t column, std::uint16_t before, std::size_t output,
                   double place) {
    const std::uint16_t now = levels_.analog[outputs_[output].channel];
    AnalogColumn& here = row.analog[column];
    here.colour = colour_of(row);
    if (now == before) return;
    here.change(level(output), place);
    const bool rises = now > before;
    row.edges[column] += rises != row.rises;
    row.rises = rises;
  }

  static Lane analog_lane_of(const Row& row) {
    Lane lane;
    const std::vector<std::uint32_t> edges = edges_by_cell(row);
    const std::vector<bool> dense = dense_cells(edges);
    for (std::size_t cell = 0; cell < edges.size(); ++cell) {
      std::size_t from = cell * kCellColumns;
      std::size_t to = std::min(from + kCellColumns, row.analog.size());
      const std::size_t behind = to;
      if (dense[cell]) {
        // At the ends of a row of pulses, not more than the pulses.
        const bool begins = cell == 0 || edges[cell - 1] == 0;
        const bool ends = cell + 1 == edges.size() || edges[cell + 1] == 0;
        while (begins && row.analog[from].changes == 0) add_column(row, from++, lane);
        while (ends && row.analog[to - 1].changes == 0) --to;
        add_crowd(row, from, to, lane);
        from = to;
      }
      while (from < behind) add_column(row, from++, lane);
    }
    return lane;
  }

  static void add_crowd(const Row& row, std::size_t from, std::size_t to, Lane& lane) {
    Lane::Piece piece{static_cast<double>(from), static_cast<double>(to), 1, 0, true, kNoColour};
    for (std::size_t i = from; i < to; ++i) {
      const AnalogColumn& column = row.analog[i];
      piece.least = std::min(piece.least, column.least);
      piece.most = std::max(piece.most, column.most);
    }
    add_crowd_by_colour(row, piece, lane);
  }

  static void add_column(const Row& row, std::size_t index, Lane& lane) {
    const AnalogColumn& column = row.analog[index];
    const auto from = static_cast<double>(index);
    const std::uint8_t colour = column.colour;
    if (column.changes > 1) {
      return append(lane, {from, from + 1, column.least, column.most, false, colour});
    }
    const double at = column.changes == 0 ? from + 1 : column.changed_at;
    append(lane, {from, at, column.begin, column.begin, false, colour});
    append(lane, {at, from + 1, column.end, column.end, false, colour});
  }

  static void append(Lane& lane, const Lane::Piece& piece) {
    if (piece.to <= piece.from) return;
    if (!lane.pieces.empty()) {
      Lane::Piece& last = lane.pieces.back();
      const bool looks_same = last.least == piece.least && last.most == piece.most &&
                              last.dense == piece.dense && last.colour == piece.colour;
      if (looks_same) {
        last.to = piece.to;
        return;
      }
    }
    lane.pieces.push_back(piece);
  }

  static Lane lane_of(const Row& row) {
    Lane lane;
    const std::vector<std::uint32_t> edges = edges_by_cell(row);
    const std::vector<bool> dense = dense_cells(edges);
    for (std::size_t cell = 0; cell < edges.size(); ++cell) {
      add_cell(row, edges, dense, cell, lane);
    }
    return lane;
  }

  static std::vector<std::uint32_t> edges_by_cell(const Row& row) {
    std::vector<std::uint32_t> cells((row.edges.size() + kCellColumns - 1) / kCellColumns);
    for (std::size_t i = 0; i < row.edges.size(); ++i) cells[i / kCellColumns] += row.edges[i];
    return cells;
  }

  /// Which cells to show as one. Grown from where pulses crowd as far as they are close, so that an
  /// even row of pulses looks even from end to end.
  static std::vector<bool> dense_cells(const std::vector<std::uint32_t>& edges) {
    const std::size_t count = edges.size();
    std::vector<std::uint32_t> around(count);
    std::vector<bool> dense(count);
    for (std::size_t cell = 0; cell < count; ++cell) {
      const std::size_t first = cell < 2 ? 0 : cell - 2;
      for (std::size_t i = first; i < std::min(cell + 3, count); ++i) around[cell] += edges[i];
      dense[cell] = edges[cell] > kCrowdInCell || around[cell] > kCrowdAround;
    }
    const auto joins = [&](std::size_t cell, std::size_t neighbour) {
      return dense[neighbour] && edges[cell] > 0 && around[cell] > kCloseAround;
    };
    for (std::size_t i = 1; i < count; ++i) dense[i] = dense[i] || joins(i, i - 1);
    for (std::size_t i = count; i-- > 1;) dense[i - 1] = dense[i - 1] || joins(i - 1, i);
    for (std::size_t i = 0; i < count; ++i) dense[i] = dense[i] && edges[i] > 1;
    return dense;
  }

  static void add_cell(const Row& row, const std::vector<std::uint32_t>& edges,
                       const std::vector<bool>& dense, std::size_t cell, Lane& lane) {
    const std::size_t from = cell * kCellColumns;
    const std::size_t to = std::min(from + kCellColumns, row.part.size());
    const auto first =
        std::lower_bound(row.turns.begin(), row.turns.end(), static_cast<double>(from));
    const auto last = std::lower_bound(first, row.turns.end(), static_cast<double>(to));
    bool on = (first - row.turns.begin()) % 2 != 0;
    auto since = static_cast<double>(from);
    if (dense[cell]) {
      // At the ends of a row of pulses, not more than the pulses.
      const bool begins = !on && (cell == 0 || edges[cell - 1] == 0);
      const bool ends =
          (last - row.turns.begin()) % 2 == 0 && (cell + 1 == edges.size() || edges[cell + 1] == 0);
      const double begin = begins ? *first : since;
      const double end = ends ? last[-1] : static_cast<double>(to);
      return add_tinted(row, {begin, end, mean_around(row, dense, cell), true, kNoColour}, lane);
    }
    for (auto turn = first; turn != last; ++turn) {
      if (on) add_tinted(row, {since, *turn, 1, false, kNoColour}, lane);
      since = *turn;
      on = !on;
    }
    if (on) add_tinted(row, {since, static_cast<double>(to), 1, false, kNoColour}, lane);
  }

  /// The first change of a colour behind `at`.
  static std::vector<Tint>::const_iterator tint_behind(const Row& row, double at) {
    return std::upper_bound(row.tints.begin(), row.tints.end(), at,
                            [](double before, const Tint& tint) { return before < tint.at; });
  }

  static std::uint8_t colour_before(const Row& row, std::vector<Tint>::const_iterator tint) {
    return tint == row.tints.begin() ? kNoColour : std::prev(tint)->colour;
  }

  /// That which is shown for longest between two columns.
  static std::uint8_t prevailing_colour(const Row& row, double from, double to) {
    std::array<double, kNoColour + 1> times{};
    auto next = tint_behind(row, from);
    for (; next != row.tints.end() && next->at < to; ++next) {
      times[colour_before(row, next)] += next->at - from;
      from = next->at;
    }
    times[colour_before(row, next)] += to - from;
    return static_cast<std::uint8_t>(std::ranges::max_element(times) - times.begin());
  }

  /// `crowd` is a span or a piece. In two parts where its colour changes once; where it does so
  /// more often, in the one that prevails.
  template <typename Crowd>
  static void add_crowd_by_colour(const Row& row, Crowd crowd, Lane& lane) {
    const auto first = tint_behind(row, crowd.from);
    const bool changes = first != row.tints.end() && first->at < crowd.to;
    const bool changes_again =
        changes && std::next(first) != row.tints.end() && std::next(first)->at < crowd.to;
    if (changes_again) {
      crowd.colour = prevailing_colour(row, crowd.from, crowd.to);
    } else if (changes) {
      Crowd part = crowd;
      part.to = crowd.from = first->at;
      part.colour = colour_before(row, first);
      append(lane, part);
      crowd.colour = first->colour;
    } else {
      crowd.colour = colour_before(row, first);
    }
    append(lane, crowd);
  }

  /// In as many parts as it has colours.
  static void add_tinted(const Row& row, Lane::Span span, Lane& lane) {
    if (span.dense) return add_crowd_by_colour(row, span, lane);
    auto next = tint_behind(row, span.from);
    span.colour = colour_before(row, next);
    for (; next != row.tints.end() && next->at < span.to; ++next) {
      Lane::Span part = span;
      part.to = next->at;
      append(lane, part);
      span.from = next->at;
      span.colour = next->colour;
    }
    append(lane, span);
  }

  /// Of the time that the output is on, over enough cells that single pulses do not show.
  static double mean_around(const Row& row, const std::vector<bool>& dense, std::size_t cell) {
    std::size_t first = cell;
    std::size_t last = cell;
    while (first > 0 && cell - first < 2 && dense[first - 1]) --first;
    while (last + 1 < dense.size() && last - cell < 2 && dense[last + 1]) ++last;
    const std::size_t end = std::min((last + 1) * kCellColumns, row.part.size());
    double sum = 0;
    for (std::size_t column = first * kCellColumns; column < end; ++column) sum += row.part[column];
    return sum / static_cast<double>(end - first * kCellColumns);
  }

  /// Joins what touches and looks the same.
  static void append(Lane& lane, const Lane::Span& span) {
    if (span.to <= span.from) return;
    if (!lane.spans.empty()) {
      Lane::Span& last = lane.spans.back();
      const bool touches = span.from - last.to < 1e-6;
      if (touches && last.dense == span.dense && last.colour == span.colour &&
          (!span.dense || std::abs(last.part - span.part) < 0.15)) {
        const double whole = span.to - last.from;
        last.part = (last.part * (last.to - last.from) + span.part * (span.to - span.from)) / whole;
        last.to = span.to;
        return;
      }
    }
    lane.spans.push_back(span);
  }

  Frames& frames_;
  const std::span<const Output> outputs_;
  const Stretch stretch_;
  const std::size_t columns_;
  const double per_column_;
  int most_frames_ = kMostFrames;
  std::vector<Row> rows_;
  Micros next_at_;
  Levels next_levels_;
  bool more_ = false;
  bool is_over_ = false;
  Levels levels_;
};

}  // namespace

std::vector<Lane> lanes_of(Frames& frames, std::span<const Output> outputs,
                           std::span<const SideOutputs> sides, const Stretch& stretch,
                           std::size_t columns) {
  return Sampler{frames, outputs, sides, stretch, columns}.run();
}

}  // namespace takt
