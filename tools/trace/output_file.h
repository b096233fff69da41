// SPDX-License-Identifier: Apache-2.0
// A file that is written front to back, fast, and that knows what went wrong.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace takt {

/// Collects what is appended and writes it in large pieces. After an error it takes no more, and
/// says so at every call: what is in the file then is a beginning of what was appended.
class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile() { static_cast<void>(close()); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Creates or empties the file. - kIo: see error().
  Status open(const std::string& path);

  /// At most kLongest bytes at a time.
  void append(std::string_view text) {
    make_room();
    text.copy(buffer_.data() + used_, text.size());
    used_ += text.size();
  }
  void append(char c) {
    make_room();
    buffer_[used_++] = c;
  }
  void append(std::int64_t number) {
    make_room();
    char* const begin = buffer_.data() + used_;
    used_ += static_cast<std::size_t>(std::to_chars(begin, begin + kLongest, number).ptr - begin);
  }

  /// Whether all that had to be written so far was. - kIo: see error().
  Status status() const { return error_.empty() ? Status::kOk : Status::kIo; }

  /// Writes now what was appended, for those who read along.
  void flush();

  /// Writes the rest. - kIo: anything of the file is missing; see error().
  Status close();

  /// For people, with the name of the file: "out.csv: No space left on device". Empty: none.
  const std::string& error() const { return error_; }

  static constexpr std::size_t kLongest = 4'096;

 private:
  static constexpr std::size_t kPiece = 256U << 10U;

  void make_room() {
    if (used_ >= kPiece) flush();
  }
  void fail(int error);

  std::string path_;
  std::string error_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  int file_ = -1;
};

}  // namespace takt
