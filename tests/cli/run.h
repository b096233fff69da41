// SPDX-License-Identifier: Apache-2.0
// Runs the built command as a person or a script would.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <vector>

namespace takt::testing {

struct Outcome {
  int exit = -1;  ///< Exit status; -1: it died of `signal`.
  int signal = 0;
  bool in_time = true;  ///< Else it was killed after 60 s.
  std::string out;
  std::string err;

  /// The one JSON object on standard output; fails the test if it is anything else.
  rapidjson::Document json() const;
};

/// takt with these words, `input` on standard input.
Outcome takt(const std::vector<std::string>& words, const std::string& input = {});
/// Any command.
Outcome run(const std::vector<std::string>& words, const std::string& input = {});

/// Path of the built command.
std::string takt_path();

/// A folder that vanishes with its content.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& content) const;
  /// Names in the folder, sorted.
  std::vector<std::string> list() const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

}  // namespace takt::testing
