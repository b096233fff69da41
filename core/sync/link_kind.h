// SPDX-License-Identifier: Apache-2.0
// The links that takt knows, by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "takt/core/sync/peer_config.h"

namespace takt::sync {

enum class LinkKind : std::uint8_t { kBle, kEspNow, kLan };

/// "ble", "espnow", "lan"; static storage.
std::string_view name_of(LinkKind kind);

/// Nothing: no link has this name.
std::optional<LinkKind> link_named(std::string_view name);

/// How much a device says over it, and how often.
const LinkPace& pace_of(LinkKind kind);

}  // namespace takt::sync
