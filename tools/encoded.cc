// SPDX-License-Identifier: Apache-2.0
#include "tools/encoded.h"

#include <cstdint>
#include <span>
#include <vector>

#include "tools/failure.h"

namespace takt {
namespace {

class Bytes final : public ByteSink {
 public:
  void put(std::string_view bytes) override { text += bytes; }
  std::string text;
};

class NoDiagnostics final : public DiagnosticSink {
 public:
  void report(const Diagnostic& /*diagnostic*/) override {}
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
  NoDiagnostics ignored;
  Loader loader{bytes, {}, ignored};
  if (loader.scan() != Status::kOk) return {};
  std::vector<std::uint64_t> scratch(loader.scratch_bytes() / sizeof(std::uint64_t) + 1);
  if (loader.measure(std::as_writable_bytes(std::span{scratch})) != Status::kOk) return {};
  std::vector<std::max_align_t> block(loader.program_bytes() / sizeof(std::max_align_t) + 1);
  const Result<Program> program = loader.build(std::as_writable_bytes(std::span{block}));
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
