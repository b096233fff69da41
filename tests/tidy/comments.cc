// SPDX-License-Identifier: Apache-2.0
// How comments are written.
#include <string>
#include <string_view>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

constexpr std::string_view kBehind = "///<";

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(' ') + 1 - begin);
}

// What a line of a comment says.
std::string_view said(std::string_view comment) {
  const std::size_t begin = comment.find_first_not_of("/*!< ");
  return begin == std::string_view::npos ? std::string_view{} : comment.substr(begin);
}

// Whether line `i` holds nothing but more of a comment behind something.
bool goes_on(const Source& source, std::size_t i) {
  return i < source.code.size() && trimmed(source.code[i]).empty() &&
         trimmed(source.comments[i]).starts_with(kBehind);
}

}  // namespace

Violations check_comments(std::string_view path, const Source& source, const Tree& /*tree*/) {
  if (!is_cpp(path)) return {};
  Violations violations;
  for (std::size_t i = 0; i < source.comments.size(); ++i) {
    const std::string_view comment = trimmed(source.comments[i]);
    if (comment.starts_with(kBehind) && !comment.ends_with('.') && !goes_on(source, i + 1)) {
      violations.push_back({i + 1, "a comment behind something ends with a full stop"});
    }
    if (said(comment).starts_with("Who ") || said(comment).starts_with("Who's ")) {
      violations.push_back({i + 1, "a comment begins with 'Who'"});
    }
  }
  return violations;
}

}  // namespace takt::tidy
