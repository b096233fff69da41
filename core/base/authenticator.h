// SPDX-License-Identifier: Apache-2.0
// Proof that bytes come from someone who has the pairing key.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace takt {

/// HMAC-SHA256 of a message, cut to 8 bytes: a forger needs 2⁶³ tries on average, over a radio.
using AuthTag = std::array<std::byte, 8>;

/// Holds one pairing key. Context: the control half; does not allocate.
class Authenticator {
 public:
  virtual AuthTag tag_of(std::span<const std::byte> message) = 0;

 protected:
  ~Authenticator() = default;
};

}  // namespace takt
