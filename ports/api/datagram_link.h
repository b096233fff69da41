// SPDX-License-Identifier: Apache-2.0
// Small datagrams between devices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"

namespace takt {

/// Carries datagrams of up to kMaxBytes. What is sent may be lost, doubled, or overtaken, but
/// arrives whole or not at all, and later than it was sent.
///
/// Context: the control half.
class DatagramLink {
 public:
  /// The payload of ESP-NOW, which every radio and network that takt knows of can take.
  static constexpr std::size_t kMaxBytes = 250;

  /// Sends to the device of number `to`; 0, or a number that the port cannot tell apart: to all
  /// that it knows of. Does not wait.
  /// - kTooLarge: more than kMaxBytes. - kIo: the port failed; the link may work again later.
  virtual Status send(std::uint32_t to, std::span<const std::byte> bytes) = 0;

  /// Takes the oldest datagram that has arrived into `bytes`, at least kMaxBytes, and returns its
  /// size; 0: there is none. `at`: when it arrived, stamped as close to the wire as the port can.
  virtual std::size_t receive(std::span<std::byte> bytes, LocalTime& at) = 0;

 protected:
  ~DatagramLink() = default;
};

}  // namespace takt
