// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/companion.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <new>

namespace takt {
namespace {

/// What companions and their process both see.
struct Seen {
  std::atomic<int> began{0};
  std::atomic<int> bells{0};
  std::atomic<int> ended{0};
};

class CompanionTest : public ::testing::Test {
 protected:
  CompanionTest()
      : seen(new (::mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0)) Seen) {}
  ~CompanionTest() override { ::munmap(seen, sizeof(Seen)); }

  static void live(void* context, int life) {
    auto& seen = *static_cast<Seen*>(context);
    ++seen.began;
    pollfd event{life, POLLIN, 0};
    ::poll(&event, 1, -1);
    while (!Companion::is_alone(life)) {
      ++seen.bells;
      ::poll(&event, 1, -1);
    }
    ++seen.ended;
  }

  static bool becomes(const std::atomic<int>& count, int number) {
    for (int ms = 0; ms < 10'000 && count != number; ++ms) ::poll(nullptr, 0, 1);
    return count == number;
  }

  Seen* const seen;
};

TEST_F(CompanionTest, LivesUntilItIsLetGoAndHearsBells) {
  Companion companion;
  ASSERT_TRUE(companion.start("takt-test", live, seen));
  EXPECT_TRUE(companion.is_up());
  companion.bell();
  EXPECT_TRUE(becomes(seen->bells, 1));
  EXPECT_EQ(seen->ended, 0);
  companion.finish();
  EXPECT_EQ(seen->ended, 1);
  EXPECT_FALSE(companion.is_up());
}

TEST_F(CompanionTest, NoneKeepsAnotherFromNoticingThatItIsAlone) {
  Companion first;
  Companion second;
  ASSERT_TRUE(first.start("takt-test", live, seen));
  ASSERT_TRUE(second.start("takt-test", live, seen));
  first.finish();
  EXPECT_EQ(seen->ended, 1);
  EXPECT_TRUE(second.is_up());
  second.finish();
  EXPECT_EQ(seen->ended, 2);
}

TEST_F(CompanionTest, OutlivesItsProcessWhateverThatDiesOf) {
  int ends = 0;
  for (const int number : {SIGKILL, SIGTERM, SIGSEGV}) {
    const pid_t process = ::fork();
    if (process == 0) {
      std::signal(number, SIG_DFL);
      Companion companion;
      if (companion.start("takt-test", live, seen)) ::pause();
      ::_exit(0);
    }
    ASSERT_TRUE(becomes(seen->began, ends + 1));
    EXPECT_EQ(seen->ended, ends);
    ::kill(process, number);
    EXPECT_EQ(::waitpid(process, nullptr, 0), process);
    EXPECT_TRUE(becomes(seen->ended, ++ends));
  }
}

TEST_F(CompanionTest, ThatIsKilledIsUpNoMore) {
  Companion companion;
  const auto die = [](void* /*context*/, int /*life*/) { ::kill(::getpid(), SIGKILL); };
  ASSERT_TRUE(companion.start("takt-test", die, nullptr));
  for (int ms = 0; ms < 10'000 && companion.is_up(); ++ms) ::poll(nullptr, 0, 1);
  EXPECT_FALSE(companion.is_up());
  companion.bell();  // Rings for nobody, and ends nothing here.
}

}  // namespace
}  // namespace takt
