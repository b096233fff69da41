// SPDX-License-Identifier: Apache-2.0
// Finds what is named and not used.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

// Names that a library looks for in what it is given.
constexpr std::array<std::string_view, 1> kForLibraries{"kNeedFree"};

bool is_ours(std::string_view path) {
  constexpr std::array<std::string_view, 5> kFolders{"core/", "app/", "ports/", "firmware/",
                                                     "tools/"};
  return !path.ends_with("_test.cc") &&
         std::ranges::any_of(kFolders, [path](auto folder) { return path.starts_with(folder); });
}

// Calls visit(word, where it begins) for each identifier of the line.
template <typename Visit>
void for_each_word(std::string_view line, Visit visit) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (!is_word(line[at])) continue;
    std::size_t end = at;
    while (end < line.size() && is_word(line[end])) ++end;
    const bool number = std::isdigit(static_cast<unsigned char>(line[at])) != 0;
    if (!number) visit(line.substr(at, end - at), at);
    at = end;
  }
}

// Whether what stands before the name of a function is a type, as in "char* name(": then it is
// declared there, not called. So clang-format sets it.
bool ends_with_type(std::string_view before) {
  if (!before.ends_with(' ')) return false;
  before.remove_suffix(1);
  if (before.empty()) return false;
  if (before.back() == '*' || before.back() == '&' || before.back() == '>') {
    const std::size_t operators = before.find_last_not_of("*&>");
    return operators != std::string_view::npos && before[operators] != ' ' &&
           before[operators] != '-';
  }
  std::size_t begin = before.size();
  while (begin > 0 && is_word(before[begin - 1])) --begin;
  constexpr std::array<std::string_view, 10> kNoTypes{
      "return", "else", "throw", "new", "case", "co_return", "co_yield", "and", "or", "struct"};
  return begin < before.size() && std::ranges::count(kNoTypes, before.substr(begin)) == 0;
}

// Whether a word is a name that the house gives, by its form.
bool is_named_here(std::string_view line, std::string_view word, std::size_t at) {
  const std::string_view before = line.substr(0, at);
  if (word.starts_with('_') || before.ends_with("::")) return false;  // Another's.
  const auto is_upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
  if (word.starts_with("TAKT_")) return before.ends_with("define ");
  if (word.ends_with('_') || word.starts_with("g_")) return true;
  if (word.size() > 1 && word[0] == 'k' && is_upper(word[1])) return true;
  return !is_upper(word[0]) && line.substr(at + word.size()).starts_with('(') &&
         ends_with_type(before);
}

// Whether the declaration that starts in line `i` says that others call it, or keep it.
bool is_for_others(const Source& source, std::size_t i) {
  for (; i < source.code.size(); ++i) {
    const std::string_view line = source.code[i];
    if (line.find(" override") != std::string_view::npos) return true;
    if (line.find("[[gnu::used") != std::string_view::npos) return true;
    if (line.find_first_of(";{") != std::string_view::npos) return false;
  }
  return false;
}

}  // namespace

WordCount count_words(const Tree& tree) {
  WordCount count;
  for (const auto& [path, source] : tree) {
    for (const std::string_view line : source.words) {
      for_each_word(line, [&count](std::string_view word, std::size_t /*at*/) { ++count[word]; });
    }
  }
  return count;
}

Violations check_used(std::string_view path, const Source& source, const WordCount& count) {
  if (!is_cpp(path) || !is_ours(path)) return {};
  Violations violations;
  for (std::size_t i = 0; i < source.words.size(); ++i) {
    const std::string_view line = source.words[i];
    for_each_word(line, [&](std::string_view word, std::size_t at) {
      const auto found = count.find(word);
      if (found == count.end() || found->second != 1 || !is_named_here(line, word, at)) return;
      if (std::ranges::count(kForLibraries, word) != 0 || is_for_others(source, i)) return;
      violations.push_back({i + 1, std::string{word} + " is not used"});
    });
  }
  return violations;
}

}  // namespace takt::tidy
