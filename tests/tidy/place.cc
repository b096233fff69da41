// SPDX-License-Identifier: Apache-2.0
// Rules about where files are and what they point to.
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

bool is_built(std::string_view name, const Tree& tree) {
  return std::ranges::any_of(tree, [name](const auto& entry) {
    const std::string_view path = entry.first;
    return (path.ends_with("CMakeLists.txt") || path.ends_with(".cmake")) &&
           std::ranges::any_of(entry.second.lines, [name](std::string_view line) {
             return line.find(name) != std::string_view::npos;
           });
  });
}

// "core/base/time_test.cc" stands beside "core/base/time.h"; so may "core/base/time_zone_test.cc".
bool stands_beside_its_unit(std::string_view test, const Tree& tree) {
  return std::ranges::any_of(tree, [test](const auto& entry) {
    const std::string_view path = entry.first;
    const std::string_view stem = path.substr(0, path.rfind('.'));
    return is_cpp(path) && test.starts_with(stem) && test.substr(stem.size()).starts_with('_');
  });
}

}  // namespace

Violations check_place(std::string_view path, const Source& /*source*/, const Tree& tree) {
  Violations violations;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (path.ends_with(".cc") && !is_built(name, tree)) {
    violations.push_back({0, "is built by no CMakeLists.txt"});
  }
  if (is_cpp(path) && !path.starts_with("tests/") &&
      (name.starts_with("fake_") || name.find("_for_test") != std::string_view::npos)) {
    violations.push_back({0, "is for tests only: it belongs into tests/support"});
  }
  if (path.ends_with("_test.cc") && !path.starts_with("tests/") &&
      !stands_beside_its_unit(path, tree)) {
    violations.push_back({0, "stands beside no unit that its name starts with"});
  }
  return violations;
}

Violations check_links(std::string_view path, const Source& source, const Tree& tree) {
  if (!is_markdown(path)) return {};
  Violations violations;
  const std::filesystem::path folder = std::filesystem::path{path}.parent_path();
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string_view line = source.lines[i];
    for (std::size_t at = line.find("]("); at != std::string_view::npos;
         at = line.find("](", at + 2)) {
      const std::string_view link = line.substr(at + 2, line.find_first_of(")# ", at + 2) - at - 2);
      if (link.empty() || link.find(':') != std::string_view::npos) continue;
      const std::string file = (folder / link).lexically_normal().generic_string();
      if (!contains(tree, file)) violations.push_back({i + 1, std::string{link} + " is missing"});
    }
  }
  return violations;
}

std::vector<std::string> check_tree(const Tree& tree) {
  constexpr std::array kRules{check_includes, check_functions, check_text,       check_core_words,
                              check_place,    check_links,     check_interfaces, check_comments};
  const WordCount count = count_words(tree);
  std::vector<std::string> found;
  for (const auto& [path, source] : tree) {
    Violations violations = check_used(path, source, count);
    for (const auto rule : kRules) {
      for (Violation& violation : rule(path, source, tree)) {
        violations.push_back(std::move(violation));
      }
    }
    for (const Violation& violation : violations) {
      found.push_back(path + ':' + std::to_string(violation.line) + ": " + violation.what);
    }
  }
  return found;
}

}  // namespace takt::tidy
