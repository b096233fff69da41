// SPDX-License-Identifier: Apache-2.0
// takt's own form as tables, from which its JSON is read and written and the compiled form too. A
// new optional field is a row here, the member behind it, and its `tag`. docs/program.md says what
// each field means.
#pragma once

#include "takt/core/pattern/palette.h"
#include "takt/core/program/bound_shape.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/model.h"
#include "takt/core/program/takt_drafts.h"

namespace takt {

namespace shapes {

using enum json::FieldType;

inline constexpr std::int64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kMost16 = std::numeric_limits<std::uint16_t>::max();
inline constexpr std::int64_t kLeast32 = std::numeric_limits<std::int32_t>::min();

// In the order of the enumerators in model.h.
inline constexpr std::string_view kOutputKinds[] = {"switch", "direction", "analog"};
inline constexpr std::string_view kActive[] = {"high", "low"};
inline constexpr std::string_view kDirections[] = {"ccw", "cw"};
inline constexpr std::string_view kOnTimeout[] = {"continue", "fault"};
inline constexpr std::string_view kSides[] = {"alternate", "both", "left", "right"};
inline constexpr std::string_view kBegin[] = {"left", "right"};

inline constexpr auto kColours = [] {
  std::array<std::string_view, kColourCount> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPalette[i].name;
  return names;
}();

template <auto... kPath>
inline constexpr Member kMember = Member::of<kPath...>();
template <auto... kPath>
inline constexpr Member kInRow = Member::of<&ComponentDraft::row, kPath...>();
template <auto... kPath>
inline constexpr Member kInBilateral = Member::of<&Pattern::score, &Score::bilateral, kPath...>();

inline constexpr StepDraft kStepDefaults{};
inline constexpr EdgeDraft kEdgeDefaults{};
inline constexpr ComponentDraft kComponentDefaults{};
inline constexpr Phase kPhaseDefaults{};
inline constexpr Interlock kInterlockDefaults{};
inline constexpr Loop kLoopDefaults{};
inline constexpr SideOutputs kSideDefaults{};
inline constexpr Pattern kPatternDefaults{};
/// A default of JSON that differs from that of the struct.
inline constexpr auto kEndDefaults = [] {
  Condition row;
  row.fault_on_timeout = true;
  return row;
}();
inline constexpr auto kOutputDefaults = [] {
  Output row;
  row.range = 100;
  return row;
}();
inline constexpr auto kBilateralDefaults = [] {
  Pattern row;
  row.length = seconds(20 * 60);
  return row;
}();
inline constexpr auto kSegmentDefaults = [] {
  Segment row;
  row.duty_percent = 100;
  return row;
}();
inline constexpr auto kRootDefaults = [] {
  Program row;
  row.name = "program";
  return row;
}();

inline constexpr Row kStepRows[] = {
    {.name = "comment"},
    {.name = "on", .type = kDuration, .member = kMember<&StepDraft::on>},
    {.name = "pause", .type = kDuration, .member = kMember<&StepDraft::pause>},
    {.name = "direction",
     .type = kChoice,
     .member = kMember<&StepDraft::turn>,
     .choices = kDirections},
};

inline constexpr Row kEdgeRows[] = {
    {.name = "comment"},
    {.name = "at", .type = kDuration, .member = kMember<&EdgeDraft::at>, .required = true},
    {.name = "value",
     .type = kInteger,
     .member = kMember<&EdgeDraft::value>,
     .required = true,
     .most = kMost16},
};

}  // namespace shapes

inline constexpr BoundShape kStepShape =
    shape_of<shapes::kStepRows, shapes::kStepDefaults>("a step");
inline constexpr BoundShape kEdgeShape =
    shape_of<shapes::kEdgeRows, shapes::kEdgeDefaults>("an edge");

namespace shapes {

inline constexpr Row kComponentRows[] = {
    {.name = "comment"},
    {.name = "output",
     .type = kId,
     .member = kInRow<&Component::output>,
     .required = true,
     .place = 2},
    {.name = "at",
     .type = kDuration,
     .member = kInRow<&Component::start>,
     .always = true,
     .place = 7},
    {.name = "on", .type = kDuration, .member = kMember<&ComponentDraft::on>},
    {.name = "pause", .type = kDuration, .member = kMember<&ComponentDraft::pause>},
    {.name = "repeat",
     .type = kInteger,
     .member = kInRow<&Component::repeats>,
     .most = kMost32,
     .place = 5},
    {.name = "direction",
     .type = kChoice,
     .member = kMember<&ComponentDraft::turn>,
     .choices = kDirections},
    {.name = "steps", .type = kObjects, .child = &kStepShape},
    {.name = "value",
     .type = kInteger,
     .member = kInRow<&Component::value>,
     .least = 1,
     .most = kMost16,
     .place = 4},
    {.name = "ramp_in", .type = kDuration, .member = kInRow<&Component::ramp_in>, .place = 9},
    {.name = "ramp_out", .type = kDuration, .member = kInRow<&Component::ramp_out>, .place = 10},
    {.name = "edges", .type = kObjects, .child = &kEdgeShape},
    {.name = "length", .type = kDuration, .member = kMember<&ComponentDraft::length>, .least = 1},
    {.name = "kind",
     .type = kInteger,
     .member = kInRow<&Component::kind>,
     .internal = true,
     .most = static_cast<std::int64_t>(ComponentKind::kRamp),
     .place = 1},
    {.name = "direction output",
     .type = kId,
     .member = kInRow<&Component::direction>,
     .internal = true,
     .place = 3},
    {.name = "tick",
     .type = kDuration,
     .member = kInRow<&Component::tick>,
     .internal = true,
     .place = 6},
    {.name = "period",
     .type = kDuration,
     .member = kInRow<&Component::period>,
     .internal = true,
     .place = 8},
};

inline constexpr Row kEndRows[] = {
    {.name = "comment"},
    {.name = "sensor", .type = kId, .member = kMember<&Condition::sensor>, .required = true},
    {.name = "above",
     .type = kInteger,
     .member = kMember<&Condition::threshold>,
     .always = true,
     .least = kLeast32,
     .place = 1},
    {.name = "below",
     .type = kInteger,
     .member = kMember<&Condition::threshold>,
     .always = true,
     .least = kLeast32},
    {.name = "hold", .type = kDuration, .member = kMember<&Condition::hold>, .place = 4},
    {.name = "arm_after", .type = kDuration, .member = kMember<&Condition::arm_after>, .place = 5},
    {.name = "timeout",
     .type = kDuration,
     .member = kMember<&Condition::timeout>,
     .least = 1,
     .place = 6},
    {.name = "on_timeout",
     .type = kChoice,
     .member = kMember<&Condition::fault_on_timeout>,
     .always = true,
     .choices = kOnTimeout,
     .place = 3},
    {.name = "is above",
     .type = kBool,
     .member = kMember<&Condition::above>,
     .internal = true,
     .place = 2},
};

}  // namespace shapes

inline constexpr BoundShape kComponentShape =
    shape_of<shapes::kComponentRows, shapes::kComponentDefaults>("a component");
inline constexpr BoundShape kEndShape =
    shape_of<shapes::kEndRows, shapes::kEndDefaults>("an end condition");

namespace shapes {

inline constexpr Row kPhaseRows[] = {
    {.name = "comment"},
    {.name = "name", .type = kName, .member = kMember<&Phase::name>, .required = true, .place = 1},
    {.name = "delay", .type = kDuration, .member = kMember<&Phase::delay>, .place = 2},
    {.name = "components", .type = kObjects, .child = &kComponentShape},
    {.name = "end", .type = kObject, .child = &kEndShape},
};

inline constexpr Row kOutputRows[] = {
    {.name = "comment"},
    {.name = "id", .type = kId, .member = kMember<&Output::id>, .required = true, .place = 1},
    {.name = "label",
     .type = kName,
     .member = kMember<&Output::label>,
     .most = kMaxLabelBytes,
     .tag = 1},
    {.name = "pin",
     .type = kInteger,
     .member = kMember<&Output::pin>,
     .most = std::numeric_limits<std::int16_t>::max(),
     .place = 8},
    {.name = "active",
     .type = kChoice,
     .member = kMember<&Output::active_low>,
     .choices = kActive,
     .place = 3},
    {.name = "kind",
     .type = kChoice,
     .member = kMember<&Output::kind>,
     .choices = kOutputKinds,
     .place = 2},
    {.name = "range",
     .type = kInteger,
     .member = kMember<&Output::range>,
     .always = true,
     .least = 1,
     .most = kMost16,
     .place = 6},
    {.name = "highest",
     .type = kInteger,
     .member = kMember<&Output::highest>,
     .least = 1,
     .most = kMost16,
     .place = 7},
    {.name = "direction", .type = kId, .member = kMember<&Output::direction>, .place = 4},
    {.name = "longest_on", .type = kDuration, .member = kMember<&Output::longest_on>, .place = 9},
    {.name = "shortest_on",
     .type = kDuration,
     .member = kMember<&Output::shortest_on>,
     .place = 10},
    {.name = "shortest_off",
     .type = kDuration,
     .member = kMember<&Output::shortest_off>,
     .place = 11},
    {.name = "channel",
     .type = kInteger,
     .member = kMember<&Output::channel>,
     .internal = true,
     .most = kMaxAnalogOutputs - 1,
     .place = 5},
};

inline constexpr Row kInterlockRows[] = {
    {.name = "comment"},
    {.name = "never_together", .type = kIds, .member = kMember<&Interlock::outputs>, .place = 3},
    {.name = "dead_time", .type = kDuration, .member = kMember<&Interlock::dead_time>, .place = 4},
    {.name = "motor", .type = kId, .member = kMember<&Interlock::motor>, .place = 2},
    {.name = "reversal_dead_time",
     .type = kDuration,
     .member = kMember<&Interlock::dead_time>,
     .always = true},
    {.name = "kind",
     .type = kInteger,
     .member = kMember<&Interlock::kind>,
     .internal = true,
     .most = static_cast<std::int64_t>(InterlockKind::kReversal),
     .place = 1},
};

inline constexpr Row kLoopRows[] = {
    {.name = "comment"},
    {.name = "from", .type = kName, .member = kMember<&Loop::first>, .required = true, .place = 1},
    {.name = "to", .type = kName, .member = kMember<&Loop::last>, .required = true, .place = 2},
    {.name = "times",
     .type = kInteger,
     .member = kMember<&Loop::times>,
     .required = true,
     .least = 1,
     .most = kMost32,
     .place = 3},
};

inline constexpr Row kSideRows[] = {
    {.name = "comment"},
    {.name = "motor", .type = kId, .member = kMember<&SideOutputs::motor>, .place = 1},
    {.name = "drive", .type = kId, .member = kMember<&SideOutputs::drive>, .place = 2},
    {.name = "light", .type = kId, .member = kMember<&SideOutputs::light>, .place = 3},
    {.name = "brightness", .type = kId, .member = kMember<&SideOutputs::brightness>, .place = 4},
    {.name = "colour", .type = kId, .member = kMember<&SideOutputs::colour>, .place = 5},
};

inline constexpr Row kSegmentRows[] = {
    {.name = "comment"},
    {.name = "at",
     .type = kDuration,
     .member = kMember<&Segment::at_ms>,
     .required = true,
     .place = 1},
    {.name = "rate",
     .type = kRate,
     .member = kMember<&Segment::rate_mhz>,
     .required = true,
     .place = 2},
    {.name = "duty",
     .type = kInteger,
     .member = kMember<&Segment::duty_percent>,
     .always = true,
     .place = 4},
    {.name = "intensity",
     .type = kInteger,
     .member = kMember<&Segment::look, &Look::intensity>,
     .place = 5},
    {.name = "brightness",
     .type = kInteger,
     .member = kMember<&Segment::look, &Look::brightness>,
     .place = 6},
    {.name = "colour",
     .type = kNumbered,
     .member = kMember<&Segment::look, &Look::colour>,
     .choices = kColours,
     .place = 7},
    {.name = "sides",
     .type = kChoice,
     .member = kMember<&Segment::mode>,
     .choices = kSides,
     .place = 8},
    {.name = "begin",
     .type = kChoice,
     .member = kMember<&Segment::flipped>,
     .choices = kBegin,
     .place = 9},
    {.name = "fade", .type = kDuration, .member = kMember<&Segment::fade_ms>, .place = 3},
};

}  // namespace shapes

inline constexpr BoundShape kPhaseShape =
    shape_of<shapes::kPhaseRows, shapes::kPhaseDefaults>("a phase");
inline constexpr BoundShape kOutputShape =
    shape_of<shapes::kOutputRows, shapes::kOutputDefaults>("an output");
inline constexpr BoundShape kInterlockShape =
    shape_of<shapes::kInterlockRows, shapes::kInterlockDefaults>("an interlock");
inline constexpr BoundShape kLoopShape =
    shape_of<shapes::kLoopRows, shapes::kLoopDefaults>("a loop");
inline constexpr BoundShape kLeftShape =
    shape_of<shapes::kSideRows, shapes::kSideDefaults>("a side");
inline constexpr BoundShape kRightShape =
    shape_of<shapes::kSideRows, shapes::kSideDefaults>("a side");
inline constexpr BoundShape kSegmentShape =
    shape_of<shapes::kSegmentRows, shapes::kSegmentDefaults>("a segment");

namespace shapes {

/// What a bilateral session and a pattern have in common, behind what each has of its own.
inline constexpr Row kBothSidesRows[] = {
    {.name = "dead_time",
     .type = kDuration,
     .member = kMember<&Pattern::score, &Score::dead_time>,
     .place = 21},
    {.name = "soft_start", .type = kDuration, .member = kMember<&Pattern::soft_start>, .place = 22},
    {.name = "soft_stop", .type = kDuration, .member = kMember<&Pattern::soft_stop>, .place = 23},
    {.name = "left", .type = kObject, .child = &kLeftShape},
    {.name = "right", .type = kObject, .child = &kRightShape},
};

template <std::size_t kOwn>
constexpr auto with_both_sides(bool need_outputs, const Row (&own)[kOwn]) {
  std::array<Row, kOwn + std::size(kBothSidesRows)> all;
  std::ranges::copy(kBothSidesRows, std::ranges::copy(own, all.begin()).out);
  for (Row& row : all) row.required = row.required || (need_outputs && row.type == kObject);
  return all;
}

inline constexpr auto kBilateralRows = with_both_sides(
    true,
    {
        {.name = "comment"},
        {.name = "cycle",
         .type = kDuration,
         .member = kInBilateral<&Bilateral::cycle>,
         .always = true,
         .place = 1},
        {.name = "duty",
         .type = kInteger,
         .member = kInBilateral<&Bilateral::duty_percent>,
         .always = true,
         .place = 2},
        {.name = "intensity",
         .type = kInteger,
         .member = kInBilateral<&Bilateral::look, &Look::intensity>,
         .place = 3},
        {.name = "brightness",
         .type = kInteger,
         .member = kInBilateral<&Bilateral::look, &Look::brightness>,
         .place = 4},
        {.name = "colour",
         .type = kNumbered,
         .member = kInBilateral<&Bilateral::look, &Look::colour>,
         .choices = kColours,
         .place = 5},
        {.name = "session",
         .type = kDuration,
         .member = kMember<&Pattern::length>,
         .always = true,
         .place = 8},
        {.name = "alternate_direction",
         .type = kBool,
         .member = kInBilateral<&Bilateral::alternate_direction>,
         .place = 6},
        {.name = "research", .type = kBool, .member = kMember<&Pattern::research>, .place = 7},
    });

inline constexpr auto kPatternRows = with_both_sides(
    false, {
               {.name = "comment"},
               {.name = "segments", .type = kObjects, .required = true, .child = &kSegmentShape},
               {.name = "length",
                .type = kDuration,
                .member = kMember<&Pattern::length>,
                .required = true,
                .place = 3},
               {.name = "exclusive",
                .type = kBool,
                .member = kMember<&Pattern::score, &Score::exclusive>,
                .place = 1},
               {.name = "acknowledge_flashing",
                .type = kBool,
                .member = kMember<&Pattern::flashing_acknowledged>,
                .place = 2},
           });

}  // namespace shapes

inline constexpr BoundShape kBilateralShape =
    shape_of<shapes::kBilateralRows, shapes::kBilateralDefaults>("a bilateral session");
inline constexpr BoundShape kPatternShape =
    shape_of<shapes::kPatternRows, shapes::kPatternDefaults>("a pattern");

namespace shapes {

inline constexpr Row kRootRows[] = {
    {.name = "takt", .type = kInteger, .required = true, .least = 1, .most = 1},
    {.name = "$schema"},
    {.name = "comment"},
    {.name = "name", .type = kName, .member = kMember<&Program::name>, .always = true, .place = 1},
    {.name = "outputs", .type = kObjects, .required = true, .child = &kOutputShape},
    {.name = "interlocks", .type = kObjects, .child = &kInterlockShape},
    {.name = "phases", .type = kObjects, .child = &kPhaseShape},
    {.name = "bilateral", .type = kObject, .child = &kBilateralShape},
    {.name = "pattern", .type = kObject, .child = &kPatternShape},
    {.name = "loops", .type = kObjects, .child = &kLoopShape},
    {.name = "repeat",
     .type = kInteger,
     .member = kMember<&Program::repeats>,
     .least = 1,
     .most = kMost32,
     .place = 2},
};

}  // namespace shapes

inline constexpr BoundShape kRootShape =
    shape_of<shapes::kRootRows, shapes::kRootDefaults>("a program");

}  // namespace takt
