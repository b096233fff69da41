// SPDX-License-Identifier: Apache-2.0
// Any text that loads can be written again, and gives the same program.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "takt/core/base/assert.h"
#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt;
  const std::string_view source{reinterpret_cast<const char*>(data), size};
  const Loaded loaded = load_for_test(source);
  TAKT_ASSERT(loaded.ok() == loaded.errors.empty());
  if (!loaded.ok()) return 0;
  CollectingSink sink;
  LocatingSink locating{{source, loaded.format}, sink};
  if (!check(loaded.program, locating).ok()) return 0;
  const std::string compiled = compiled_for_test(loaded.program);
  TAKT_ASSERT(compiled_for_test(load_for_test(compiled).program) == compiled);
  if (loaded.format == Format::kCompiled) return 0;
  TAKT_ASSERT(compiled_for_test(load_for_test(json_for_test(loaded.program)).program) == compiled);
  return 0;
}
