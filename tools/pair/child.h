// SPDX-License-Identifier: Apache-2.0
// A process of this same command, with pipes to it and from it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt {

/// Dies with the process that made it, and gets none of the keys that are pressed on its terminal.
class Child {
 public:
  /// The name under which it finds the pipe that record() reads.
  static constexpr const char* kRecordPath = "/dev/fd/3";

  Child() = default;
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Runs takt with these words. Throws Failure.
  void start(const std::vector<std::string>& words);
  bool is_up() const { return process_ > 0; }

  /// Ends it at once, as if its power were gone.
  void kill();

  /// Writes one line to its standard input, if it listens.
  void tell(std::string_view line);

  // Descriptors to wait for; -1: it is not up.
  int said() const { return said_; }
  int record() const { return record_; }

  /// What it has said or recorded since the last call. Nothing more will come once it has ended and
  /// this is empty.
  std::string read_said() { return read_all(said_); }
  std::string read_record() { return read_all(record_); }

  /// Its exit status, once it has ended; 128 and the signal's number if that was by a signal. It is
  /// no longer up then, but what it wrote can still be read until it is started again.
  std::optional<int> reap();

 private:
  static std::string read_all(int descriptor);
  void close_all();

  pid_t process_ = 0;
  int orders_ = -1;
  int said_ = -1;
  int record_ = -1;
};

}  // namespace takt
