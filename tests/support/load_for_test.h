// SPDX-License-Identifier: Apache-2.0
// Loading in one call, for tests: the memory lives as long as the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/program/codec.h"
#include "tests/support/collecting_sink_for_test.h"

namespace takt {

struct Loaded {
  Status status = Status::kOk;
  Program program;
  Format format = Format::kTakt;
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings;
  std::vector<std::max_align_t> memory;
  std::size_t program_bytes = 0;

  bool ok() const { return status == Status::kOk; }
};

namespace load_for_test_detail {

inline Status run(Loader& loader, Loaded& loaded) {
  Status status = loader.scan();
  if (status != Status::kOk) return status;
  std::vector<std::uint64_t> scratch(loader.scratch_bytes() / sizeof(std::uint64_t) + 1);
  const auto bytes = std::as_writable_bytes(std::span{scratch}).first(loader.scratch_bytes());
  status = loader.measure(bytes);
  loaded.format = loader.format();
  if (status != Status::kOk) return status;
  loaded.program_bytes = loader.program_bytes();
  loaded.memory.resize(loaded.program_bytes / sizeof(std::max_align_t) + 1);
  const auto block = std::as_writable_bytes(std::span{loaded.memory}).first(loaded.program_bytes);
  Result<Program> program = loader.build(block);
  if (!program.ok()) return program.status();
  loaded.program = program.value();
  return Status::kOk;
}

}  // namespace load_for_test_detail

inline Loaded load_for_test(std::string_view source, const LoadOptions& options = {}) {
  CollectingSink sink;
  LoadOptions with_text = options;
  with_text.text = &kJson;
  Loader loader{source, with_text, sink};
  Loaded loaded;
  loaded.status = load_for_test_detail::run(loader, loaded);
  for (const Diagnostic& d : sink.all) {
    (d.severity == Severity::kError ? loaded.errors : loaded.warnings).push_back(d);
  }
  return loaded;
}

/// "/pointer line:column message" of the first error; "" if there is none.
inline std::string first_error(const Loaded& loaded) {
  if (loaded.errors.empty()) return {};
  const Diagnostic& d = loaded.errors[0];
  return std::string{d.pointer.view()} + ' ' + std::to_string(d.line) + ':' +
         std::to_string(d.column) + ' ' + std::string{d.message.view()};
}

inline std::string compiled_for_test(const Program& program) {
  std::string bytes;
  TextInto out{bytes};
  encode_compiled(program, out);
  return bytes;
}

inline std::string json_for_test(const Program& program) {
  std::string text;
  TextInto out{text};
  encode_json(program, out);
  return text;
}

}  // namespace takt
