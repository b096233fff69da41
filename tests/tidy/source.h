// SPDX-License-Identifier: Apache-2.0
// The files of the tree as the rules read them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace takt::tidy {

struct Source {
  std::vector<std::string> lines;  ///< As written.
  /// C++ only: the same lines with comments, preprocessor lines and the insides of literals blank.
  std::vector<std::string> code;
  /// C++ and templates of it: as `code`, and with what preprocessor lines say, but for includes.
  std::vector<std::string> words;
  /// C++ only: the same lines with all but comments blank.
  std::vector<std::string> comments;
};

/// By path from the root, with '/'. A folder is there when a file in it is.
using Tree = std::map<std::string, Source>;

bool is_cpp(std::string_view path);
/// C++, CMake, shell: what people write by hand and the limits of size hold for.
bool is_code(std::string_view path);
bool is_markdown(std::string_view path);

Source parse(std::string_view path, std::string_view text);

/// Whether `path` is a file or folder of the tree.
bool contains(const Tree& tree, std::string_view path);

/// All files below `root`, but for what is built, fetched or found by a fuzzer.
Tree read_tree(const std::filesystem::path& root);

}  // namespace takt::tidy
