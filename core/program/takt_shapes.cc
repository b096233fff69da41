// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/takt_shapes.h"

#include <algorithm>

#include "takt/core/base/bits.h"
#include "takt/core/pattern/palette.h"

namespace takt {
namespace {

using json::Field;
using json::FieldType;
using json::Shape;

constexpr std::int64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kMost16 = std::numeric_limits<std::uint16_t>::max();

// In the order of the enumerators in model.h.
constexpr std::string_view kKinds[] = {"switch", "direction", "analog"};
constexpr std::string_view kActive[] = {"high", "low"};
constexpr std::string_view kDirections[] = {"ccw", "cw"};
constexpr std::string_view kOnTimeout[] = {"continue", "fault"};
constexpr std::string_view kSides[] = {"alternate", "both", "left", "right"};
constexpr std::string_view kBegin[] = {"left", "right"};

constexpr auto kColours = [] {
  std::array<std::string_view, kColourCount> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kPalette[i].name;
  return names;
}();

constexpr Field kStepFields[] = {
    {.name = "comment", .id = StepField::kComment},
    {.name = "on", .id = StepField::kOn, .type = FieldType::kDuration},
    {.name = "pause", .id = StepField::kPause, .type = FieldType::kDuration},
    {.name = "direction",
     .id = StepField::kDirection,
     .type = FieldType::kChoice,
     .choices = kDirections},
};

constexpr Field kEdgeFields[] = {
    {.name = "comment", .id = EdgeField::kComment},
    {.name = "at", .id = EdgeField::kAt, .type = FieldType::kDuration},
    {.name = "value", .id = EdgeField::kValue, .type = FieldType::kInteger, .most = kMost16},
};

constexpr Field kComponentFields[] = {
    {.name = "comment", .id = ComponentField::kComment},
    {.name = "output", .id = ComponentField::kOutput, .type = FieldType::kId},
    {.name = "at", .id = ComponentField::kAt, .type = FieldType::kDuration},
    {.name = "on", .id = ComponentField::kOn, .type = FieldType::kDuration},
    {.name = "pause", .id = ComponentField::kPause, .type = FieldType::kDuration},
    {.name = "repeat", .id = ComponentField::kRepeat, .type = FieldType::kInteger, .most = kMost32},
    {.name = "direction",
     .id = ComponentField::kDirection,
     .type = FieldType::kChoice,
     .choices = kDirections},
    {.name = "steps",
     .id = ComponentField::kSteps,
     .type = FieldType::kObjects,
     .child = &kStepShape},
    {.name = "value",
     .id = ComponentField::kValue,
     .type = FieldType::kInteger,
     .least = 1,
     .most = kMost16},
    {.name = "ramp_in", .id = ComponentField::kRampIn, .type = FieldType::kDuration},
    {.name = "ramp_out", .id = ComponentField::kRampOut, .type = FieldType::kDuration},
    {.name = "edges",
     .id = ComponentField::kEdges,
     .type = FieldType::kObjects,
     .child = &kEdgeShape},
    {.name = "length", .id = ComponentField::kLength, .type = FieldType::kDuration},
};

constexpr Field kEndFields[] = {
    {.name = "comment", .id = EndField::kComment},
    {.name = "sensor", .id = EndField::kSensor, .type = FieldType::kId},
    {.name = "above",
     .id = EndField::kAbove,
     .type = FieldType::kInteger,
     .least = std::numeric_limits<std::int32_t>::min()},
    {.name = "below",
     .id = EndField::kBelow,
     .type = FieldType::kInteger,
     .least = std::numeric_limits<std::int32_t>::min()},
    {.name = "hold", .id = EndField::kHold, .type = FieldType::kDuration},
    {.name = "arm_after", .id = EndField::kArmAfter, .type = FieldType::kDuration},
    {.name = "timeout", .id = EndField::kTimeout, .type = FieldType::kDuration},
    {.name = "on_timeout",
     .id = EndField::kOnTimeout,
     .type = FieldType::kChoice,
     .choices = kOnTimeout},
};

constexpr Field kPhaseFields[] = {
    {.name = "comment", .id = PhaseField::kComment},
    {.name = "name", .id = PhaseField::kName, .type = FieldType::kName},
    {.name = "delay", .id = PhaseField::kDelay, .type = FieldType::kDuration},
    {.name = "components",
     .id = PhaseField::kComponents,
     .type = FieldType::kObjects,
     .child = &kComponentShape},
    {.name = "end", .id = PhaseField::kEnd, .type = FieldType::kObject, .child = &kEndShape},
};

constexpr Field kOutputFields[] = {
    {.name = "comment", .id = OutputField::kComment},
    {.name = "id", .id = OutputField::kId, .type = FieldType::kId},
    {.name = "pin",
     .id = OutputField::kPin,
     .type = FieldType::kInteger,
     .most = std::numeric_limits<std::int16_t>::max()},
    {.name = "active", .id = OutputField::kActive, .type = FieldType::kChoice, .choices = kActive},
    {.name = "kind", .id = OutputField::kKind, .type = FieldType::kChoice, .choices = kKinds},
    {.name = "range",
     .id = OutputField::kRange,
     .type = FieldType::kInteger,
     .least = 1,
     .most = kMost16},
    {.name = "highest",
     .id = OutputField::kHighest,
     .type = FieldType::kInteger,
     .least = 1,
     .most = kMost16},
    {.name = "direction", .id = OutputField::kDirection, .type = FieldType::kId},
    {.name = "longest_on", .id = OutputField::kLongestOn, .type = FieldType::kDuration},
    {.name = "shortest_on", .id = OutputField::kShortestOn, .type = FieldType::kDuration},
    {.name = "shortest_off", .id = OutputField::kShortestOff, .type = FieldType::kDuration},
};

constexpr Field kInterlockFields[] = {
    {.name = "comment", .id = InterlockField::kComment},
    {.name = "never_together", .id = InterlockField::kNeverTogether, .type = FieldType::kIds},
    {.name = "dead_time", .id = InterlockField::kDeadTime, .type = FieldType::kDuration},
    {.name = "motor", .id = InterlockField::kMotor, .type = FieldType::kId},
    {.name = "reversal_dead_time",
     .id = InterlockField::kReversalDeadTime,
     .type = FieldType::kDuration},
};

constexpr Field kLoopFields[] = {
    {.name = "comment", .id = LoopField::kComment},
    {.name = "from", .id = LoopField::kFrom, .type = FieldType::kName},
    {.name = "to", .id = LoopField::kTo, .type = FieldType::kName},
    {.name = "times",
     .id = LoopField::kTimes,
     .type = FieldType::kInteger,
     .least = 1,
     .most = kMost32},
};

constexpr Field kSideFields[] = {
    {.name = "comment", .id = SideField::kComment},
    {.name = "motor", .id = SideField::kMotor, .type = FieldType::kId},
    {.name = "drive", .id = SideField::kDrive, .type = FieldType::kId},
    {.name = "light", .id = SideField::kLight, .type = FieldType::kId},
    {.name = "brightness", .id = SideField::kBrightness, .type = FieldType::kId},
    {.name = "colour", .id = SideField::kColour, .type = FieldType::kId},
};

/// What a bilateral session and a pattern have in common, behind what each has of its own.
constexpr Field kBothSidesFields[] = {
    {.name = "dead_time", .id = PatternField::kDeadTime, .type = FieldType::kDuration},
    {.name = "soft_start", .id = PatternField::kSoftStart, .type = FieldType::kDuration},
    {.name = "soft_stop", .id = PatternField::kSoftStop, .type = FieldType::kDuration},
    {.name = "left", .id = PatternField::kLeft, .type = FieldType::kObject, .child = &kLeftShape},
    {.name = "right",
     .id = PatternField::kRight,
     .type = FieldType::kObject,
     .child = &kRightShape},
};

template <std::size_t kOwn>
constexpr auto with_both_sides(const Field (&own)[kOwn]) {
  std::array<Field, kOwn + std::size(kBothSidesFields)> all;
  std::ranges::copy(kBothSidesFields, std::ranges::copy(own, all.begin()).out);
  return all;
}

constexpr auto kBilateralFields = with_both_sides({
    {.name = "comment", .id = PatternField::kComment},
    {.name = "cycle", .id = PatternField::kCycle, .type = FieldType::kDuration},
    {.name = "duty", .id = PatternField::kDuty, .type = FieldType::kInteger},
    {.name = "intensity", .id = PatternField::kIntensity, .type = FieldType::kInteger},
    {.name = "brightness", .id = PatternField::kBrightness, .type = FieldType::kInteger},
    {.name = "colour",
     .id = PatternField::kColour,
     .type = FieldType::kNumbered,
     .choices = kColours},
    {.name = "session", .id = PatternField::kSession, .type = FieldType::kDuration},
    {.name = "alternate_direction",
     .id = PatternField::kAlternateDirection,
     .type = FieldType::kBool},
    {.name = "research", .id = PatternField::kResearch, .type = FieldType::kBool},
});

constexpr Field kSegmentFields[] = {
    {.name = "comment", .id = SegmentField::kComment},
    {.name = "at", .id = SegmentField::kAt, .type = FieldType::kDuration},
    {.name = "rate", .id = SegmentField::kRate, .type = FieldType::kRate},
    {.name = "duty", .id = SegmentField::kDuty, .type = FieldType::kInteger},
    {.name = "intensity", .id = SegmentField::kIntensity, .type = FieldType::kInteger},
    {.name = "brightness", .id = SegmentField::kBrightness, .type = FieldType::kInteger},
    {.name = "colour",
     .id = SegmentField::kColour,
     .type = FieldType::kNumbered,
     .choices = kColours},
    {.name = "sides", .id = SegmentField::kSides, .type = FieldType::kChoice, .choices = kSides},
    {.name = "begin", .id = SegmentField::kBegin, .type = FieldType::kChoice, .choices = kBegin},
    {.name = "fade", .id = SegmentField::kFade, .type = FieldType::kDuration},
};

constexpr auto kPatternFields = with_both_sides({
    {.name = "comment", .id = PatternField::kComment},
    {.name = "segments",
     .id = PatternField::kSegments,
     .type = FieldType::kObjects,
     .child = &kSegmentShape},
    {.name = "length", .id = PatternField::kLength, .type = FieldType::kDuration},
    {.name = "exclusive", .id = PatternField::kExclusive, .type = FieldType::kBool},
    {.name = "acknowledge_flashing",
     .id = PatternField::kAcknowledgeFlashing,
     .type = FieldType::kBool},
});

constexpr Field kRootFields[] = {
    {.name = "takt", .id = RootField::kTakt, .type = FieldType::kInteger, .least = 1, .most = 1},
    {.name = "$schema", .id = RootField::kSchema},
    {.name = "comment", .id = RootField::kComment},
    {.name = "name", .id = RootField::kName, .type = FieldType::kName},
    {.name = "outputs",
     .id = RootField::kOutputs,
     .type = FieldType::kObjects,
     .child = &kOutputShape},
    {.name = "interlocks",
     .id = RootField::kInterlocks,
     .type = FieldType::kObjects,
     .child = &kInterlockShape},
    {.name = "phases",
     .id = RootField::kPhases,
     .type = FieldType::kObjects,
     .child = &kPhaseShape},
    {.name = "bilateral",
     .id = RootField::kBilateral,
     .type = FieldType::kObject,
     .child = &kBilateralShape},
    {.name = "pattern",
     .id = RootField::kPattern,
     .type = FieldType::kObject,
     .child = &kPatternShape},
    {.name = "loops", .id = RootField::kLoops, .type = FieldType::kObjects, .child = &kLoopShape},
    {.name = "repeat",
     .id = RootField::kRepeat,
     .type = FieldType::kInteger,
     .least = 1,
     .most = kMost32},
};

}  // namespace

constinit const Shape kStepShape{.what = "a step", .fields = kStepFields};
constinit const Shape kEdgeShape{.what = "an edge",
                                 .fields = kEdgeFields,
                                 .required = bit(EdgeField::kAt) | bit(EdgeField::kValue)};
constinit const Shape kComponentShape{
    .what = "a component", .fields = kComponentFields, .required = bit(ComponentField::kOutput)};
constinit const Shape kEndShape{
    .what = "an end condition", .fields = kEndFields, .required = bit(EndField::kSensor)};
constinit const Shape kPhaseShape{
    .what = "a phase", .fields = kPhaseFields, .required = bit(PhaseField::kName)};
constinit const Shape kOutputShape{
    .what = "an output", .fields = kOutputFields, .required = bit(OutputField::kId)};
constinit const Shape kInterlockShape{.what = "an interlock", .fields = kInterlockFields};
constinit const Shape kLoopShape{
    .what = "a loop",
    .fields = kLoopFields,
    .required = bit(LoopField::kFrom) | bit(LoopField::kTo) | bit(LoopField::kTimes)};
constinit const Shape kLeftShape{.what = "a side", .fields = kSideFields};
constinit const Shape kRightShape{.what = "a side", .fields = kSideFields};
constinit const Shape kSegmentShape{.what = "a segment",
                                    .fields = kSegmentFields,
                                    .required = bit(SegmentField::kAt) | bit(SegmentField::kRate)};
constinit const Shape kBilateralShape{
    .what = "a bilateral session",
    .fields = kBilateralFields,
    .required = bit(PatternField::kLeft) | bit(PatternField::kRight)};
constinit const Shape kPatternShape{
    .what = "a pattern",
    .fields = kPatternFields,
    .required = bit(PatternField::kSegments) | bit(PatternField::kLength)};
constinit const Shape kRootShape{.what = "a program",
                                 .fields = kRootFields,
                                 .required = bit(RootField::kTakt) | bit(RootField::kOutputs)};

}  // namespace takt
