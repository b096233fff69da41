// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/loading.h"

#include <cstdint>
#include <span>

namespace takt {

Result<Program> load_into(std::vector<std::max_align_t>& block, Loader& loader) {
  if (const Status status = loader.scan(); status != Status::kOk) return status;
  std::vector<std::uint64_t> scratch(loader.scratch_bytes() / sizeof(std::uint64_t) + 1);
  const Status measured = loader.measure(std::as_writable_bytes(std::span{scratch}));
  if (measured != Status::kOk) return measured;
  block.resize(loader.program_bytes() / sizeof(std::max_align_t) + 1);
  return loader.build(std::as_writable_bytes(std::span{block}));
}

}  // namespace takt
