// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/encoded.h"

#include <vector>

#include "tools/cli/failure.h"
#include "tools/programs/loading.h"

namespace takt {
namespace {

std::string encode(const Program& program, Format format) {
  std::string bytes;
  TextInto out{bytes};
  if (format == Format::kCompiled) {
    encode_compiled(program, out);
  } else {
    encode_json(program, out);
  }
  return bytes;
}

/// What `bytes` mean, in the compiled form, which is the same for equal programs; empty: nothing.
std::string meaning(std::string_view bytes) {
  IgnoredDiagnostics ignored;
  Loader loader{bytes, {.text = &kJson}, ignored};
  std::vector<std::max_align_t> block;
  const Result<Program> program = load_into(block, loader);
  if (!program.ok() || !check(program.value(), ignored).ok()) return {};
  return encode(program.value(), Format::kCompiled);
}

}  // namespace

std::string encoded(const Timeline& timeline, Format format) {
  std::string bytes = encode(timeline.program(), format);
  if (meaning(bytes) != encode(timeline.program(), Format::kCompiled)) {
    throw Failure{Exit::kNo, "the program cannot be written in this form without changing it"};
  }
  return bytes;
}

}  // namespace takt
