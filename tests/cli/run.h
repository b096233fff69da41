// SPDX-License-Identifier: Apache-2.0
// Runs the built command as a person or a script would.
#pragma once

#include <rapidjson/document.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
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
/// takt as somebody to whom the modes of files apply, even if that is root.
Outcome takt_without_privileges(const std::vector<std::string>& words);

/// takt while it runs; killed with its holder. What it says on either output is one text.
class Running {
 public:
  explicit Running(const std::vector<std::string>& words);
  /// Any command.
  enum AnyCommand : std::uint8_t { kAnyCommand };
  Running(const std::vector<std::string>& words, AnyCommand);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Reads until what it said since the last call that found something holds `text`; false: not
  /// within 60 s, or it has ended.
  bool says(const std::string& text);
  void tell(const std::string& line) const;
  void signal(int number) const;
  pid_t id() const { return child_; }
  /// Reads until it has ended. The exit status; 128 more than the signal that it died of.
  int end();

  /// Everything so far.
  const std::string& said() const { return said_; }

 private:
  void read_for(const std::function<bool()>& done);

  pid_t child_ = 0;
  int to_ = -1;
  int from_ = -1;
  std::string said_;
  std::size_t seen_ = 0;
};

/// A port that nothing listens on, and another one: of a loopback address that is this process's
/// own, so that no test beside it takes them first.
std::array<std::string, 2> two_addresses();

/// Path of the built command.
std::string takt_path();
/// The words of a call of it.
std::vector<std::string> takt_with(const std::vector<std::string>& words);

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
