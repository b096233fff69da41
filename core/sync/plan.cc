// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/plan.h"

namespace takt::sync {

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kNoPlan: return "no-plan";
    case Reason::kStopped: return "stopped";
    case Reason::kHoldover: return "holdover";
    case Reason::kInDoubt: return "in-doubt";
    case Reason::kNotSynchronised: return "not-synchronised";
    case Reason::kNoProgram: return "no-program";
    case Reason::kRefused: return "refused";
    case Reason::kOffline: return "offline";
    case Reason::kStale: return "stale";
    case Reason::kBusy: return "busy";
    case Reason::kTimeout: return "timeout";
    case Reason::kHeld: return "held";
    case Reason::kReplaced: return "replaced";
    case Reason::kSameSide: return "same-side";
  }
  return "unknown";
}

}  // namespace takt::sync
