// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "tools/cli/failure.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Failure{Exit::kWorld, fmt::format("{}: {}", printable(path), why)};
}

/// A descriptor that is closed whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  const int number_;
};

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "is a directory";
  if (S_ISFIFO(mode)) return "is a named pipe; programs are read from files, or from '-'";
  if (S_ISSOCK(mode)) return "is a socket";
  return "is a device";
}

/// Reads to the end, but not more than `most` bytes.
std::string read_up_to(int file, const std::string& path, std::size_t most) {
  std::string bytes;
  std::size_t used = 0;
  for (;;) {
    bytes.resize(std::min(most, std::max<std::size_t>(bytes.size() * 2, 64U << 10U)));
    const ssize_t count = ::read(file, bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, std::strerror(errno));
    used += static_cast<std::size_t>(count);
    if (count == 0 || used == most) break;
  }
  bytes.resize(used);
  return bytes;
}

void write_all(int file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// A file in the folder of `path` that vanishes unless it is kept.
class Draft {
 public:
  explicit Draft(const std::string& path) : path_(path + ".XXXXXX") {
    file_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (file_ < 0) fail(path, std::strerror(errno));
  }
  ~Draft() {
    if (file_ >= 0) ::close(file_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  int file() const { return file_; }

  void keep_as(const std::string& path, mode_t mode) {
    if (::fchmod(file_, mode) != 0 || ::fsync(file_) != 0) fail(path, std::strerror(errno));
    if (::rename(path_.c_str(), path.c_str()) != 0) fail(path, std::strerror(errno));
    path_.clear();
  }

 private:
  std::string path_;
  int file_ = -1;
};

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

FileContent read_whole(const std::string& path, std::size_t largest) {
  const bool standard = path == "-";
  // Opening a pipe or a modem must not wait for its other end.
  const Descriptor file{
      standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat about {};
  if (file.number() < 0 || ::fstat(file.number(), &about) != 0) fail(path, std::strerror(errno));
  if (standard ? S_ISDIR(about.st_mode) : !S_ISREG(about.st_mode)) {
    fail(path, kind_of(about.st_mode));
  }
  FileContent content;
  content.size = static_cast<std::uint64_t>(about.st_size);
  if (S_ISREG(about.st_mode) && content.size > largest) {
    content.too_large = true;
    return content;
  }
  content.bytes = read_up_to(file.number(), path, largest + 1);
  content.size = content.bytes.size();
  content.too_large = content.size > largest;
  if (content.too_large) content.bytes.clear();
  return content;
}

void write_whole(const std::string& path, std::string_view bytes) {
  struct stat about {};
  const bool exists = ::stat(path.c_str(), &about) == 0;
  if (exists && S_ISDIR(about.st_mode)) fail(path, "is a directory");
  if (exists && !S_ISREG(about.st_mode)) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.number() < 0) fail(path, std::strerror(errno));
    return write_all(file.number(), path, bytes);
  }
  // What a link points to is replaced, not the link.
  char* const real = exists ? ::realpath(path.c_str(), nullptr) : nullptr;
  const std::string target = real != nullptr ? real : path;
  std::free(real);
  if (exists && ::access(target.c_str(), W_OK) != 0) fail(path, std::strerror(errno));
  Draft draft{target};
  write_all(draft.file(), path, bytes);
  draft.keep_as(target, exists ? about.st_mode & 07777U : mode_of_new_files());
}

void refuse_overwriting(const std::string& output, const std::string& input) {
  struct stat out {};
  struct stat in {};
  const bool in_is_there =
      input == "-" ? ::fstat(STDIN_FILENO, &in) == 0 : ::stat(input.c_str(), &in) == 0;
  if (!in_is_there || ::stat(output.c_str(), &out) != 0 || !S_ISREG(in.st_mode)) return;
  if (in.st_dev != out.st_dev || in.st_ino != out.st_ino) return;
  throw Failure{Exit::kWords,
                fmt::format("{} is what is read, and would be written over", printable(output))};
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail(path, error.message());
}

}  // namespace takt
