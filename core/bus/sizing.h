// SPDX-License-Identifier: Apache-2.0
// How many entries a pool should have.
#pragma once

#include <cstdint>

#include "takt/core/base/status.h"
#include "takt/core/bus/pool_memory.h"
#include "takt/core/bus/registry.h"

// The defaults of a build, in thousandths, where its makers know its traffic.
#ifndef TAKT_BUS_FANOUT_MILLI
#define TAKT_BUS_FANOUT_MILLI 250
#endif
#ifndef TAKT_BUS_CONCURRENCY_MILLI
#define TAKT_BUS_CONCURRENCY_MILLI 2000
#endif

namespace takt::bus {

/// entries = clamp(ceil(targets * fanout * concurrency), least, most).
struct Sizing {
  std::uint32_t fanout_milli =
      TAKT_BUS_FANOUT_MILLI;  ///< Part of the targets that one message has.
  std::uint32_t concurrency_milli = TAKT_BUS_CONCURRENCY_MILLI;  ///< Messages at a time to each.
  std::uint32_t least = 8;
  std::uint32_t most = 1'024;

  constexpr std::uint32_t entries_for(std::uint32_t targets) const {
    const std::uint64_t exact = std::uint64_t{targets} * fanout_milli * concurrency_milli;
    const std::uint64_t rounded = (exact + 999'999) / 1'000'000;
    return static_cast<std::uint32_t>(rounded < least ? least : rounded > most ? most : rounded);
  }
};

/// Brings a size of the bus's pool as close to `entries` as possible. Context: as for the registry.
/// Grows through `memory`; shrinks by giving back what was grown, newest first, as far as it is
/// idle and the rest still has `entries`. Then shares out anew.
/// - kNoMemory: could not grow as far.
/// - kBusy: could not shrink as far: in use, or part of what the pool started with.
Status resize(Registry& registry, std::uint32_t payload_bytes, std::uint32_t entries,
              PoolMemory& memory);

}  // namespace takt::bus
