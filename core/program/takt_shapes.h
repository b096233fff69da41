// SPDX-License-Identifier: Apache-2.0
// takt's own JSON form as tables: docs/program.md says what each field means.
#pragma once

#include "takt/core/json/json_walk.h"

namespace takt {

/// Ids of fields, in their shapes.
struct RootField {
  enum : std::uint8_t {
    kTakt,
    kSchema,
    kComment,
    kName,
    kOutputs,
    kInterlocks,
    kPhases,
    kLoops,
    kRepeat,
    kBilateral,
    kPattern
  };
};
struct OutputField {
  enum : std::uint8_t {
    kComment,
    kId,
    kPin,
    kActive,
    kKind,
    kRange,
    kDirection,
    kLongestOn,
    kShortestOn,
    kShortestOff,
    kHighest
  };
};
struct InterlockField {
  enum : std::uint8_t { kComment, kNeverTogether, kDeadTime, kMotor, kReversalDeadTime };
};
struct PhaseField {
  enum : std::uint8_t { kComment, kName, kDelay, kComponents, kEnd };
};
struct ComponentField {
  enum : std::uint8_t {
    kComment,
    kOutput,
    kAt,
    kOn,
    kPause,
    kRepeat,
    kDirection,
    kSteps,
    kValue,
    kRampIn,
    kRampOut,
    kEdges,
    kLength
  };
};
/// Of a bilateral session and of a pattern.
struct PatternField {
  enum : std::uint8_t {
    kComment,
    kCycle,
    kDuty,
    kIntensity,
    kBrightness,
    kColour,
    kSession,
    kAlternateDirection,
    kResearch,
    kSegments,
    kLength,
    kExclusive,
    kAcknowledgeFlashing,
    kDeadTime,
    kSoftStart,
    kSoftStop,
    kLeft,
    kRight
  };
};
struct SegmentField {
  enum : std::uint8_t {
    kComment,
    kAt,
    kRate,
    kDuty,
    kIntensity,
    kBrightness,
    kColour,
    kSides,
    kBegin,
    kFade
  };
};
struct SideField {
  enum : std::uint8_t { kComment, kMotor, kDrive, kLight, kBrightness, kColour };
};
struct StepField {
  enum : std::uint8_t { kComment, kOn, kPause, kDirection };
};
struct EdgeField {
  enum : std::uint8_t { kComment, kAt, kValue };
};
struct EndField {
  enum : std::uint8_t { kComment, kSensor, kAbove, kBelow, kHold, kArmAfter, kTimeout, kOnTimeout };
};
struct LoopField {
  enum : std::uint8_t { kComment, kFrom, kTo, kTimes };
};

extern const json::Shape kRootShape;
extern const json::Shape kOutputShape;
extern const json::Shape kInterlockShape;
extern const json::Shape kPhaseShape;
extern const json::Shape kComponentShape;
extern const json::Shape kStepShape;
extern const json::Shape kEdgeShape;
extern const json::Shape kEndShape;
extern const json::Shape kLoopShape;
extern const json::Shape kBilateralShape;
extern const json::Shape kPatternShape;
extern const json::Shape kSegmentShape;
extern const json::Shape kLeftShape;
extern const json::Shape kRightShape;

}  // namespace takt
