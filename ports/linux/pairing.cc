// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/pairing.h"

#include <mbedtls/hkdf.h>

#include <algorithm>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

constexpr std::string_view kSalt = "takt pairing";
constexpr std::string_view kPurpose = "session messages, version 1";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

const mbedtls_md_info_t* sha256() { return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256); }

}  // namespace

Result<PairingKey> pairing_key_of(std::string_view code) {
  if (code.size() < kMinPairingCode) return Status::kOutOfRange;
  PairingKey key;
  const int failed = mbedtls_hkdf(sha256(), bytes_of(kSalt), kSalt.size(), bytes_of(code),
                                  code.size(), bytes_of(kPurpose), kPurpose.size(),
                                  reinterpret_cast<unsigned char*>(key.data()), key.size());
  TAKT_ASSERT(failed == 0);  // It fails for wrong sizes only.
  return key;
}

HmacAuthenticator::HmacAuthenticator(const PairingKey& key) {
  mbedtls_md_init(&context_);
  const int unset = mbedtls_md_setup(&context_, sha256(), 1);
  TAKT_ASSERT(unset == 0);
  const int failed = mbedtls_md_hmac_starts(
      &context_, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  TAKT_ASSERT(failed == 0);
}

HmacAuthenticator::~HmacAuthenticator() { mbedtls_md_free(&context_); }

AuthTag HmacAuthenticator::tag_of(std::span<const std::byte> message) {
  std::array<unsigned char, 32> whole{};
  const int failed =
      mbedtls_md_hmac_reset(&context_) |
      mbedtls_md_hmac_update(&context_, reinterpret_cast<const unsigned char*>(message.data()),
                             message.size()) |
      mbedtls_md_hmac_finish(&context_, whole.data());
  TAKT_ASSERT(failed == 0);
  AuthTag tag;
  std::transform(whole.begin(), whole.begin() + tag.size(), tag.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  return tag;
}

}  // namespace takt
