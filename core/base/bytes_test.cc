// SPDX-License-Identifier: Apache-2.0
#include "takt/core/base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace takt {
namespace {

TEST(Bytes, TheLeastSignificantByteComesFirst) {
  std::array<std::byte, 15> bytes{};
  ByteWriter out{bytes};
  out.number(std::uint8_t{0xA1});
  out.number(std::uint16_t{0xB1B2});
  out.number(std::uint32_t{0xC1C2C3C4});
  out.number(std::uint64_t{0xD1D2D3D4D5D6D7D8});
  const std::array<std::uint8_t, 15> expected{0xA1, 0xB2, 0xB1, 0xC4, 0xC3, 0xC2, 0xC1, 0xD8,
                                              0xD7, 0xD6, 0xD5, 0xD4, 0xD3, 0xD2, 0xD1};
  EXPECT_EQ(out.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(std::to_integer<std::uint8_t>(bytes[i]), expected[i]) << i;
  }
}

template <typename Number>
class BytesOf : public ::testing::Test {};
using Numbers = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t,
                                 std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
TYPED_TEST_SUITE(BytesOf, Numbers);

TYPED_TEST(BytesOf, WhatWasWrittenIsRead) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const auto value : {Limits::min(), Limits::max(), TypeParam{0}, TypeParam{1},
                           static_cast<TypeParam>(-1), static_cast<TypeParam>(0x5A)}) {
    std::array<std::byte, sizeof(TypeParam)> bytes{};
    ByteWriter{bytes}.number(value);
    ByteReader in{bytes};
    EXPECT_EQ(in.number<TypeParam>(), value);
    EXPECT_TRUE(in.at_end());
  }
}

TYPED_TEST(BytesOf, ANumberThatIsCutOffIsAFault) {
  std::array<std::byte, sizeof(TypeParam)> bytes{};
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in{std::span{bytes}.first(size)};
    in.number<TypeParam>();
    EXPECT_FALSE(in.ok()) << size;
    EXPECT_FALSE(in.at_end()) << size;
  }
}

TEST(Bytes, BlobsKeepTheirOrder) {
  const std::array from{std::byte{1}, std::byte{2}, std::byte{3}};
  std::array<std::byte, 3> bytes{};
  ByteWriter{bytes}.blob(from);
  std::array<std::byte, 3> to{};
  ByteReader in{bytes};
  in.blob(to);
  EXPECT_EQ(to, from);
  EXPECT_TRUE(in.at_end());
}

TEST(Bytes, BehindAFaultEverythingIsZero) {
  const std::array bytes{std::byte{7}, std::byte{8}};
  ByteReader in{bytes};
  in.fail();
  EXPECT_EQ(in.number<std::uint8_t>(), 0);
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, WhatIsLeftOverIsNoFaultButNotTheEnd) {
  const std::array bytes{std::byte{7}, std::byte{8}};
  ByteReader in{bytes};
  EXPECT_EQ(in.number<std::uint8_t>(), 7);
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.at_end());
}

}  // namespace
}  // namespace takt
