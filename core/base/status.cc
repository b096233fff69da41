// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/status.h"

namespace takt {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kOk: return "ok";
    case Status::kBusy: return "busy";
    case Status::kNotLoaded: return "not loaded";
    case Status::kOutOfRange: return "out of range";
    case Status::kTooLarge: return "too large";
    case Status::kNoMemory: return "no memory";
    case Status::kCorrupt: return "corrupt";
    case Status::kUnsupported: return "unsupported";
    case Status::kTooFast: return "too fast";
    case Status::kTimeout: return "timeout";
    case Status::kIo: return "input/output error";
  }
  return "unknown";
}

}  // namespace takt
