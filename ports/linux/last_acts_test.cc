// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/last_acts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

void say(void* what) { [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, what, 1); }

// What is said first has to come from the act of the later place.
template <typename Fault>
void die_of(Fault fault) {
  LastAct::catch_faults();
  LastAct terminal{LastAct::Turn::kTerminal};
  LastAct outputs{LastAct::Turn::kOutputs};
  std::array<char, 2> words{'t', 'o'};
  terminal.arm(say, &words[0]);
  outputs.arm(say, &words[1]);
  fault();
}

void on_assertion(const char* /*file*/, int /*line*/, const char* /*what*/) { LastAct::run_all(); }

TEST(LastActsDeathTest, RunOutputsFirstWhateverTheFault) {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
    EXPECT_DEATH(die_of([number] { std::raise(number); }), "^ot") << number;
  }
  EXPECT_DEATH(die_of([] { __builtin_trap(); }), "^ot");
  EXPECT_DEATH(die_of([] { std::terminate(); }), "ot");
}

TEST(LastActsDeathTest, RunBeforeAnAssertionIsTold) {
  EXPECT_DEATH(die_of([] {
                 set_assert_hook(on_assertion);
                 TAKT_ASSERT(1 > 2);
               }),
               "^ot");
}

/// Of two acts, the second has ended with its holder.
void die_with_one_of_two() {
  LastAct::catch_faults();
  std::array<char, 2> words{'a', 'b'};
  LastAct first{LastAct::Turn::kOutputs};
  first.arm(say, &words[0]);
  {
    LastAct second{LastAct::Turn::kOutputs};
    second.arm(say, &words[1]);
  }
  std::raise(SIGABRT);
}

TEST(LastActsDeathTest, ThatAreDisarmedDoNotRun) {
  EXPECT_DEATH(die_with_one_of_two(), "^a[^b]*$");
}

}  // namespace
}  // namespace takt
