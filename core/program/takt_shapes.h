// SPDX-License-Identifier: Apache-2.0
// takt's own JSON form as tables: docs/program.md says what each field means.
#pragma once

#include "core/program/json_walk.h"

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
    kRepeat
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
    kShortestOff
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

}  // namespace takt
