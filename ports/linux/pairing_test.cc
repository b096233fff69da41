// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/pairing.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

// Test case 1 of RFC 4231 has a key of 20 bytes 0x0b; HMAC fills keys up with zeros, so that this
// one of 32 is the same.
TEST(Pairing, TagsAreThoseOfTheStandard) {
  PairingKey key{};
  std::fill_n(key.begin(), 20, std::byte{0x0B});
  HmacAuthenticator authenticator{key};
  const AuthTag expected{std::byte{0xB0}, std::byte{0x34}, std::byte{0x4C}, std::byte{0x61},
                         std::byte{0xD8}, std::byte{0xDB}, std::byte{0x38}, std::byte{0x53}};
  EXPECT_EQ(authenticator.tag_of(bytes_of("Hi There")), expected);
  EXPECT_EQ(authenticator.tag_of(bytes_of("Hi There")), expected) << "and again";
}

TEST(Pairing, OneCodeIsOneKeyAndAnotherCodeAnother) {
  const PairingKey key = pairing_key_of("482 913").value();
  EXPECT_EQ(key, pairing_key_of("482 913").value());
  EXPECT_NE(key, pairing_key_of("482 914").value());
  HmacAuthenticator one{key};
  HmacAuthenticator other{pairing_key_of("482 914").value()};
  EXPECT_NE(one.tag_of(bytes_of("x")), other.tag_of(bytes_of("x")));
}

TEST(Pairing, ACodeThatIsSoonGuessedIsRefused) {
  EXPECT_EQ(pairing_key_of("12345").status(), Status::kOutOfRange);
}

}  // namespace
}  // namespace takt
