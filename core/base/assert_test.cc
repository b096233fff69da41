// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/assert.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace takt {
namespace {

void report(const char* /*file*/, int line, const char* what) {
  std::fprintf(stderr, "line %d: %s\n", line > 0, what);
}

void fail_again(const char* /*file*/, int /*line*/, const char* what) {
  std::fprintf(stderr, "hook saw %s\n", what);
  TAKT_ASSERT(1 > 2);
}

TEST(Assert, ATrueConditionDoesNothing) { TAKT_ASSERT(1 + 1 == 2); }

TEST(AssertDeathTest, TheHookSeesTheConditionBeforeTheEnd) {
  EXPECT_DEATH(
      {
        set_assert_hook(report);
        TAKT_ASSERT(1 + 1 == 3);
      },
      "line 1: 1 \\+ 1 == 3");
}

TEST(AssertDeathTest, AHostThatInstalledNoHookIsToldWhereAndWhat) {
  EXPECT_DEATH(TAKT_ASSERT(1 + 1 == 3),
               "^takt: assertion failed: .*assert_test.cc:[0-9]+: 1 \\+ 1 == 3\n$");
}

TEST(AssertDeathTest, EndsEvenWithoutAHook) {
  EXPECT_DEATH(
      {
        set_assert_hook(nullptr);
        TAKT_ASSERT(false);
      },
      "^$");
}

TEST(AssertDeathTest, AnAssertionThatFailsInsideTheHookDoesNotCallItAgain) {
  EXPECT_DEATH(
      {
        set_assert_hook(fail_again);
        TAKT_ASSERT(false);
      },
      "^hook saw false\n$");
}

TEST(Assert, SettingAHookReturnsTheOneBefore) {
  const AssertHook before = set_assert_hook(report);
  EXPECT_EQ(set_assert_hook(before), report);
}

}  // namespace
}  // namespace takt
