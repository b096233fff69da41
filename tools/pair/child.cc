// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tools/cli/failure.h"

namespace takt {
namespace {

constexpr int kRecordDescriptor = 3;

struct Pipe {
  int reading = -1;
  int writing = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) == 0) return {ends[0], ends[1]};
  throw Failure{Exit::kWorld, fmt::format("a pipe: {}", std::strerror(errno))};
}

/// In the new process, which is to become takt. Only what is safe after fork().
[[noreturn]] void become(char* const* words, int orders, int said, int record) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Above those that it is about to replace, lest one closes another.
  const int high = ::fcntl(record, F_DUPFD, kRecordDescriptor + 10);
  ::dup2(orders, STDIN_FILENO);
  ::dup2(said, STDOUT_FILENO);
  ::dup2(said, STDERR_FILENO);
  ::dup2(high, kRecordDescriptor);
  ::close(high);
  ::execv("/proc/self/exe", words);
  ::_exit(127);
}

}  // namespace

void Child::start(const std::vector<std::string>& words) {
  close_all();
  std::vector<std::string> copies{"takt"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  for (std::string& copy : copies) pointers.push_back(copy.data());
  pointers.push_back(nullptr);
  const Pipe orders = make_pipe();
  const Pipe said = make_pipe();
  const Pipe record = make_pipe();
  process_ = ::fork();
  if (process_ == 0) become(pointers.data(), orders.reading, said.writing, record.writing);
  ::close(orders.reading);
  ::close(said.writing);
  ::close(record.writing);
  orders_ = orders.writing;
  said_ = said.reading;
  record_ = record.reading;
  for (const int descriptor : {orders_, said_, record_}) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  }
  if (process_ < 0) {
    close_all();
    throw Failure{Exit::kWorld, fmt::format("a process: {}", std::strerror(errno))};
  }
}

void Child::kill() {
  if (!is_up()) return close_all();
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

void Child::tell(std::string_view line) {
  const std::string whole = std::string{line} + "\n";
  // A process that has just ended, or is not taking orders, misses this one.
  [[maybe_unused]] const ssize_t written = ::write(orders_, whole.data(), whole.size());
}

std::string Child::read_all(int descriptor) {
  std::string all;
  std::array<char, 4'096> piece;
  ssize_t count = 0;
  while (descriptor >= 0 && (count = ::read(descriptor, piece.data(), piece.size())) > 0) {
    all.append(piece.data(), static_cast<std::size_t>(count));
  }
  return all;
}

std::optional<int> Child::reap() {
  int status = 0;
  if (!is_up() || ::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  process_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Child::close_all() {
  for (int* const descriptor : {&orders_, &said_, &record_}) {
    if (*descriptor >= 0) ::close(*descriptor);
    *descriptor = -1;
  }
}

}  // namespace takt
