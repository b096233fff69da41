// SPDX-License-Identifier: Apache-2.0
#include "tools/device/orders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace takt {
namespace {

std::string error_of(std::string_view line) {
  std::string error;
  EXPECT_FALSE(parse_order(line, error)) << line;
  return error;
}

TEST(Orders, AnOrderToPlaySaysOnlyWhatIsToBeDifferent) {
  std::string error;
  const auto bare = parse_order("play", error);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->kind, Order::Kind::kPlay);
  EXPECT_TRUE(bare->wish.is_empty());
  const auto full =
      parse_order("  play cycle=800ms duty=80\tintensity=60 brightness=20 alternate=on\r", error);
  ASSERT_TRUE(full) << error;
  EXPECT_EQ(full->wish.cycle, millis(800));
  EXPECT_EQ(full->wish.duty, 80);
  EXPECT_EQ(full->wish.intensity, 60);
  EXPECT_EQ(full->wish.brightness, 20);
  EXPECT_EQ(full->wish.alternate, true);
}

TEST(Orders, WhatIsWrongIsNamed) {
  EXPECT_EQ(error_of("dance"), "there is no order 'dance'; try help");
  EXPECT_EQ(error_of("stop now"), "'now' is one word too many");
  EXPECT_EQ(error_of("play fast"), "'fast' is one word too many");
  EXPECT_EQ(error_of("play duty=101"), "'duty=101' needs a percentage, 0 to 100");
  EXPECT_EQ(error_of("play duty=8x"), "'duty=8x' needs a percentage, 0 to 100");
  EXPECT_EQ(error_of("play cycle=fast"), "'cycle=fast' needs a time, as in cycle=800ms");
  EXPECT_EQ(error_of("play alternate=yes"), "'alternate=yes' needs on or off");
  EXPECT_EQ(error_of("play speed=2"),
            "'speed=2' needs one of cycle, duty, intensity, brightness, alternate in front of =");
}

TEST(Orders, WhateverIsTypedEitherIsAnOrderOrHasAReason) {
  std::mt19937 random{7};
  constexpr std::string_view kPieces[] = {"play", "stop", "=",   "duty=", "cycle=", "1s",
                                          " ",    "\t",   "200", "\x80",  "help",   "alternate=on"};
  for (int i = 0; i < 20'000; ++i) {
    std::string line;
    for (auto count = random() % 6; count > 0; --count) {
      line += kPieces[random() % std::size(kPieces)];
    }
    std::string error;
    const bool understood = parse_order(line, error).has_value();
    EXPECT_NE(understood, !error.empty()) << line;
  }
}

TEST(Orders, ALineIsWholeHoweverItComesAndNoPartOfALongOneIsAnOrder) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    std::vector<std::string> lines(8);
    std::string typed;
    for (std::string& line : lines) {
      line.resize(random() % (2 * OrderLines::kLongest));
      for (char& c : line) c = static_cast<char>('a' + random() % 26);
      typed += line + '\n';
    }
    OrderLines reader;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < typed.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 300, typed.size() - at);
      reader.add(std::string_view{typed}.substr(at, count));
      at += count;
      while (const auto line = reader.take()) {
        ASSERT_LT(taken, lines.size());
        const bool too_long = lines[taken].size() > OrderLines::kLongest;
        EXPECT_EQ(line->too_long, too_long);
        EXPECT_EQ(line->text, too_long ? "" : lines[taken]);
        ++taken;
      }
    }
    EXPECT_EQ(taken, lines.size());
  }
}

}  // namespace
}  // namespace takt
