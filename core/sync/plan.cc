// SPDX-License-Identifier: Apache-2.0
#include "core/sync/plan.h"

namespace takt::sync {

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kNoPlan: return "nothing was started";
    case Reason::kStopped: return "stopped";
    case Reason::kHoldover: return "the others are silent";
    case Reason::kInDoubt: return "a change is in doubt";
    case Reason::kNotSynchronised: return "clocks are not synchronised";
    case Reason::kNoProgram: return "the program is not here";
    case Reason::kRefused: return "refused";
    case Reason::kOffline: return "a device is offline";
    case Reason::kStale: return "the newest plan is not known";
    case Reason::kBusy: return "another program plays";
    case Reason::kTimeout: return "no answer in time";
    case Reason::kHeld: return "the emergency stop holds";
  }
  return "unknown";
}

}  // namespace takt::sync
