// SPDX-License-Identifier: Apache-2.0
#include "takt/app/messages/player_snapshot.h"

namespace takt {

std::string_view name_of(PlayerSnapshot::State state) {
  switch (state) {
    case PlayerSnapshot::State::kEmpty: return "empty";
    case PlayerSnapshot::State::kReady: return "ready";
    case PlayerSnapshot::State::kPlaying: return "playing";
    case PlayerSnapshot::State::kPaused: return "paused";
    case PlayerSnapshot::State::kFault: return "fault";
  }
  return "unknown";
}

std::string_view name_of(PlayerSnapshot::End end) {
  switch (end) {
    case PlayerSnapshot::End::kNone: return "none";
    case PlayerSnapshot::End::kFinished: return "finished";
    case PlayerSnapshot::End::kStopped: return "stopped";
    case PlayerSnapshot::End::kFault: return "fault";
  }
  return "unknown";
}

}  // namespace takt
