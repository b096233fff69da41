// SPDX-License-Identifier: Apache-2.0
// Tags without cryptography.
#pragma once

#include <cstdint>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/bytes.h"

namespace takt::sync {

class AuthenticatorForTest final : public Authenticator {
 public:
  explicit AuthenticatorForTest(std::uint64_t key = 1) : key_(key) {}

  AuthTag tag_of(std::span<const std::byte> message) override {
    std::uint64_t state = 0xCBF2'9CE4'8422'2325U ^ key_;
    for (const std::byte byte : message) {
      state = (state ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01B3U;
    }
    AuthTag tag{};
    ByteWriter{tag}.number(state);
    return tag;
  }

 private:
  std::uint64_t key_;
};

}  // namespace takt::sync
