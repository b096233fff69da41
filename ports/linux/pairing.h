// SPDX-License-Identifier: Apache-2.0
// The key that paired devices share, and tags made with it; the same library as in ESP-IDF.
#pragma once

#include <mbedtls/md.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/status.h"

namespace takt {

using PairingKey = std::array<std::byte, 32>;

/// A code that is short enough to be read out and typed in; fewer characters are soon guessed.
inline constexpr std::size_t kMinPairingCode = 6;

/// HKDF-SHA256 (RFC 5869) of a code. An attacker who hears a session can try out codes at leisure.
/// A code of six digits keeps neighbours apart, not an attacker; ten letters and digits do
/// that.
/// - kOutOfRange: shorter than kMinPairingCode.
Result<PairingKey> pairing_key_of(std::string_view code);

/// HMAC-SHA256 (RFC 2104), its first 8 bytes. Memory is taken by the constructor alone.
class HmacAuthenticator final : public Authenticator {
 public:
  explicit HmacAuthenticator(const PairingKey& key);
  ~HmacAuthenticator();
  HmacAuthenticator(const HmacAuthenticator&) = delete;
  HmacAuthenticator& operator=(const HmacAuthenticator&) = delete;

  AuthTag tag_of(std::span<const std::byte> message) override;

 private:
  mbedtls_md_context_t context_;
};

}  // namespace takt
