// SPDX-License-Identifier: Apache-2.0
// Finds functions by their braces.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

constexpr std::string_view kBlanks = " \t\n";

// Takes a leading "template <...>" off the head of a declaration.
std::string_view without_template(std::string_view head) {
  while (head.starts_with("template <")) {
    std::size_t depth = 0;
    std::size_t at = head.find('<');
    do {
      depth += head[at] == '<' ? 1U : 0U;
      depth -= head[at] == '>' ? 1U : 0U;
      ++at;
    } while (depth > 0 && at < head.size());
    head.remove_prefix(std::min(head.find_first_not_of(kBlanks, at), head.size()));
  }
  return head;
}

// Whether the brace after `head` opens a scope that has declarations in it.
bool opens_scope(std::string_view head) {
  constexpr std::array<std::string_view, 7> kScopes{
      "namespace", "inline namespace", "class", "struct", "union", "enum", "extern"};
  head = without_template(head);
  constexpr std::string_view kAlign = "alignas(";
  const std::size_t align = head.find(kAlign);
  const std::size_t from = align == std::string_view::npos ? 0 : align + kAlign.size();
  const bool is_function = head.find('(', from) != std::string_view::npos;
  return !is_function && std::ranges::any_of(kScopes, [head](std::string_view scope) {
    return head.starts_with(scope);
  });
}

// Whether the brace after `head` opens the body of a function, not an initializer.
bool opens_body(std::string_view head) {
  const std::size_t end = head.find_last_not_of(kBlanks);
  return head.find('(') != std::string_view::npos && end + 1 < head.size() && head[end] != '=';
}

class Reader {
 public:
  explicit Reader(const Source& source) {
    for (const std::string& line : source.code) text_ += line + '\n';
  }

  Violations run() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      read(text_[at_]);
    }
    return std::move(violations_);
  }

 private:
  void read(char c) {
    if (c == '{') return brace();
    if (c == '}' || c == ';') return head_.clear();
    if (c == ':' && (head_ == "public" || head_ == "private" || head_ == "protected")) {
      return head_.clear();
    }
    if (head_.empty()) {
      if (kBlanks.find(c) != std::string_view::npos) return;
      start_ = line_;
    }
    head_ += c;
  }

  void brace() {
    if (opens_scope(head_)) return head_.clear();
    const bool body = opens_body(head_);
    skip();
    if (!body) {
      head_ += "{}";
      return;
    }
    const std::size_t length = line_ - start_ + 1;
    if (length > kMaxFunctionLines) {
      violations_.push_back({start_, "function of " + std::to_string(length) + " lines"});
    }
    head_.clear();
  }

  // From an opening brace to the one that closes it.
  void skip() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      depth += text_[at_] == '{' ? 1U : 0U;
      depth -= text_[at_] == '}' ? 1U : 0U;
      if (depth == 0) return;
    }
  }

  std::string text_;
  std::string head_;  // Of the declaration being read.
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t start_ = 1;  // Line where head_ starts.
  Violations violations_;
};

}  // namespace

Violations check_functions(std::string_view path, const Source& source, const Tree& /*tree*/) {
  return is_cpp(path) ? Reader{source}.run() : Violations{};
}

}  // namespace takt::tidy
