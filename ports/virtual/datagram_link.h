// SPDX-License-Identifier: Apache-2.0
// Datagrams between devices of one World.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "takt/ports/api/datagram_link.h"
#include "takt/ports/virtual/world.h"

namespace takt {

/// One end of a link: what is sent at the other end arrives here a constant time later, in order,
/// unless the link is cut, or kQueued are under way or wait already.
class VirtualLink final : public DatagramLink, private Work {
 public:
  static constexpr std::size_t kQueued = 64;

  /// Of the device with `clock`, whose `control` is woken when something has arrived.
  VirtualLink(World& world, const VirtualClock& clock, Runner& control)
      : world_(world),
        clock_(clock),
        control_(control),
        runner_(world, clock, VirtualRunner::Rank::kOrdinary) {}

  /// Both are of one World, and each has one other end.
  static void connect(VirtualLink& one, VirtualLink& other, Micros delay);

  /// Cut: nothing that is sent from now on arrives at the other end. Else it arrives again.
  void cut(bool is_cut) { cut_ = is_cut; }

  Status send(std::uint32_t to, std::span<const std::byte> bytes) override;
  std::size_t receive(std::span<std::byte> bytes, LocalTime& at) override;

 private:
  struct Flight {
    WorldTime arrives;
    std::size_t size = 0;
    std::array<std::byte, kMaxBytes> bytes{};
  };

  LocalTime run(LocalTime now) override;

  World& world_;
  const VirtualClock& clock_;
  Runner& control_;
  VirtualRunner runner_;  ///< Runs what arrives.
  VirtualLink* other_ = nullptr;
  Micros delay_;
  bool cut_ = false;
  std::deque<Flight> coming_;
  std::size_t arrived_ = 0;  ///< Of these.
};

}  // namespace takt
