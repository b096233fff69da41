// SPDX-License-Identifier: Apache-2.0
// A file that is written front to back, line by line, and that knows what went wrong.
#pragma once

#include <atomic>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "takt/core/base/status.h"
#include "takt/ports/linux/companion.h"

namespace takt {

/// Collects what is appended; a process of its own writes it, so nothing here waits for a disk.
/// Whatever happens to this process, all complete lines are written within kLongestWait, and the
/// file ends with a complete line. Nobody but that process may write the file.
///
/// This process itself writes what is no regular file, such as a pipe, in flush().
///
/// After an error it takes no more, and says so at every call. The file then has the first part of
/// what was appended, in whole lines.
///
/// Cost: open() makes a process. Memory: kRoom bytes, shared with it.
class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Creates or empties the file. - kIo: see error(); also where another process writes it.
  Status open(const std::string& path);

  /// At most kLongest bytes at a time, and kRoom / 2 in a line. A line is complete when what is
  /// appended ends with its end. Waits only while kRoom is used up.
  void append(std::string_view text) {
    make_room();
    text.copy(place(), text.size());
    used_ += text.size();
    if (text.ends_with('\n')) publish();
  }
  void append(char c) {
    make_room();
    *place() = c;
    ++used_;
    if (c == '\n') publish();
  }
  void append(std::int64_t number) {
    make_room();
    char* const begin = place();
    used_ += static_cast<std::size_t>(std::to_chars(begin, begin + kLongest, number).ptr - begin);
  }

  /// Whether all writes so far succeeded. - kIo: see error().
  Status status() {
    const bool good =
        error_.empty() && shared_ != nullptr && shared_->error.load(std::memory_order_relaxed) == 0;
    return good ? Status::kOk : take_error();
  }

  /// Writes the complete lines of what is no regular file, for those who read along.
  void flush();

  /// Writes the rest, and waits until it is written. - kIo: anything of the file is missing; see
  /// error().
  Status close();

  /// For people, with the name of the file: "out.csv: No space left on device". Empty: none.
  const std::string& error() const { return error_; }

  static constexpr std::size_t kLongest = 4'096;

 private:
  static constexpr std::size_t kRoom = 1U << 20U;  ///< Seconds of the fastest program.

  /// What both processes see.
  struct Shared {
    std::atomic<std::uint64_t> published{0};  ///< Bytes that may be written.
    std::atomic<std::uint64_t> written{0};    ///< Bytes that were written.
    std::atomic<int> error{0};                ///< errno; 0: none.
  };

  Status prepare();
  Status take_error();
  void abandon_ring();
  static void serve(void* self, int life);
  int drain();
  void fail(const std::string& why);
  void wait_for_room();
  void wait_for_writer(std::uint64_t until);

  char* place() { return ring_ + used_ % kRoom; }
  void publish() {
    if (shared_ != nullptr) shared_->published.store(used_, std::memory_order_release);
  }
  void make_room() {
    if (used_ + kLongest > free_until_) wait_for_room();
  }

  std::string path_;
  std::string error_;
  Companion writer_;
  bool by_writer_ = false;
  Shared* shared_ = nullptr;  ///< nullptr: nothing is written any more.
  char* ring_ = nullptr;      ///< kRoom bytes, twice in a row, so that no text is ever split.
  std::uint64_t used_ = 0;
  std::uint64_t free_until_ = 0;  ///< As far as was seen: what may be used before it is full.
  std::uint64_t lines_end_ = 0;   ///< Of what was written: where its last line ends.
  int file_ = -1;
};

}  // namespace takt
