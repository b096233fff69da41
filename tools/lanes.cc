// SPDX-License-Identifier: Apache-2.0
#include "tools/lanes.h"

#include <algorithm>
#include <cmath>

#include "core/engine/engine.h"
#include "core/playback/feeder.h"

namespace takt {
namespace {

constexpr int kMostFramesInColumn = 64;

/// Columns that are shown as one where pulses crowd: so many edges of an output in them, or in the
/// five cells around, cannot be told apart. Beside a crowd, fewer are enough.
constexpr std::size_t kCellColumns = 6;
constexpr std::uint32_t kCrowdInCell = 4;
constexpr std::uint32_t kCrowdAround = 12;
constexpr std::uint32_t kCloseAround = 5;

/// Walks a timeline column by column.
class Sampler {
 public:
  Sampler(const Timeline& timeline, const Stretch& stretch, std::size_t columns)
      : timeline_(timeline),
        program_(timeline.program()),
        stretch_(stretch),
        columns_(columns),
        per_column_(static_cast<double>(stretch.length().count()) / static_cast<double>(columns)),
        cursors_(EngineNeeds::of(program_).cursors),
        feeder_(cursors_, &sides_),
        rows_(program_.outputs.size()) {
    for (Row& row : rows_) {
      row.part.resize(columns);
      row.edges.resize(columns);
    }
  }

  std::vector<Lane> run() {
    if (stretch_.length() == Micros{0}) return std::vector<Lane>(rows_.size());
    seek(stretch_.from);
    for (std::size_t column = 0; column < columns_; ++column) sample(column);
    std::vector<Lane> lanes;
    for (std::size_t i = 0; i < rows_.size(); ++i) lanes.push_back(lane_of(i));
    return lanes;
  }

 private:
  struct Row {
    std::vector<double> part;          ///< By column, mean level.
    std::vector<std::uint32_t> edges;  ///< By column.
    std::vector<double> turns;         ///< Columns where the output goes on, off, on...
  };

  Micros start_of(std::size_t column) const {
    return stretch_.from +
           Micros{static_cast<std::int64_t>(static_cast<double>(column) * per_column_)};
  }

  void seek(Micros at) {
    // Two sides are joined at a boundary: at the one before.
    if (const Pattern* const pattern = program_.pattern) at = half_at(pattern->score, at).begin;
    feeder_.seek(timeline_, timeline_.position_at(at), LocalTime{at});
    more_ = feeder_.next(next_);
  }

  double level(std::size_t output) const {
    const Output& row = program_.outputs[output];
    if (row.kind != OutputKind::kAnalog) return levels_.is_on(static_cast<unsigned>(output));
    return static_cast<double>(levels_.analog[row.channel]) / row.range;
  }

  void sample(std::size_t column) {
    const Micros begin = start_of(column);
    const Micros end = column + 1 == columns_ ? stretch_.to : start_of(column + 1);
    Micros at = begin;
    int frames = 0;
    while (more_ && next_.at.since_zero() < end && frames < kMostFramesInColumn) {
      const Micros due = std::max(next_.at.since_zero(), at);
      add(column, due - at);
      take(column, due);
      at = due;
      ++frames;
      more_ = feeder_.next(next_);
    }
    const bool cut = more_ && next_.at.since_zero() < end;
    if (!cut) add(column, end - at);
    const Micros seen = cut ? at - begin : end - begin;
    for (Row& row : rows_) {
      if (seen > Micros{0}) row.part[column] /= static_cast<double>(seen.count());
    }
    if (cut && column + 1 < columns_) seek(end);
  }

  void add(std::size_t column, Micros time) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].part[column] += level(i) * static_cast<double>(time.count());
    }
  }

  void take(std::size_t column, Micros at) {
    const Levels before = levels_;
    levels_ = next_.levels;
    const double place = static_cast<double>((at - stretch_.from).count()) / per_column_;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (program_.outputs[i].kind == OutputKind::kAnalog) continue;
      const auto bit = static_cast<unsigned>(i);
      if (before.is_on(bit) == levels_.is_on(bit)) continue;
      ++rows_[i].edges[column];
      rows_[i].turns.push_back(place);
    }
  }

  Lane lane_of(std::size_t output) {
    Row& row = rows_[output];
    Lane lane;
    if (program_.outputs[output].kind == OutputKind::kAnalog) {
      lane.levels = std::move(row.part);
      return lane;
    }
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
      return append(lane, {begin, end, mean_around(row, dense, cell), true});
    }
    for (auto turn = first; turn != last; ++turn) {
      if (on) append(lane, {since, *turn, 1, false});
      since = *turn;
      on = !on;
    }
    if (on) append(lane, {since, static_cast<double>(to), 1, false});
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
      if (touches && last.dense == span.dense &&
          (!span.dense || std::abs(last.part - span.part) < 0.15)) {
        const double whole = span.to - last.from;
        last.part = (last.part * (last.to - last.from) + span.part * (span.to - span.from)) / whole;
        last.to = span.to;
        return;
      }
    }
    lane.spans.push_back(span);
  }

  const Timeline& timeline_;
  const Program& program_;
  const Stretch stretch_;
  const std::size_t columns_;
  const double per_column_;
  std::vector<PhaseCursor::Slot> cursors_;
  PatternFeeder sides_;
  Feeder feeder_;
  std::vector<Row> rows_;
  Frame next_;
  bool more_ = false;
  Levels levels_;
};

}  // namespace

std::vector<Lane> lanes_of(const Timeline& timeline, const Stretch& stretch, std::size_t columns) {
  return Sampler{timeline, stretch, columns}.run();
}

}  // namespace takt
