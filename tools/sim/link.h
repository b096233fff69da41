// SPDX-License-Identifier: Apache-2.0
// What a link does to datagrams.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "takt/core/sync/link_kind.h"
#include "takt/core/sync/peer.h"
#include "tools/sim/oscillator.h"

namespace takt::sim {

using sync::LinkKind;

/// How delays are distributed, each way: never less than `floor`; an exponential part; now and then
/// a queue; and stretches in which nothing moves until they end.
struct LinkModel {
  Micros floor;
  Micros jitter_low;   ///< Least mean of the exponential part, which each session and way draws.
  Micros jitter_high;  ///< Largest mean of the exponential part.
  Micros most;         ///< No delay is longer.
  double queue_chance;
  Micros queue_most;
  Micros block_every;  ///< Mean time between blocked stretches; 0: none.
  Micros block_most;
  double loss;
  double duplicates;
  Micros asymmetry;  ///< Floors of both ways differ by up to this.
};
const LinkModel& model_of(LinkKind kind);

/// A datagram under way.
struct Flight {
  TrueTime arrives;
  TrueTime sent{};  ///< Zero: nobody sent it.
  std::uint8_t from = 0;
  std::uint8_t to = 0;
  std::uint8_t size = 0;
  std::array<std::byte, sync::kMaxDatagram> bytes;

  std::span<const std::byte> view() const { return {bytes.data(), size}; }
};

/// Two ways between device 0 and device 1.
class Link {
 public:
  /// `lossy`: datagrams get lost, doubled and damaged, as the model says.
  Link(LinkKind kind, bool lossy, double damage, Random random);

  /// How often it is going to arrive: 0, once, or twice.
  std::size_t send(std::uint8_t from, std::span<const std::byte> bytes, TrueTime now);
  /// Puts in a datagram that nobody sent.
  void inject(std::uint8_t to, std::span<const std::byte> bytes, TrueTime arrives);

  TrueTime due() const { return order_.empty() ? kNeverTrue : flights_[order_.front()].arrives; }
  /// The one that due() speaks of; valid until the next call.
  const Flight& take();

  /// Sets whether what `from` sends from now on is lost.
  void cut(std::uint8_t from, bool is_cut) { cut_[from] = is_cut; }
  /// More delay for what `from` sends.
  void congest(std::uint8_t from, Micros extra) { extra_[from] = extra; }

  /// This part of the datagrams gets lost either way, besides those that the model loses.
  void lose(double part) { loss_ = part; }

  std::uint64_t sent() const { return sent_; }

 private:
  Micros delay(std::uint8_t from, TrueTime now);
  bool launch(std::uint8_t from, std::span<const std::byte> bytes, TrueTime sent, TrueTime arrives);

  const LinkModel model_;
  const bool lossy_;
  const double damage_;
  Random random_;
  std::array<Micros, 2> jitter_;
  std::array<Micros, 2> floor_;
  std::array<Micros, 2> extra_{};
  std::array<bool, 2> cut_{};
  double loss_ = 0;
  TrueTime block_begins_;
  TrueTime block_ends_;
  std::vector<Flight> flights_;
  std::vector<std::uint16_t> order_;  ///< A heap of places in flights_, earliest first.
  std::vector<std::uint16_t> free_;
  std::uint64_t sent_ = 0;
};

}  // namespace takt::sim
