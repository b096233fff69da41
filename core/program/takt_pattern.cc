// SPDX-License-Identifier: Apache-2.0
// Bilateral sessions and patterns of takt's own form. What their values may be is for check().
#include <algorithm>
#include <limits>

#include "takt/core/base/bits.h"
#include "takt/core/program/takt_form.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

/// A number too large to be kept becomes the largest that can, which check() refuses as it would
/// the number itself.
template <typename Row>
Row kept(std::int64_t number) {
  return static_cast<Row>(std::min<std::int64_t>(number, std::numeric_limits<Row>::max()));
}

/// True: `field` was one of the look's.
template <typename Id>
bool set_look(Look& look, const json::Field& field, const json::Value& value) {
  if (field.id == Id::kIntensity) look.intensity = kept<std::uint8_t>(value.number);
  if (field.id == Id::kBrightness) look.brightness = kept<std::uint8_t>(value.number);
  if (field.id == Id::kColour) look.colour = kept<std::uint8_t>(value.number);
  return field.id == Id::kIntensity || field.id == Id::kBrightness || field.id == Id::kColour;
}

}  // namespace

void TaktForm::begin_pattern(const json::Walker& at, std::string_view phase) {
  constexpr Micros kDefaultSession = seconds(20 * 60);
  pattern_ = {};
  pattern_.row.length = kDefaultSession;
  size_.patterns += 1;
  count_phase(at);
  count_text(phase);
  if (!is(Pass::kPhases)) return;
  Phase& row = builder().add_phase();
  row.name = builder().add_text(phase);
}

void TaktForm::pattern_value(const json::Field& field, const json::Value& value) {
  using Id = PatternField;
  Pattern& row = pattern_.row;
  Bilateral& bilateral = row.score.bilateral;
  if (set_look<Id>(bilateral.look, field, value)) return;
  switch (field.id) {
    case Id::kCycle: bilateral.cycle = value.duration; break;
    case Id::kDuty: bilateral.duty_percent = kept<std::uint8_t>(value.number); break;
    case Id::kSession:
    case Id::kLength: row.length = value.duration; break;
    case Id::kAlternateDirection: bilateral.alternate_direction = value.number == 1; break;
    case Id::kResearch: row.research = value.number == 1; break;
    case Id::kExclusive: row.score.exclusive = value.number == 1; break;
    case Id::kAcknowledgeFlashing: row.flashing_acknowledged = value.number == 1; break;
    case Id::kDeadTime: row.score.dead_time = value.duration; break;
    case Id::kSoftStart: row.soft_start = value.duration; break;
    case Id::kSoftStop: row.soft_stop = value.duration; break;
    default: break;
  }
}

void TaktForm::segment_value(const json::Walker& at, const json::Field& field,
                             const json::Value& value) {
  using Id = SegmentField;
  Segment& row = pattern_.segment;
  if (set_look<Id>(row.look, field, value)) return;
  switch (field.id) {
    case Id::kRate: row.rate_mhz = kept<std::uint16_t>(value.number); break;
    case Id::kDuty: row.duty_percent = kept<std::uint8_t>(value.number); break;
    case Id::kSides: row.mode = static_cast<SideMode>(value.number); break;
    case Id::kBegin: row.flipped = value.number == 1; break;
    case Id::kAt:
    case Id::kFade: {
      constexpr std::int64_t kLongestFade = std::numeric_limits<std::uint16_t>::max();
      const std::int64_t ms = value.duration / millis(1);
      const bool is_fade = field.id == Id::kFade;
      if (millis(ms) != value.duration) {
        error(at, at.here(), message_of("'", field.name, "' must be in whole milliseconds"));
      } else if (is_fade && ms > kLongestFade) {
        error(at, at.here(), message_of("a fade is 0 to ", kLongestFade, " ms"));
      }
      if (is_fade) row.fade_ms = kept<std::uint16_t>(ms);
      if (!is_fade) row.at_ms = static_cast<std::uint32_t>(ms);
      break;
    }
    default: break;
  }
}

void TaktForm::side_value(const json::Walker& at, Side side, const json::Field& field,
                          const json::Value& value) {
  if (field.id == SideField::kComment || !is(Pass::kPhases)) return;
  const std::uint8_t output = resolve_output(at, at.here(), value.text);
  SideOutputs& row = pattern_.row.sides[static_cast<std::size_t>(side)];
  switch (field.id) {
    case SideField::kMotor: row.motor = output; break;
    case SideField::kDrive: row.drive = output; break;
    case SideField::kLight: row.light = output; break;
    case SideField::kBrightness: row.brightness = output; break;
    case SideField::kColour: row.colour = output; break;
    default: break;
  }
}

void TaktForm::end_segment() {
  if (is(Pass::kPhases)) builder().add_segment() = pattern_.segment;
}

void TaktForm::end_pattern(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) {
  Score& score = pattern_.row.score;
  if (&shape == &kBilateralShape) {
    score.exclusive = true;
  } else {
    score.length = pattern_.row.length;
    if (has(seen, PatternField::kSegments) && size_.segments == 0) {
      error(at, at.at_field("segments"), message_of("there must be at least one segment"));
    }
  }
  if (is(Pass::kPhases)) builder().add_pattern() = pattern_.row;
}

void TaktForm::end_root(const json::Walker& at, std::uint32_t seen) {
  const bool phases = has(seen, RootField::kPhases);
  const bool bilateral = has(seen, RootField::kBilateral);
  const bool pattern = has(seen, RootField::kPattern);
  if (int{phases} + int{bilateral} + int{pattern} != 1) {
    error(at, at.here(),
          message_of("a program must have one of the fields 'phases', 'bilateral' and 'pattern'"));
  } else if (!phases && has(seen, RootField::kLoops)) {
    error(at, at.at_field("loops"), message_of("'loops' go with 'phases'"));
  }
}

}  // namespace takt
