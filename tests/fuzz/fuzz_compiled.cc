// SPDX-License-Identifier: Apache-2.0
// A compiled program is read without trust, in each version. The fuzzer writes what lies between
// the version and the checksum, which no fuzzer would ever guess.
#include <cstddef>
#include <cstdint>
#include <string>

#include "takt/core/base/assert.h"
#include "takt/core/base/crc32.h"
#include "takt/core/program/compiled.h"
#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

void try_version(std::uint8_t version, const std::uint8_t* data, std::size_t size) {
  std::string source{kCompiledMagic};
  source += static_cast<char>(version);
  source.append(reinterpret_cast<const char*>(data), size);
  std::uint32_t crc = crc32(source);
  for (int i = 0; i < 4; ++i, crc >>= 8U) source += static_cast<char>(crc & 0xFFU);
  const Loaded loaded = load_for_test(source);
  TAKT_ASSERT(loaded.ok() == loaded.errors.empty());
  if (!loaded.ok()) return;
  TAKT_ASSERT(compiled_for_test(loaded.program) == source);
  CollectingSink sink;
  if (check(loaded.program, sink).ok()) json_for_test(loaded.program);
}

}  // namespace
}  // namespace takt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takt::try_version(takt::kPlainVersion, data, size);
  takt::try_version(takt::kTaggedVersion, data, size);
  return 0;
}
