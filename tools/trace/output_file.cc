// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

/// How long a line waits to be written: readers are promised a second.
constexpr int kLongestWaitMs = 200;
/// In one call of the system. The kernel ends a call half way when its process is killed, between
/// two pages of memory: few pages make that rare, even where the writer is killed too.
constexpr std::size_t kPiece = 16U << 10U;
/// How long another's writer may still be busy with this file; longer, and it is in use.
constexpr int kHandOverMs = 2'000;
/// How long a disk may take nothing. A network's that restarts takes seconds.
constexpr int kPatienceMs = 10'000;

std::size_t whole_lines(const char* text, std::size_t size) {
  const std::size_t end = std::string_view{text, size}.rfind('\n');
  return end == std::string_view::npos ? size : end + 1;
}

/// Takes the file for as long as it is open. The process that wrote it last may have died a moment
/// ago, with its writer still at work.
bool is_free(int file) {
  for (int ms = 0; ms < kHandOverMs; ++ms) {
    // Where there are no locks, nobody can tell.
    if (::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

void* shared_memory(std::size_t size) {
  return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

}  // namespace

OutputFile::~OutputFile() {
  static_cast<void>(close());
  if (ring_ != nullptr) ::munmap(ring_, 2 * kRoom);
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

Status OutputFile::open(const std::string& path) {
  TAKT_ASSERT(ring_ == nullptr);
  path_ = path;
  if (prepare() != Status::kOk) return status();
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  struct stat about {};
  if (file_ < 0 || ::fstat(file_, &about) != 0) {
    fail(std::strerror(errno));
    return status();
  }
  if (!S_ISREG(about.st_mode)) return Status::kOk;
  if (!is_free(file_)) {
    fail("another process writes it");
  } else if (::ftruncate(file_, 0) != 0) {
    fail(std::strerror(errno));
  } else {
    by_writer_ = writer_.start("takt-writer", serve, this);
    if (!by_writer_) fail(std::string{"no process to write it: "} + std::strerror(errno));
  }
  // The writer's is the one.
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  return status();
}

/// The ring is no file in memory, which the limit for the size of files would hold for too.
Status OutputFile::prepare() {
  void* const place = shared_memory(2 * kRoom);
  void* const shared = shared_memory(sizeof(Shared));
  if (place == MAP_FAILED || shared == MAP_FAILED) {
    fail(std::strerror(errno));
    return status();
  }
  shared_ = new (shared) Shared;
  ring_ = static_cast<char*>(place);
  // From a size of 0, this maps the same memory once more.
  if (::mremap(ring_, 0, kRoom, MREMAP_MAYMOVE | MREMAP_FIXED, ring_ + kRoom) == MAP_FAILED) {
    fail(std::strerror(errno));
  }
  return status();
}

/// The writer's life.
void OutputFile::serve(void* self, int life) {
  auto& file = *static_cast<OutputFile*>(self);
  bool alone = false;
  while (!alone) {
    pollfd event{life, POLLIN, 0};
    ::poll(&event, 1, kLongestWaitMs);
    // Looked at first: what is there then, is all there will ever be.
    alone = Companion::is_alone(life);
    int error = file.drain();
    if (alone && error == 0 && ::close(file.file_) != 0) error = errno;
    file.shared_->error.store(error);
    if (error != 0) return;
  }
}

/// Writes what is published. Returns errno; 0: all was written.
int OutputFile::drain() {
  const std::uint64_t end = shared_->published.load(std::memory_order_acquire);
  std::uint64_t done = shared_->written.load(std::memory_order_relaxed);
  while (done < end) {
    const char* const from = ring_ + done % kRoom;
    std::size_t size = end - done;
    if (size > kPiece) size = whole_lines(from, kPiece);
    const ssize_t count = ::write(file_, from, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      // A disk that fills up takes a part of a line. What cannot be cut is no file.
      if (lines_end_ < done) [[maybe_unused]]
        const int ignored = ::ftruncate(file_, static_cast<off_t>(lines_end_));
      return error;
    }
    const std::string_view written{from, static_cast<std::size_t>(count)};
    const std::size_t last = written.rfind('\n');
    if (last != std::string_view::npos) lines_end_ = done + last + 1;
    done += written.size();
    shared_->written.store(done, std::memory_order_release);
  }
  return 0;
}

Status OutputFile::take_error() {
  const int error = shared_ == nullptr ? 0 : shared_->error.load(std::memory_order_relaxed);
  if (error != 0) fail(std::strerror(error));
  return error_.empty() ? Status::kOk : Status::kIo;
}

void OutputFile::flush() {
  if (status() != Status::kOk) return;
  if (!by_writer_) {
    if (const int error = drain()) fail(std::strerror(error));
  } else if (!writer_.is_up() && status() == Status::kOk) {
    fail("the process that writes it is gone");
  }
}

void OutputFile::wait_for_room() {
  TAKT_ASSERT(ring_ != nullptr);
  if (status() == Status::kOk) {
    by_writer_ ? writer_.bell() : flush();
    const std::uint64_t most = used_ + kLongest;
    if (by_writer_ && most > kRoom) wait_for_writer(most - kRoom);
  }
  // The writer is reminded when half of the room is used up.
  free_until_ = used_ + kRoom / 2;
  if (status() == Status::kOk) free_until_ = std::min(free_until_, shared_->written + kRoom);
}

void OutputFile::wait_for_writer(std::uint64_t until) {
  TAKT_ASSERT(until <= shared_->published);
  std::uint64_t seen = shared_->written;
  for (int idle_ms = 0; status() == Status::kOk && seen < until; ++idle_ms) {
    const bool is_up = writer_.is_up();
    const std::uint64_t written = shared_->written;
    if (written != seen) idle_ms = 0;
    seen = written;
    if (seen >= until || status() != Status::kOk) return;
    if (!is_up) return fail("the process that writes it is gone");
    if (idle_ms > kPatienceMs) return fail("nothing can be written for 10 s");
    ::poll(nullptr, 0, 1);
  }
}

Status OutputFile::close() {
  if (by_writer_) {
    if (status() == Status::kOk) {
      publish();
      writer_.let_go();
      wait_for_writer(used_);
    }
    if (error_.empty()) writer_.finish();
    writer_.forget();
    by_writer_ = false;
  } else if (file_ >= 0) {
    publish();
    flush();
    if (::close(std::exchange(file_, -1)) != 0) fail(std::strerror(errno));
  }
  return status();
}

/// The writer may hang in the middle of what it was to write, which must stay as it is; what is
/// appended now goes to a place of its own.
void OutputFile::abandon_ring() {
  if (shared_ == nullptr) return;
  ::munmap(std::exchange(shared_, nullptr), sizeof(Shared));
  void* const own = ::mmap(ring_, 2 * kRoom, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  TAKT_ASSERT(own == ring_);
}

void OutputFile::fail(const std::string& why) {
  if (error_.empty()) error_ = path_ + ": " + why;
  abandon_ring();
}

}  // namespace takt
