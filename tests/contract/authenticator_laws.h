// SPDX-License-Identifier: Apache-2.0
// What every Authenticator must do; see law.h for the form. That a tag cannot be forged is no law
// of a table: it is the algorithm's, and test vectors show that it is that one.
//
// A port under test has
//   Authenticator& one(); Authenticator& twin();     of one key
//   Authenticator& stranger();                       of another
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/authenticator.h"
#include "tests/contract/law.h"

namespace takt::contract {

/// As large as a datagram may be.
using AuthMessage = std::array<std::byte, 250>;

inline AuthMessage random_message(Random& random) {
  AuthMessage message;
  for (std::byte& byte : message) byte = static_cast<std::byte>(random.below(256));
  return message;
}

template <typename Port>
const char* equal_messages_have_equal_tags(Port& port) {
  Random random(kSeeds[0]);
  for (std::size_t size = 0; size <= AuthMessage{}.size(); ++size) {
    const AuthMessage message = random_message(random);
    const AuthMessage other = random_message(random);
    const auto bytes = std::span{message}.first(size);
    const AuthTag tag = port.one().tag_of(bytes);
    static_cast<void>(port.one().tag_of(std::span{other}.first(random.below(250))));
    if (port.one().tag_of(bytes) != tag) return "a tag depends on what came before";
    if (port.twin().tag_of(bytes) != tag) return "two of one key disagree";
  }
  return nullptr;
}

template <typename Port>
const char* every_bit_of_a_message_counts(Port& port) {
  Random random(kSeeds[1]);
  // Around the sizes of words and of the blocks that hashes work in.
  for (const std::size_t size : {1U, 7U, 8U, 9U, 55U, 56U, 63U, 64U, 65U, 127U, 128U, 250U}) {
    AuthMessage message = random_message(random);
    const auto bytes = std::span{message}.first(size);
    const AuthTag tag = port.one().tag_of(bytes);
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      const auto mask = static_cast<std::byte>(1U << (bit % 8));
      message[bit / 8] ^= mask;
      if (port.one().tag_of(bytes) == tag) return "a bit does not count";
      message[bit / 8] ^= mask;
    }
  }
  return nullptr;
}

template <typename Port>
const char* the_length_of_a_message_counts(Port& port) {
  const AuthMessage zeros{};
  std::array<AuthTag, AuthMessage{}.size() + 1> tags;
  for (std::size_t size = 0; size < tags.size(); ++size) {
    tags[size] = port.one().tag_of(std::span{zeros}.first(size));
  }
  std::ranges::sort(tags);
  return std::ranges::adjacent_find(tags) == tags.end() ? nullptr : "a byte more does not count";
}

template <typename Port>
const char* another_key_makes_other_tags(Port& port) {
  Random random(kSeeds[2]);
  for (std::size_t size = 0; size <= AuthMessage{}.size(); ++size) {
    const AuthMessage message = random_message(random);
    const auto bytes = std::span{message}.first(size);
    if (port.one().tag_of(bytes) == port.stranger().tag_of(bytes)) return "the key does not count";
  }
  return nullptr;
}

template <typename Port>
const char* every_bit_of_a_tag_is_used(Port& port) {
  constexpr int kMessages = 2'000;
  Random random(kSeeds[0]);
  std::array<int, 8 * sizeof(AuthTag)> ones{};
  for (int i = 0; i < kMessages; ++i) {
    const AuthMessage message = random_message(random);
    const AuthTag tag = port.one().tag_of(std::span{message}.first(16 + random.below(64)));
    for (std::size_t bit = 0; bit < ones.size(); ++bit) {
      ones[bit] += std::to_integer<int>(tag[bit / 8] >> (bit % 8)) & 1;
    }
  }
  // Of fair bits, one in 10^18 would lie outside.
  const auto is_fair = [](int count) {
    return count > kMessages * 2 / 5 && count < kMessages * 3 / 5;
  };
  return std::ranges::all_of(ones, is_fair) ? nullptr : "a bit of the tag is wasted";
}

template <typename Port>
inline constexpr std::array kAuthenticatorLaws{
    Law<Port>{"equal messages have equal tags", equal_messages_have_equal_tags},
    Law<Port>{"every bit of a message counts", every_bit_of_a_message_counts},
    Law<Port>{"the length of a message counts", the_length_of_a_message_counts},
    Law<Port>{"another key makes other tags", another_key_makes_other_tags},
    Law<Port>{"every bit of a tag is used", every_bit_of_a_tag_is_used},
};

}  // namespace takt::contract
