// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/feeder.h"

#include "takt/core/base/assert.h"
#include "takt/core/playback/player.h"

namespace takt {

void Feeder::seek(const Timeline& timeline, Position position, LocalTime at) {
  TAKT_ASSERT(position.entry < timeline.entry_count());
  timeline_ = &timeline;
  started_ = at - position.offset;
  ended_ = false;
  enter(position.entry, position.offset);
}

void Feeder::enter(std::uint32_t entry, Micros offset) {
  entry_ = entry;
  const std::uint16_t phase = timeline_->entry(entry).phase;
  length_ = timeline_->length_of(phase);
  cursor_.seek(timeline_->program(), timeline_->program().phases[phase], offset);
  begin_at_ = offset;
  between_edges_ = false;
}

/// The frame that begins a run, this one or the next that takes time, or that ends the program.
bool Feeder::next_run(Frame& frame) {
  if (ended_) return false;
  // Runs that take no time leave no frame. Bounded: check() refuses loops of them, so they are at
  // most as many as phases.
  while (between_edges_ || begin_at_ >= length_) {
    started_ += length_;
    if (entry_ + 1 == timeline_->entry_count()) {
      ended_ = true;
      between_edges_ = false;
      frame = {started_, kEndEntry, {}};
      return true;
    }
    enter(entry_ + 1, Micros{0});
  }
  frame = {started_ + begin_at_, entry_, cursor_.levels()};
  between_edges_ = true;
  return true;
}

}  // namespace takt
