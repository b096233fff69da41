// SPDX-License-Identifier: Apache-2.0
// A compiled program is read without trust. The fuzzer writes what lies between the magic and the
// checksum, which no fuzzer would ever guess.
#include <cstddef>
#include <cstdint>
#include <string>

#include "takt/core/base/assert.h"
#include "takt/core/base/crc32.h"
#include "takt/core/program/compiled.h"
#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt;
  std::string source{kCompiledMagic};
  source += static_cast<char>(kCompiledVersion);
  source.append(reinterpret_cast<const char*>(data), size);
  std::uint32_t crc = crc32(source);
  for (int i = 0; i < 4; ++i, crc >>= 8U) source += static_cast<char>(crc & 0xFFU);
  const Loaded loaded = load_for_test(source);
  TAKT_ASSERT(loaded.ok() == loaded.errors.empty());
  if (!loaded.ok()) return 0;
  TAKT_ASSERT(compiled_for_test(loaded.program) == source);
  CollectingSink sink;
  if (check(loaded.program, sink).ok()) json_for_test(loaded.program);
  return 0;
}
