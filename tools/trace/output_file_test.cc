// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace takt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OutputFileTest : public ::testing::Test {
 protected:
  OutputFileTest() {
    std::string name = (fs::temp_directory_path() / "takt_output_XXXXXX").string();
    folder = ::mkdtemp(name.data());
    path = (folder / "out").string();
  }
  ~OutputFileTest() override { fs::remove_all(folder); }

  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  /// Numbered lines, of many lengths.
  static std::string line_of(int number) {
    return std::to_string(number) + std::string(static_cast<std::size_t>(number % 97), '.') + '\n';
  }
  /// Which these are the first of.
  static bool are_first_lines(const std::string& text) {
    std::istringstream lines{text};
    std::string line;
    for (int number = 0; std::getline(lines, line); ++number) {
      if (line + '\n' != line_of(number)) return false;
    }
    return text.empty() || text.ends_with('\n');
  }

  fs::path folder;
  std::string path;
};

TEST_F(OutputFileTest, HoldsWhatWasAppendedHoweverMuchThatIs) {
  OutputFile file;
  ASSERT_EQ(file.open(path), Status::kOk);
  std::string all;
  // Several times the room that there is.
  for (int number = 0; all.size() < (5U << 20U); ++number) {
    const std::string line = line_of(number);
    file.append(std::string_view{line}.substr(0, 1));
    file.append(std::string_view{line}.substr(1));
    all += line;
  }
  file.append(std::int64_t{-42});
  ASSERT_EQ(file.close(), Status::kOk) << file.error();
  EXPECT_TRUE(text() == all + "-42");
}

TEST_F(OutputFileTest, WhatIsAppendedIsThereWithinASecondThoughNobodyAsks) {
  OutputFile file;
  ASSERT_EQ(file.open(path), Status::kOk);
  file.append("one\ntwo\n");
  file.append("half a line");
  for (int ms = 0; ms < 1'000 && text().empty(); ++ms) ::poll(nullptr, 0, 1);
  EXPECT_EQ(text(), "one\ntwo\n");
}

TEST_F(OutputFileTest, AKilledProcessLeavesWholeLinesAndAllThatItHadAppended) {
  std::mt19937 random{7};
  for (int round = 0; round < 20; ++round) {
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t process = ::fork();
    if (process == 0) {
      OutputFile file;
      if (file.open(path) != Status::kOk) ::_exit(1);
      ::close(told[0]);
      for (int number = 0;; ++number) {
        file.append(line_of(number));
        if (number == 1'000 && ::write(told[1], "", 1) != 1) ::_exit(1);
      }
    }
    char one = 0;
    EXPECT_EQ(::read(told[0], &one, 1), 1);
    ::usleep(static_cast<useconds_t>(random() % 20'000U));
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    // The writer holds the pipe too: it ends with that.
    ::close(told[1]);
    EXPECT_EQ(::read(told[0], &one, 1), 0);
    ::close(told[0]);
    const std::string lines = text();
    EXPECT_GT(lines.size(), 1'000U);
    EXPECT_TRUE(are_first_lines(lines)) << lines.substr(lines.size() - 300);
  }
}

TEST_F(OutputFileTest, WhereItMayNotGrowItEndsWithAWholeLine) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  for (rlim_t most = 300; most < 40'000; most += 3'331) {
    const rlimit little{most, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    OutputFile file;
    EXPECT_EQ(file.open(path), Status::kOk) << file.error();
    int number = 0;
    while (file.status() == Status::kOk && number < 1'000'000) file.append(line_of(number++));
    EXPECT_EQ(file.close(), Status::kIo);
    EXPECT_THAT(file.error(), HasSubstr("out: File too large"));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_TRUE(are_first_lines(text()));
    EXPECT_GT(text().size() + 100, most);
  }
}

TEST_F(OutputFileTest, HasOneWriter) {
  OutputFile first;
  ASSERT_EQ(first.open(path), Status::kOk);
  first.append("a line\n");
  OutputFile second;
  EXPECT_EQ(second.open(path), Status::kIo);
  EXPECT_THAT(second.error(), HasSubstr("out: another process writes it"));
  EXPECT_EQ(first.close(), Status::kOk);
  EXPECT_EQ(text(), "a line\n");
  OutputFile third;
  EXPECT_EQ(third.open(path), Status::kOk) << third.error();
}

TEST_F(OutputFileTest, WhatIsNoRegularFileIsWrittenWhenAsked) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  OutputFile file;
  ASSERT_EQ(file.open("/proc/self/fd/" + std::to_string(ends[1])), Status::kOk);
  file.append("a line\n");
  file.flush();
  char bytes[16];
  EXPECT_EQ(::read(ends[0], bytes, sizeof(bytes)), 7);
  EXPECT_EQ(file.close(), Status::kOk);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace takt
