// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/link_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace takt::sync {
namespace {

struct Row {
  std::string_view name;
  LinkPace pace;
};

/// In the order of LinkKind.
constexpr std::array kLinks{Row{"ble", kBlePace}, Row{"espnow", kEspNowPace}, Row{"lan", kLanPace}};

const Row& row_of(LinkKind kind) { return kLinks[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view name_of(LinkKind kind) { return row_of(kind).name; }

std::optional<LinkKind> link_named(std::string_view name) {
  const auto* const found = std::ranges::find(kLinks, name, &Row::name);
  if (found == kLinks.end()) return std::nullopt;
  return static_cast<LinkKind>(found - kLinks.begin());
}

const LinkPace& pace_of(LinkKind kind) { return row_of(kind).pace; }

}  // namespace takt::sync
