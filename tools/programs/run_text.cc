// SPDX-License-Identifier: Apache-2.0
#include "tools/programs/run_text.h"

#include <fmt/format.h>

#include "takt/core/json/duration_text.h"
#include "takt/core/program/limits.h"
#include "tools/cli/failure.h"
#include "tools/cli/text.h"

namespace takt {

std::optional<Micros> parse_run_time(std::string_view text, std::string_view option) {
  // Whatever can be read is a time; whether it is too long is another question.
  const std::optional<Micros> time = parse_duration(text, kMaxRun * 8);
  if (time && *time > kMaxRun) {
    throw Failure{Exit::kWords, fmt::format("{} takes a time of up to 100 years, not '{}'", option,
                                            printable(text))};
  }
  return time;
}

std::string phase_title(const Program& program, std::size_t phase) {
  const std::string_view name = program.phases[phase].name;
  return name.empty() ? fmt::format("phase {}", phase + 1) : printable(name);
}

}  // namespace takt
