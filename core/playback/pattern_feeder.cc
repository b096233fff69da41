// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/pattern_feeder.h"

#include <algorithm>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"
#include "takt/core/playback/player.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

/// Finer than 16-bit levels can show; 2^16 times 100 times this fits 64 bits.
constexpr std::uint32_t kFullScale = 100'000;

/// How much of `whole` has passed, at most all of it; nothing to wait for is all.
std::uint32_t part_of(Micros passed, Micros whole) {
  if (whole <= passed) return kFullScale;
  return static_cast<std::uint32_t>(passed.count() * kFullScale / whole.count());
}

bool begins_right(const Score& score) { return half_at(score, Micros{0}).active == kRightSide; }

}  // namespace

void PatternFeeder::begin(const Timeline& timeline, const SharedRun& run, LocalTime from) {
  take_program(timeline);
  if (run.setting) {
    score_.segments = {};
    score_.bilateral = *run.setting;
    score_at_ = run.beat;
  }
  seek(run.epoch, from);
}

void PatternFeeder::take_program(const Timeline& timeline) {
  const Program& program = timeline.program();
  TAKT_ASSERT(program.pattern != nullptr);
  pattern_ = program.pattern;
  outputs_ = program.outputs;
  length_ = timeline.duration();
  directions_ = 0;
  shortest_ = Micros{1};
  for (const SideOutputs& side : pattern_->sides) {
    const std::uint8_t turns = side.motor == kNoOutput ? kNoOutput : outputs_[side.motor].direction;
    if (turns != kNoOutput) directions_ |= bit(turns);
    for (const std::uint8_t output : {side.motor, side.light}) {
      if (output != kNoOutput) shortest_ = std::max(shortest_, outputs_[output].shortest_on);
    }
  }
  score_ = pattern_->score;
  score_at_ = {};
  change_.reset();
  silenced_ = 0;
}

void PatternFeeder::seek(SessionTime epoch, LocalTime from) {
  map_ = next_map_;
  epoch_ = epoch;
  last_at_ = from;
  dark_from_ = from - score_.dead_time;
  levels_ = {};
  stage_ = Stage::kBoundary;
  boundary_ = session(Micros{0});
  // Converting there and back may lose a microsecond, which must not cost a half.
  const LocalTime earliest = from - Micros{1};
  if (map_.local_at(boundary_) >= earliest) return;
  boundary_ = session(half_from(std::max(map_.session_at(earliest), boundary_)).end);
}

LocalTime PatternFeeder::open_from() const {
  return stage_ == Stage::kBoundary ? next_map_.local_at(boundary_) : kNever;
}

Micros PatternFeeder::boundary_before(Micros elapsed) const {
  if (elapsed <= score_at_) return score_at_;
  return std::max(half_at(score_, elapsed - score_at_).begin + score_at_, Micros{0});
}

PatternFeeder::Receipt PatternFeeder::change(const Change& change) {
  Receipt receipt{boundary_, change_.has_value()};
  change_ = change;
  if (boundary_ < change.not_before) {
    const Half half = half_from(change.not_before);
    const bool exactly = session(half.begin) == change.not_before;
    receipt.boundary = exactly ? change.not_before : session(half.end);
  }
  return receipt;
}

bool PatternFeeder::withdraw_change() {
  const bool was_to_come = change_.has_value();
  change_.reset();
  return was_to_come;
}

/// Lets the new score begin so that its first half is of the side whose turn it was.
void PatternFeeder::take_change() {
  const Half due = half_from(boundary_);
  const bool right = due.active == kRightSide;
  const Change change = *change_;
  change_.reset();
  switch (change.kind) {
    case Change::Kind::kEnd: length_ = std::min(length_, boundary_ - epoch_); return;
    case Change::Kind::kBilateral:
      score_.segments = {};
      score_.bilateral = change.bilateral;
      score_.flipped = false;
      score_at_ = boundary_ - epoch_ - lead_in(score_.bilateral.cycle, right, due.odd);
      return;
    case Change::Kind::kProgram:
      take_program(*change.timeline);
      epoch_ = boundary_;
      if (pattern_->is_bilateral()) {
        score_at_ = -lead_in(score_.bilateral.cycle, right, due.odd);
      } else {
        score_.flipped = due.active != kBothSides && right != begins_right(score_);
      }
      return;
  }
}

bool PatternFeeder::next(Frame& frame) {
  switch (stage_) {
    case Stage::kBoundary: return begin_half(frame);
    case Stage::kPulse: {
      const Micros tick = fade_tick_;
      // A fade that goes on is the next half's from its boundary on.
      const LocalTime at = tick >= half_.end ? kNever : map_.local_at(session(tick));
      if (at < off_) {
        fade_tick_ = next_tick(tick);
        return give(frame, at, lit(tick));
      }
      if (off_ == kNever) break;
      stage_ = Stage::kEnd;
      return give(frame, off_, dark());
    }
    case Stage::kEnd: break;
    case Stage::kOver: return false;
  }
  stage_ = Stage::kBoundary;
  return give(frame, map_.local_at(boundary_), levels_);
}

