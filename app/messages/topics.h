// SPDX-License-Identifier: Apache-2.0
// What travels over the bus of a device, by number.
#pragma once

#include <algorithm>
#include <cstddef>

#include "takt/app/messages/answer.h"
#include "takt/app/messages/command.h"
#include "takt/app/messages/incident.h"
#include "takt/app/messages/player_snapshot.h"
#include "takt/app/messages/reading.h"
#include "takt/core/bus/topic.h"

namespace takt {

// Delivery counts: allocated and published blocking.
inline constexpr bus::Topic<Command> kCommands{1, "command"};
// Never waited for. Of all but readings the newest counts.
inline constexpr bus::Topic<Answer> kAnswers{2, "answer"};
inline constexpr bus::Topic<PlayerSnapshot> kPlayer{3, "player"};
inline constexpr bus::Topic<Reading> kReadings{4, "reading"};
inline constexpr bus::Topic<Incident> kIncidents{5, "incident"};
// 6: memory events, of app/bus/memory.h.

/// Payload of a pool that serves all of these.
inline constexpr std::size_t kLargestMessage = std::max(
    {sizeof(Command), sizeof(Answer), sizeof(PlayerSnapshot), sizeof(Reading), sizeof(Incident)});

}  // namespace takt
