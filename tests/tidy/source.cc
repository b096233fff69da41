// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

namespace takt::tidy {
namespace {

// What is built, fetched or found by a fuzzer, and a project that is as somebody else's.
constexpr std::array<std::string_view, 8> kForeignFolders{
    ".cache", ".git", "artifacts", "build", "corpus", "dist", "embedding", "node_modules"};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Tells code, what the preprocessor reads and comments apart, keeping each character's line and
// column.
class Blanker {
 public:
  explicit Blanker(std::string_view text)
      : text_(text), code_(text), words_(text), comments_(text) {
    std::ranges::replace_if(
        comments_, [](char c) { return c != '\n'; }, ' ');
  }

  void run(Source& source) {
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "//") {
        comment("\n", 0);
      } else if (text_.substr(at_, 2) == "/*") {
        comment("*/", 2);
      } else if (text_.substr(at_, 2) == "R\"") {
        raw_string();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) {
        literal();
      } else if (text_[at_] == '#' && starts_line()) {
        directive();
      } else {
        ++at_;
      }
    }
    source.code = split(code_);
    source.words = split(words_);
    source.comments = split(comments_);
  }

 private:
  bool is_digit_separator() const {
    return at_ > 0 && std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0;
  }

  bool starts_line() const {
    const std::size_t line = text_.rfind('\n', at_) + 1;  // npos + 1 is 0: the first line.
    return text_.find_first_not_of(" \t", line) == at_;
  }

  void blank_to(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) {
      if (text_[at_] != '\n') code_[at_] = words_[at_] = ' ';
    }
  }

  void comment(std::string_view close, std::size_t and_over) {
    const std::size_t begin = at_;
    const std::size_t found = text_.find(close, at_ + and_over);
    blank_to(found == std::string_view::npos ? found : found + and_over);
    std::copy(text_.begin() + static_cast<std::ptrdiff_t>(begin),
              text_.begin() + static_cast<std::ptrdiff_t>(at_),
              comments_.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  // The quotes stay, so that a literal still stands as an operand.
  void literal() {
    const char quote = text_[at_++];
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    blank_to(end);
    ++at_;
  }

  void raw_string() {
    const std::size_t open = std::min(text_.find('(', at_), text_.size());
    const std::string close = ")" + std::string{text_.substr(at_ + 2, open - at_ - 2)} + "\"";
    const std::size_t found = text_.find(close, open);
    blank_to(found == std::string_view::npos ? found : found + close.size());
  }

  void directive() {
    std::size_t end = text_.find('\n', at_);
    while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find('\n', end + 1);
    const std::size_t begin = at_;
    blank_to(end);
    std::string_view said = text_.substr(begin, at_ - begin);
    said = said.substr(0, said.find("//"));
    const std::size_t name = std::min(said.find_first_not_of(" \t", 1), said.size());
    if (!said.substr(name).starts_with("include")) words_.replace(begin, said.size(), said);
  }

  std::string_view text_;
  std::string code_;
  std::string words_;
  std::string comments_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_cpp(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cc"); }

bool is_code(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0: the whole path.
  return is_cpp(path) || name.ends_with(".cmake") || name == "CMakeLists.txt" ||
         name.find('.') == std::string_view::npos || name.ends_with(".sh");
}

bool is_markdown(std::string_view path) { return path.ends_with(".md"); }

Source parse(std::string_view path, std::string_view text) {
  Source source;
  source.lines = split(text);
  if (is_cpp(path) || path.ends_with(".cc.in")) Blanker{text}.run(source);
  return source;
}

bool contains(const Tree& tree, std::string_view path) {
  if (tree.contains(std::string{path})) return true;
  std::string folder{path};
  if (!folder.ends_with('/')) folder += '/';
  const auto next = tree.lower_bound(folder);
  return next != tree.end() && next->first.starts_with(folder);
}

Tree read_tree(const std::filesystem::path& root) {
  Tree tree;
  for (auto it = std::filesystem::recursive_directory_iterator{root}; it != end(it); ++it) {
    if (std::ranges::count(kForeignFolders, it->path().filename().string()) != 0) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      std::ifstream file{it->path(), std::ios::binary};
      const std::string text{std::istreambuf_iterator<char>{file}, {}};
      const std::string path = it->path().lexically_relative(root).generic_string();
      tree.emplace(path, parse(path, text));
    }
  }
  return tree;
}

}  // namespace takt::tidy
