// SPDX-License-Identifier: Apache-2.0
// A small device's memory for tests: 64 KiB internal, 8 KiB DMA, 256 KiB external.
#pragma once

#include <cstddef>
#include <vector>

#include "takt/core/memory/memory.h"
#include "takt/ports/linux/mutex_exclusion.h"

namespace takt {

struct TestDevice {
  static constexpr RegionSpec kInternal{"sram", RegionKind::kInternal, false, 64 * 1024};
  static constexpr RegionSpec kDma{"dma", RegionKind::kDma, true, 8 * 1024};
  static constexpr RegionSpec kExternal{"psram", RegionKind::kExternal, false, 256 * 1024};

  TestDevice() {
    memory.add_region(kInternal, internal, 4);
    memory.add_region(kDma, dma, 4);
    memory.add_region(kExternal, external, 4);
  }

  void* take(std::size_t bytes, Placement placement, Tag tag = {}) {
    return memory.allocate({bytes, placement, tag});
  }

  std::vector<std::byte> internal = std::vector<std::byte>(kInternal.bytes);
  std::vector<std::byte> dma = std::vector<std::byte>(kDma.bytes);
  std::vector<std::byte> external = std::vector<std::byte>(kExternal.bytes);
  MutexExclusion exclusion;
  Memory memory{exclusion};
};

}  // namespace takt
