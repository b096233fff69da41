// SPDX-License-Identifier: Apache-2.0
// Any sequence of heap operations keeps the laws of tests/support/tlsf_model.h. The first byte
// picks granularity and size of the heap; then an operation is one byte of kind, two of argument.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/support/tlsf_model.h"

namespace {

using takt::TlsfModel;

void apply(TlsfModel& model, std::uint8_t kind, std::size_t argument) {
  const std::size_t live = model.live();
  switch (kind % 4) {
    case 0: return model.allocate(argument, 1);
    case 1: return model.allocate(argument, std::size_t{1} << kind / 4 % 13);
    case 2:
      if (live > 0) model.free(argument % live);
      return;
    default:
      if (live > 0) model.resize(argument % live, std::size_t{kind} / 4 * 61);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t granularity = std::size_t{4} << data[0] % 5;
  TlsfModel model(std::size_t{8 * 1024} << data[0] / 5 % 6, granularity);
  for (std::size_t at = 1; at + 3 <= size; at += 3) {
    apply(model, data[at], data[at + 1] | std::size_t{data[at + 2]} << 8);
    model.check();
  }
  model.free_all();
  return 0;
}
