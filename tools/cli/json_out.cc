// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/json_out.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/cli/failure.h"
#include "tools/cli/text.h"

namespace takt {

void JsonOut::value(std::string_view text) {
  const std::string clean = printable(text);
  writer_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void JsonOut::diagnostics(std::string_view name, std::span<const Diagnostic> all,
                          Severity severity) {
  begin_array(name);
  for (const Diagnostic& diagnostic : all) {
    if (diagnostic.severity != severity) continue;
    begin_object();
    field("pointer", diagnostic.pointer.view());
    field("line", diagnostic.line);
    field("column", diagnostic.column);
    field("message", diagnostic.message.view());
    end_object();
  }
  end_array();
}

void JsonOut::print() {
  writer_.EndObject();
  std::fwrite(buffer_.GetString(), 1, buffer_.GetSize(), stdout);
  std::fputc('\n', stdout);
  flush_output();
}

std::FILE* people(bool json) { return json ? stderr : stdout; }

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw Failure{Exit::kWorld, fmt::format("standard output: {}", std::strerror(errno))};
}

}  // namespace takt
