// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <rapidjson/error/en.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace takt::testing {
namespace {

constexpr std::chrono::seconds kLongest{60};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

enum class Privileges : std::uint8_t { kKept, kDropped };

/// What lets root read every file does not outlast the next exec. Others have it not, and fail
/// here.
void drop_privileges() {
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
}

[[noreturn]] void become(const std::vector<std::string>& words, const Pipe& in, const Pipe& out,
                         const Pipe& err, Privileges privileges) {
  if (privileges == Privileges::kDropped) drop_privileges();
  ::dup2(in.ends[0], STDIN_FILENO);
  ::dup2(out.ends[1], STDOUT_FILENO);
  ::dup2(err.ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

/// False: the pipe has ended.
bool read_some(int pipe, std::string& to) {
  std::array<char, 65'536> bytes;
  const ssize_t count = ::read(pipe, bytes.data(), bytes.size());
  if (count > 0) to.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

/// Serves all three pipes until the child has closed its two.
bool talk(Pipe& in, Pipe& out, Pipe& err, const std::string& input, Outcome& outcome) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  std::size_t written = 0;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    if (written == input.size()) in.close_end(1);
    std::array<pollfd, 3> events{
        {{in.ends[1], POLLOUT, 0}, {out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    ::poll(events.data(), events.size(), 100);
    if (std::chrono::steady_clock::now() > end) return false;
    if (events[0].revents != 0) {
      const ssize_t count = ::write(in.ends[1], input.data() + written,
                                    std::min<std::size_t>(input.size() - written, 4'096));
      if (count < 0) in.close_end(1);  // It does not want to know.
      written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    if (events[1].revents != 0 && !read_some(out.ends[0], outcome.out)) out.close_end(0);
    if (events[2].revents != 0 && !read_some(err.ends[0], outcome.err)) err.close_end(0);
  }
  return true;
}

}  // namespace

rapidjson::Document Outcome::json() const {
  rapidjson::Document document;
  // Without flags, anything behind the first value is an error.
  document.Parse<rapidjson::kParseValidateEncodingFlag>(out.c_str(), out.size());
  EXPECT_FALSE(document.HasParseError())
      << rapidjson::GetParseError_En(document.GetParseError()) << " in: " << out;
  EXPECT_TRUE(document.IsObject()) << out;
  return document;
}

namespace {

Outcome run_as(Privileges privileges, const std::vector<std::string>& words,
               const std::string& input) {
  std::signal(SIGPIPE, SIG_IGN);
  Outcome outcome;
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = ::fork();
  if (child == 0) become(words, in, out, err, privileges);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  outcome.in_time = talk(in, out, err, input, outcome);
  if (!outcome.in_time) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) outcome.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  EXPECT_TRUE(outcome.in_time) << words.at(1);
  EXPECT_EQ(outcome.signal, 0) << outcome.err;
  return outcome;
}

}  // namespace

std::vector<std::string> takt_with(const std::vector<std::string>& words) {
  std::vector<std::string> all{takt_path()};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Running::Running(const std::vector<std::string>& words) : Running(takt_with(words), kAnyCommand) {}

Running::Running(const std::vector<std::string>& words, AnyCommand /*marks*/) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  child_ = ::fork();
  if (child_ == 0) {
    // A group of its own, which this process looks after as a shell does: without that the kernel
    // drops Ctrl-Z.
    ::setpgid(0, 0);
    become(words, in, out, out, Privileges::kKept);
  }
  to_ = std::exchange(in.ends[1], -1);
  from_ = std::exchange(out.ends[0], -1);
}

Running::~Running() {
  ::close(to_);
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  if (from_ >= 0) ::close(from_);
}

void Running::read_for(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (from_ >= 0 && !done() && std::chrono::steady_clock::now() < end) {
    pollfd event{from_, POLLIN, 0};
    if (::poll(&event, 1, 100) <= 0 || read_some(from_, said_)) continue;
    ::close(from_);
    from_ = -1;
  }
}

bool Running::says(const std::string& text) {
  std::size_t at = std::string::npos;
  const auto found = [&] { return (at = said_.find(text, seen_)) != std::string::npos; };
  read_for(found);
  if (!found()) return false;
  seen_ = at + text.size();
  return true;
}

void Running::tell(const std::string& line) const {
  const std::string text = line + '\n';
  EXPECT_EQ(::write(to_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

void Running::signal(int number) const { ::kill(child_, number); }

int Running::end() {
  read_for([] { return false; });
  if (from_ >= 0) ::kill(child_, SIGKILL);
  int status = 0;
  ::waitpid(std::exchange(child_, 0), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Outcome run(const std::vector<std::string>& words, const std::string& input) {
  return run_as(Privileges::kKept, words, input);
}

Outcome takt(const std::vector<std::string>& words, const std::string& input) {
  return run(takt_with(words), input);
}

Outcome takt_without_privileges(const std::vector<std::string>& words) {
  return run_as(Privileges::kDropped, takt_with(words), {});
}

std::array<std::string, 2> two_addresses() {
  const auto process = static_cast<std::uint32_t>(::getpid());
  std::array<int, 2> sockets{};
  std::array<std::string, 2> addresses;
  for (std::size_t i = 0; i < 2; ++i) {
    sockets[i] = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7F00'0000U | 1U << 23U | (process & 0x7F'FFFFU));
    socklen_t size = sizeof(address);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(sockets[i], plain, size), 0);
    EXPECT_EQ(::getsockname(sockets[i], plain, &size), 0);
    std::array<char, INET_ADDRSTRLEN> text{};
    EXPECT_NE(::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()), nullptr);
    addresses[i] = std::string{text.data()} + ':' + std::to_string(ntohs(address.sin_port));
  }
  for (const int socket : sockets) ::close(socket);
  return addresses;
}

std::string takt_path() { return TAKT_COMMAND; }

Folder::Folder() {
  std::string name = std::filesystem::temp_directory_path() / "takt-cli-XXXXXX";
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  path_ = name;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

std::string Folder::file(const std::string& name, const std::string& content) const {
  std::ofstream{path(name), std::ios::binary} << content;
  return path(name);
}

std::vector<std::string> Folder::list() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{path_}) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace takt::testing
