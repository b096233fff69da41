// SPDX-License-Identifier: Apache-2.0
// The control half of a device of a session, joined to a board's link.
#pragma once

#include <cstddef>
#include <cstdint>

#include "takt/core/engine/lockstep.h"
#include "takt/ports/api/clock.h"
#include "takt/ports/api/datagram_link.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// Receives datagrams, sends those that are due, and keeps the engine's window full.
///
/// A link that fails is no fault of the session: datagrams that were not sent count as lost on the
/// way.
///
/// Context: one runner, which the port of the link wakes when something has arrived. Commands to
/// the Lockstep come from the same context, and run() right after them.
class LockstepHalf final : public Work {
 public:
  LockstepHalf(Lockstep& lockstep, DatagramLink& link, const Clock& clock, Runner& realtime)
      : lockstep_(lockstep), link_(link), clock_(clock), realtime_(realtime) {}

  LocalTime run(LocalTime now) override;

  /// Datagrams that the link did not take.
  std::uint64_t unsent() const { return unsent_; }

 private:
  /// In one run, so that a flood does not keep the engine from being fed.
  static constexpr std::size_t kMostAtOnce = 32;

  bool take_arrivals(LocalTime now);
  void send(const sync::Datagram& datagram);

  Lockstep& lockstep_;
  DatagramLink& link_;
  const Clock& clock_;
  Runner& realtime_;
  std::uint64_t unsent_ = 0;
};

}  // namespace takt
