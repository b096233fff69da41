// SPDX-License-Identifier: Apache-2.0
// The rules of the house that a compiler and clang-tidy do not know.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace takt::tidy {

inline constexpr std::size_t kMaxFunctionLines = 70;
inline constexpr std::size_t kMaxFileLines = 500;
inline constexpr std::size_t kMaxColumns = 100;

bool is_word(char c);

struct Violation {
  std::size_t line = 0;  ///< From 1; 0 is the file as a whole.
  std::string what;

  bool operator==(const Violation&) const = default;
};
using Violations = std::vector<Violation>;
using WordCount = std::map<std::string_view, unsigned>;

/// Includes are written from the root, exist, and follow the arrows.
Violations check_includes(std::string_view path, const Source& source, const Tree& tree);

/// No function is longer than kMaxFunctionLines, from its first line to its last brace. Reads the
/// layout of clang-format: a body's brace has a space before it, that of an initializer has none.
Violations check_functions(std::string_view path, const Source& source, const Tree& tree);

/// Size, white space, licence line and reminders of work undone.
Violations check_text(std::string_view path, const Source& source, const Tree& tree);

/// Core uses nothing that a device does not have.
Violations check_core_words(std::string_view path, const Source& source, const Tree& tree);

/// Every C++ source is built, every unit test stands beside what it tests, and what is for tests
/// only does not.
Violations check_place(std::string_view path, const Source& source, const Tree& tree);

/// Links of Markdown pages lead somewhere.
Violations check_links(std::string_view path, const Source& source, const Tree& tree);

/// What a port supplies to core, in ports/api and core/base, has a row in docs/porting.md; a row
/// leads to the interface and its laws, and a contract test holds every class in it to them.
Violations check_interfaces(std::string_view path, const Source& source, const Tree& tree);
/// A comment behind what it is about is one that can be read alone: it ends with a full stop. No
/// comment begins with "Who ".
Violations check_comments(std::string_view path, const Source& source, const Tree& tree);

/// What core, app, ports, firmware and tools name for themselves, somebody uses: a function,
/// member, constant, global or macro whose name stands once in the tree is dead. Names by which
/// others call us, such as overrides, may. A using-declaration takes over what its file uses.
Violations check_used(std::string_view path, const Source& source, const WordCount& count);

/// How often each identifier stands in the tree; views into it.
WordCount count_words(const Tree& tree);

/// All of the above over all of the tree, as "path:line: what".
std::vector<std::string> check_tree(const Tree& tree);

}  // namespace takt::tidy
