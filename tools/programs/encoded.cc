// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/encoded.h"

#include <vector>

#include "tools/cli/failure.h"
#include "tools/programs/loading.h"

namespace takt {
namespace {

class Bytes final : public ByteSink {
 public:
  void put(std::string_view bytes) override { text += bytes; }
  std::string text;
};

std::string encode(const Program& program, Format format) {
  Bytes bytes;
  if (format == Format::kCompiled) {
    encode_compiled(program, bytes);
  } else {
    encode_json(program, bytes);
  }
  return std::move(bytes.text);
}

/// What `bytes` mean, in the compiled form, which is the same for equal programs; empty: nothing.
std::string meaning(std::string_view bytes) {
  IgnoredDiagnostics ignored;
  Loader loader{bytes, {}, ignored};
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
