// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/status.h"

#include <gtest/gtest.h>

#include <cctype>
#include <memory>
#include <set>
#include <string_view>

namespace takt {
namespace {

TEST(Status, EveryStatusHasItsOwnLowerCaseName) {
  std::set<std::string_view> names;
  const int last = static_cast<int>(Status::kIo);
  for (int i = 0; i <= last; ++i) {
    const std::string_view name = name_of(static_cast<Status>(i));
    EXPECT_NE(name, "unknown") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
    for (const char c : name) EXPECT_FALSE(std::isupper(static_cast<unsigned char>(c))) << name;
  }
  EXPECT_EQ(name_of(static_cast<Status>(last + 1)), "unknown") << "kIo is no longer the last";
}

TEST(Result, HoldsItsValueOrTheReasonWhyThereIsNone) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.status(), Status::kOk);
  EXPECT_EQ(good.value(), 7);

  const Result<int> bad = Status::kBusy;
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.status(), Status::kBusy);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(result.value());
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, AskingAFailedResultForItsValueIsAFaultOfTheProgrammer) {
  Result<int> bad = Status::kCorrupt;
  EXPECT_DEATH(static_cast<void>(bad.value()), "");
  EXPECT_DEATH(static_cast<void>(std::as_const(bad).value()), "");
}

TEST(ResultDeathTest, OkIsNoReasonToHaveNoValue) {
  EXPECT_DEATH(static_cast<void>(Result<int>{Status::kOk}), "");
}

}  // namespace
}  // namespace takt
