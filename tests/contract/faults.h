// SPDX-License-Identifier: Apache-2.0
// That ports keep laws, and that laws find faults: a law that nothing breaks says nothing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "tests/contract/law.h"

namespace takt::contract {

/// Every law begins with a port as good as new.
template <typename Port, std::size_t kCount>
void expect_all(const std::array<Law<Port>, kCount>& laws) {
  for (const Law<Port>& law : laws) {
    Port port;
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
  }
}

/// A fault, by its name, and the law that finds it.
struct Row {
  std::string_view fault;
  std::string_view law;
};

/// A race between two threads does not show each time, least of all on a busy machine.
inline constexpr int kTries = 30;

/// The port without a fault, named "", keeps all laws; with each fault it breaks that one.
template <typename Port, std::size_t kLaws, std::size_t kRows>
void expect_found(const std::array<Law<Port>, kLaws>& laws, const std::array<Row, kRows>& rows) {
  for (const Law<Port>& law : laws) {
    Port port{""};
    EXPECT_STREQ(law.check(port), nullptr) << law.name;
    EXPECT_NE(std::ranges::find(rows, law.name, &Row::law), rows.end()) << law.name;
  }
  for (const Row& row : rows) {
    const auto law = std::ranges::find(laws, row.law, &Law<Port>::name);
    ASSERT_NE(law, laws.end()) << row.law;
    const char* found = nullptr;
    for (int i = 0; i < kTries && found == nullptr; ++i) {
      Port port{row.fault};
      found = law->check(port);
    }
    EXPECT_NE(found, nullptr) << row.fault;
  }
}

}  // namespace takt::contract
