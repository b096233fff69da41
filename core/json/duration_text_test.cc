// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/duration_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "takt/core/json/limits.h"

namespace takt {
namespace {

TEST(Duration, UnitsCountInMicroseconds) {
  EXPECT_EQ(parse_duration("250us"), Micros{250});
  EXPECT_EQ(parse_duration("300ms"), millis(300));
  EXPECT_EQ(parse_duration("1.5s"), millis(1'500));
  EXPECT_EQ(parse_duration("5m"), seconds(300));
  EXPECT_EQ(parse_duration("2h"), seconds(7'200));
  EXPECT_EQ(parse_duration("0s"), Micros{});
  EXPECT_EQ(parse_duration("0.25ms"), Micros{250});
  EXPECT_EQ(parse_duration("1.500000000000000000000s"), millis(1'500));
}

TEST(Duration, IsExactOrNothing) {
  EXPECT_EQ(parse_duration("0.0000025s"), std::nullopt);
  EXPECT_EQ(parse_duration("0.5us"), std::nullopt);
  EXPECT_EQ(parse_duration("0.00000025m"), Micros{15});
  // 0.0000000025 h are 9 us, though none of its digits alone is a whole number of them.
  EXPECT_EQ(parse_duration("0.0000000025h"), Micros{9});
  EXPECT_EQ(parse_duration("0.00000000250001h"), std::nullopt);
}

TEST(Duration, EndsAtTheLimit) {
  EXPECT_EQ(parse_duration("2147483647ms"), kMaxDuration);
  EXPECT_EQ(parse_duration("2147483647.001ms"), std::nullopt);
  EXPECT_EQ(parse_duration("2147483648ms"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999999999h"), std::nullopt);
}

TEST(Duration, AnythingElseIsNone) {
  for (const char* text : {"", "s", "1", "1.s", ".5s", "-1s", "+1s", "1 s", " 1s", "1s ", "1S",
                           "1e3s", "1.5.5s", "1sec", "1,5s", "0x1s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, ReadingIsInverseOfWriting) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t scale = std::int64_t{1} << (random() % 41U);
    const Micros duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(scale)) *
                          (i % 3 == 0 ? 1'000 : 1)};
    if (duration > kMaxDuration) continue;
    const auto text = format_duration(duration);
    EXPECT_EQ(parse_duration(text.view()), duration) << text.view();
  }
  EXPECT_EQ(parse_duration(format_duration(kMaxDuration).view()), kMaxDuration);
}

TEST(Rate, IsANumberWithAUnit) {
  EXPECT_EQ(parse_rate("2Hz"), 2'000U);
  EXPECT_EQ(parse_rate("0.5Hz"), 500U);
  EXPECT_EQ(parse_rate("1.125Hz"), 1'125U);
  EXPECT_EQ(parse_rate("250mHz"), 250U);
}

TEST(Rate, IsNeverRounded) {
  EXPECT_EQ(parse_rate("0.0005Hz"), std::nullopt);
  EXPECT_EQ(parse_rate("1.5mHz"), std::nullopt);
  EXPECT_EQ(parse_rate("1.0000Hz"), 1'000U);
  for (const char* text : {"", "2", "Hz", "2hz", "2 Hz", "2HZ", "-1Hz", "2s", "3000000000mHz"}) {
    EXPECT_EQ(parse_rate(text), std::nullopt) << text;
  }
}

TEST(Rate, ReadingIsInverseOfWriting) {
  for (std::uint32_t rate = 0; rate <= 70'000; ++rate) {
    ASSERT_EQ(parse_rate(format_rate(rate).view()), rate);
  }
  EXPECT_EQ(format_rate(1'500).view(), "1.5Hz");
  EXPECT_EQ(format_rate(25).view(), "0.025Hz");
}

}  // namespace
}  // namespace takt
