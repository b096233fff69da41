// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace takt {

Status OutputFile::open(const std::string& path) {
  path_ = path;
  buffer_.resize(kPiece + kLongest);
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) fail(errno);
  return status();
}

void OutputFile::flush() {
  for (std::size_t done = 0; done < used_ && error_.empty();) {
    const ssize_t written = ::write(file_, buffer_.data() + done, used_ - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
  used_ = 0;
}

Status OutputFile::close() {
  flush();
  const int file = std::exchange(file_, -1);
  if (file >= 0 && ::close(file) != 0) fail(errno);
  return status();
}

void OutputFile::fail(int error) {
  if (error_.empty()) error_ = path_ + ": " + std::strerror(error);
}

}  // namespace takt
