// SPDX-License-Identifier: Apache-2.0
// Numbers on the command line.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace takt {

/// A number from `least` to `most`. Unlike CLI::Range it does not let "nan" pass.
inline CLI::Validator number_in(double least, double most) {
  const auto refusal = [least, most](const std::string& text) {
    double number = 0;
    const bool is_number = CLI::detail::lexical_cast(text, number);
    if (is_number && number >= least && number <= most) return std::string{};
    return fmt::format("{} is not in the range {} to {}", text, least, most);
  };
  return {refusal, fmt::format("{} to {}", least, most)};
}

}  // namespace takt
