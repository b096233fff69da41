// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/order_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace takt {
namespace {

TEST(OrderInput, ALineIsWholeHoweverItComesAndNoPartOfALongOneIsAnOrder) {
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

TEST(OrderInput, ShowsAPersonEveryOrderAndWhereOneIsWrong) {
  const std::string help = orders_for_people() + '\n';
  for (const Verb& verb : kVerbs) {
    EXPECT_NE(help.find(std::string{verb.help} + '\n'), std::string::npos) << verb.name;
  }
  OrderFault fault;
  ASSERT_FALSE(parse_order("stop now", fault).ok());
  EXPECT_EQ(sentence_of(fault), "column 6: 'now' is one word too many");
  ASSERT_FALSE(parse_order("dance", fault).ok());
  EXPECT_EQ(sentence_of(fault), "there is no order 'dance'; try help");
}

}  // namespace
}  // namespace takt