bool PatternFeeder::begin_half(Frame& frame) {
  map_ = next_map_;
  if (change_ && boundary_ >= change_->not_before) take_change();
  const SessionTime end = epoch_ + length_;
  if (boundary_ >= end) {
    stage_ = Stage::kOver;
    entry_ = kEndEntry;
    return give(frame, map_.local_at(boundary_), {});
  }
  entry_ = static_cast<std::uint32_t>((boundary_ - epoch_) / pattern_->length);
  half_ = half_from(boundary_);
  boundary_ = session(half_.end);
  // A half that the end would cut short is left out.
  const bool visible = boundary_ <= end && place_pulse();
  boundary_ = std::min(boundary_, end);
  scale_ = std::min(part_of(session(half_.end) - epoch_, pattern_->soft_start),
                    part_of(end - session(half_.begin), pattern_->soft_stop));
  stage_ = visible ? Stage::kPulse : Stage::kEnd;
  if (!visible) return give(frame, map_.local_at(session(half_.begin)), dark());
  fade_tick_ = half_.fades_at(half_.begin) ? next_tick(half_.begin) : Micros::max();
  return give(frame, on_, lit(half_.begin));
}

/// False: nothing of this half is to be seen on this device.
bool PatternFeeder::place_pulse() {
  const Look none{0, 0, half_.look.colour};
  const bool fades = half_.fades_at(half_.begin);
  if ((half_.active & sides_) == 0 || half_.off <= half_.begin) return false;
  if (half_.look == none && !(fades && half_.from != Look{0, 0, half_.from.colour})) return false;
  on_ = map_.local_at(session(half_.begin));
  off_ = half_.off == half_.end ? kNever : map_.local_at(session(half_.off));
  if (half_.begins_apart) {
    on_ = std::max(on_ + map_.bound_at(on_), dark_from_ + score_.dead_time);
  }
  if (half_.ends_apart) off_ = off_ - map_.bound_at(off_);
  if (off_ == kNever) return true;
  if (off_ - on_ >= std::min(shortest_, half_.off - half_.begin)) return true;
  ++silenced_;
  return false;
}

Micros PatternFeeder::next_tick(Micros after) const {
  if (after >= half_.fade_end) return Micros::max();
  const std::int64_t ticks = (after - half_.fade_begin) / kRampTick;
  return std::min(half_.fade_begin + kRampTick * (ticks + 1), half_.fade_end);
}

bool PatternFeeder::give(Frame& frame, LocalTime at, const Levels& levels) {
  last_at_ = std::max(at, last_at_);
  const bool was_lit = (levels_.on & ~directions_) != 0;
  if (was_lit && (levels.on & ~directions_) == 0) dark_from_ = last_at_;
  levels_ = levels;
  frame = {last_at_, entry_, levels};
  return true;
}

/// Motors keep their direction while they coast.
Levels PatternFeeder::dark() const {
  Levels levels;
  levels.on = levels_.on & directions_;
  return levels;
}

Levels PatternFeeder::lit(Micros at) const {
  Levels levels = dark();
  const Look look = half_.look_at(at);
  const SideSet shown = half_.active & sides_;
  if ((shown & kLeftSide) != 0) light(levels, pattern_->sides[0], look);
  if ((shown & kRightSide) != 0) light(levels, pattern_->sides[1], look);
  return levels;
}

void PatternFeeder::light(Levels& levels, const SideOutputs& side, const Look& look) const {
  if (look.intensity > 0 && side.motor != kNoOutput) {
    levels.on |= bit(side.motor);
    if (const std::uint8_t turns = outputs_[side.motor].direction; turns != kNoOutput) {
      levels.on &= ~bit(turns);
      if (!half_.reversed) levels.on |= bit(turns);
    }
    set_level(levels, side.drive, look.intensity);
  }
  if (look.brightness > 0 && side.light != kNoOutput) {
    levels.on |= bit(side.light);
    set_level(levels, side.brightness, look.brightness);
    if (side.colour != kNoOutput) levels.analog[outputs_[side.colour].channel] = look.colour;
  }
}

void PatternFeeder::set_level(Levels& levels, std::uint8_t output, unsigned percent) const {
  if (output == kNoOutput) return;
  const std::uint64_t full = std::uint64_t{outputs_[output].range} * percent * scale_;
  levels.analog[outputs_[output].channel] = static_cast<std::uint16_t>(full / (100 * kFullScale));
}

}  // namespace takt
