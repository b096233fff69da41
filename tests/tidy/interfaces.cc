// SPDX-License-Identifier: Apache-2.0
// What a port supplies has a row in docs/porting.md and a table of laws, and every port is held to
// it.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

constexpr std::string_view kPage = "docs/porting.md";
constexpr std::string_view kLaws = "_laws.h";
constexpr std::string_view kContract = "tests/contract/";

// Interfaces beside those of ports that a port does not supply: it calls the first, and everybody
// has a place for text of their own.
constexpr std::array<std::string_view, 2> kNotOfPorts{"Work", "TextOut"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool names(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_word(line[at - 1])) && (end == line.size() || !is_word(line[end]))) {
      return true;
    }
  }
  return false;
}

bool names(const Source& source, std::string_view word) {
  return std::ranges::any_of(source.code,
                             [word](std::string_view line) { return names(line, word); });
}

// The name behind "class " at the beginning of a line, where a definition begins.
std::string class_begun(std::string_view line) {
  constexpr std::string_view kClass = "class ";
  if (!line.starts_with(kClass) || line.ends_with(';')) return {};
  line.remove_prefix(kClass.size());
  const auto* const end = std::ranges::find_if_not(line, is_word);
  return std::string{line.substr(0, static_cast<std::size_t>(end - line.begin()))};
}

struct Interface {
  std::string name;
  std::size_t line = 0;
};

// Whether a function ends here that others must write.
bool ends_pure_function(std::string_view line) {
  const std::size_t end = line.find(" = 0;");
  if (end == std::string_view::npos) return false;
  return line.substr(0, end).ends_with(')') || line.substr(0, end).ends_with(" const");
}

// Whether `source` includes a file of the tree, by its path or, behind a folder, by the end of it.
bool includes(const Source& source, const std::string& file) {
  return std::ranges::any_of(source.lines, [&file](std::string_view line) {
    return line.starts_with("#include ") &&
           (line.ends_with('"' + file + '"') || line.ends_with('/' + file + '"'));
  });
}

// Classes with a function that others must write.
std::vector<Interface> interfaces_in(const Source& source) {
  std::vector<Interface> found;
  Interface current;
  for (std::size_t i = 0; i < source.code.size(); ++i) {
    if (std::string name = class_begun(source.code[i]); !name.empty()) {
      current = {std::move(name), i + 1};
    }
    if (current.name.empty() || !ends_pure_function(source.code[i])) continue;
    found.push_back(std::exchange(current, {}));
  }
  return found;
}

// A row "| [`Interface`](../HEADER) | ... | [...](../LAWS) | `Class`, `Class` | ... |": what stands
// behind its laws is held to them.
struct Row {
  std::size_t line = 0;
  std::string interface;
  std::string header;
  std::string laws;
  std::vector<std::string> classes;
};

std::string linked_file(std::string_view target) {
  const std::filesystem::path page{kPage};
  return (page.parent_path() / target).lexically_normal().generic_string();
}

Row row_of(std::string_view line, std::size_t number) {
  Row row;
  row.line = number;
  for (std::size_t at = line.find("]("); at != std::string_view::npos;
       at = line.find("](", at + 2)) {
    std::string file = linked_file(line.substr(at + 2, line.find(')', at) - at - 2));
    (file.ends_with(kLaws) ? row.laws : row.header) = std::move(file);
  }
  for (std::size_t at = line.find('`'); at != std::string_view::npos; at = line.find('`', at)) {
    const std::size_t end = std::min(line.find('`', at + 1), line.size());
    std::string name{line.substr(at + 1, end - at - 1)};
    if (row.interface.empty()) {
      row.interface = std::move(name);
    } else if (at > line.find(kLaws) && std::ranges::all_of(name, is_word)) {
      row.classes.push_back(std::move(name));
    }
    at = std::min(end + 1, line.size());
  }
  return row;
}

std::vector<Row> rows_of(const Tree& tree) {
  std::vector<Row> rows;
  const auto page = tree.find(std::string{kPage});
  if (page == tree.end()) return rows;
  for (std::size_t i = 0; i < page->second.lines.size(); ++i) {
    const std::string_view line = page->second.lines[i];
    if (line.starts_with("| [`")) rows.push_back(row_of(line, i + 1));
  }
  return rows;
}

// Whether a contract test includes the laws and names the class.
bool is_run(const Tree& tree, const Row& row, std::string_view name) {
  return std::ranges::any_of(tree, [&](const auto& entry) {
    return entry.first.starts_with(kContract) && entry.first.ends_with(".cc") &&
           includes(entry.second, row.laws) && names(entry.second, name);
  });
}

Violations check_row(const Tree& tree, const Row& row) {
  Violations violations;
  const auto header = tree.find(row.header);
  if (header == tree.end() || !names(header->second, row.interface)) {
    violations.push_back({row.line, row.interface + " is not in '" + row.header + "'"});
  }
  const auto laws = tree.find(row.laws);
  if (laws == tree.end() || !includes(laws->second, row.header)) {
    violations.push_back({row.line, row.interface + " has no laws in '" + row.laws + "'"});
    return violations;
  }
  for (const std::string& name : row.classes) {
    if (!is_run(tree, row, name)) {
      violations.push_back({row.line, "no test holds " + name + " to " + row.laws});
    }
  }
  return violations;
}

Violations check_header(const Source& source, const std::vector<Row>& rows) {
  Violations violations;
  for (const Interface& found : interfaces_in(source)) {
    if (std::ranges::find(kNotOfPorts, found.name) != kNotOfPorts.end()) continue;
    if (std::ranges::find(rows, found.name, &Row::interface) == rows.end()) {
      violations.push_back({found.line, found.name + " has no row in " + std::string{kPage}});
    }
  }
  return violations;
}

// A port's class of such an interface stands in its row.
Violations check_port(const Source& source, const std::vector<Row>& rows) {
  Violations violations;
  for (std::size_t i = 0; i < source.code.size(); ++i) {
    const std::string name = class_begun(source.code[i]);
    const std::size_t bases = source.code[i].find(" : ");
    if (name.empty() || bases == std::string::npos) continue;
    for (const Row& row : rows) {
      if (names(std::string_view{source.code[i]}.substr(bases), row.interface) &&
          std::ranges::find(row.classes, name) == row.classes.end()) {
        violations.push_back(
            {i + 1, name + " is not in the row of " + row.interface + " in " + std::string{kPage}});
      }
    }
  }
  return violations;
}

}  // namespace

Violations check_interfaces(std::string_view path, const Source& source, const Tree& tree) {
  const bool is_header = path.ends_with(".h");
  if (path == kPage) {
    Violations violations;
    for (const Row& row : rows_of(tree)) {
      std::ranges::move(check_row(tree, row), std::back_inserter(violations));
    }
    return violations;
  }
  if (is_header && (path.starts_with("ports/api/") || path.starts_with("core/base/"))) {
    return check_header(source, rows_of(tree));
  }
  if (is_header && path.starts_with("ports/")) return check_port(source, rows_of(tree));
  return {};
}

}  // namespace takt::tidy
