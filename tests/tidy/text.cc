// SPDX-License-Identifier: Apache-2.0
// Rules that read a file line by line.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "tests/tidy/rules.h"

namespace takt::tidy {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

namespace {

// Where `word` stands as a word of its own, from `from` on; npos: nowhere.
std::size_t find_word(std::string_view line, std::string_view word, std::size_t from = 0) {
  for (std::size_t at = line.find(word, from); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_word(line[at - 1]);
    const bool ends = end == line.size() || !is_word(line[end]) || !is_word(word.back());
    if (starts && ends) return at;
  }
  return std::string_view::npos;
}

// Characters, not bytes: every byte of UTF-8 but the continuing ones.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void check_licence(std::string_view path, const Source& source, Violations& violations) {
  const std::size_t line = !source.lines.empty() && source.lines[0].starts_with("#!") ? 1 : 0;
  const std::string wanted =
      std::string{is_cpp(path) ? "//" : "#"} + " SPDX-License-Identifier: Apache-2.0";
  if (source.lines.size() <= line || source.lines[line] != wanted) {
    violations.push_back({line + 1, "first line is not '" + wanted + "'"});
  }
}

void check_line(std::string_view path, std::size_t number, std::string_view line,
                Violations& violations) {
  // Spelled in two halves, because this file is held to the rule as well.
  constexpr std::array<std::string_view, 3> kReminders{
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X"};
  if (is_code(path) && columns(line) > kMaxColumns) {
    violations.push_back({number, std::to_string(columns(line)) + " columns"});
  }
  if (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
    violations.push_back({number, "white space at the end of the line"});
  }
  if (is_code(path) && line.find('\t') != std::string_view::npos) {
    violations.push_back({number, "tab"});
  }
  for (const std::string_view reminder : kReminders) {
    if (find_word(line, reminder) != std::string_view::npos) {
      violations.push_back({number, "work undone is an issue, not a " + std::string{reminder}});
    }
  }
}

struct Ban {
  std::string_view word;
  std::string_view reason;
};

constexpr std::string_view kNoHeap = "core takes its memory from the caller";
constexpr std::string_view kNoClock = "time is an argument";
constexpr std::string_view kNoThreads = "core has no threads; atomics are the only sharing";
constexpr std::string_view kNoExceptions = "faults are returned or asserted";
constexpr std::string_view kNoIo = "core does no input or output";
constexpr std::array kBans{
    Ban{"malloc(", kNoHeap},
    Ban{"calloc(", kNoHeap},
    Ban{"realloc(", kNoHeap},
    Ban{"std::make_unique", kNoHeap},
    Ban{"std::make_shared", kNoHeap},
    Ban{"std::shared_ptr", kNoHeap},
    Ban{"std::function", kNoHeap},
    Ban{"std::chrono", kNoClock},
    Ban{"clock_gettime", kNoClock},
    Ban{"std::mutex", kNoThreads},
    Ban{"std::thread", kNoThreads},
    Ban{"std::jthread", kNoThreads},
    Ban{"std::condition_variable", kNoThreads},
    Ban{"thread_local", kNoThreads},
    Ban{"try", kNoExceptions},
    Ban{"catch", kNoExceptions},
    Ban{"throw", kNoExceptions},
    Ban{"assert(", "TAKT_ASSERT stays on in every build"},
    Ban{"dynamic_cast", "core is built without RTTI"},
    Ban{"typeid", "core is built without RTTI"},
    Ban{"goto", "control flow is structured"},
    Ban{"printf(", kNoIo},
    Ban{"std::cout", kNoIo},
    Ban{"std::cerr", kNoIo},
};

constexpr std::array<std::string_view, 9> kBannedHeaders{
    "<chrono>", "<condition_variable>", "<fstream>", "<future>", "<iostream>",
    "<mutex>",  "<shared_mutex>",       "<sstream>", "<thread>"};

// Placement is no allocation: `new (place) T`.
bool allocates(std::string_view code) {
  for (std::size_t at = find_word(code, "new"); at != std::string_view::npos;
       at = find_word(code, "new", at + 1)) {
    if (!code.substr(at + 3).starts_with(" (")) return true;
  }
  return false;
}

}  // namespace

Violations check_text(std::string_view path, const Source& source, const Tree& /*tree*/) {
  if (!is_code(path) && !is_markdown(path)) return {};
  if (path == "LICENSE") return {};
  Violations violations;
  if (is_code(path)) {
    check_licence(path, source, violations);
    if (source.lines.size() > kMaxFileLines) {
      violations.push_back({0, std::to_string(source.lines.size()) + " lines"});
    }
  }
  if (path.ends_with(".h") && std::ranges::count(source.lines, "#pragma once") != 1) {
    violations.push_back({0, "has not one '#pragma once'"});
  }
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    check_line(path, i + 1, source.lines[i], violations);
  }
  return violations;
}

Violations check_core_words(std::string_view path, const Source& source, const Tree& /*tree*/) {
  if (!path.starts_with("core/") || !is_cpp(path) || path.ends_with("_test.cc")) return {};
  Violations violations;
  for (std::size_t i = 0; i < source.code.size(); ++i) {
    const std::string_view code = source.code[i];
    for (const Ban& ban : kBans) {
      if (find_word(code, ban.word) != std::string_view::npos) {
        violations.push_back({i + 1, std::string{ban.word} + ": " + std::string{ban.reason}});
      }
    }
    if (allocates(code)) violations.push_back({i + 1, "new: " + std::string{kNoHeap}});
  }
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    for (const std::string_view header : kBannedHeaders) {
      if (source.lines[i] == "#include " + std::string{header}) {
        violations.push_back({i + 1, std::string{header} + " is not for core"});
      }
    }
  }
  return violations;
}

}  // namespace takt::tidy
