// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/link.h"

#include <algorithm>

namespace takt::sim {
namespace {

// In the order of LinkKind. BLE: 50 to 250 ms with stretches of up to two seconds without a
// connection event. ESP-NOW: 0.3 to 5 ms. No trustworthy trace of either is published; these are
// the ranges that were asked for.
constexpr std::array<LinkModel, 3> kModels{
    LinkModel{millis(50), millis(15), millis(40), millis(250), 0.005, millis(1'000), seconds(60),
              seconds(2), 0.01, 0.002, Micros{200}},
    LinkModel{Micros{300}, Micros{150}, Micros{400}, millis(5), 0.03, millis(5), seconds(120),
              millis(100), 0.02, 0.005, Micros{20}},
    LinkModel{Micros{100}, Micros{40}, Micros{120}, millis(3), 0.01, millis(3), Micros{0},
              Micros{0}, 0.001, 0.001, Micros{10}}};

constexpr std::size_t kMostFlights = 1'024;

}  // namespace

const LinkModel& model_of(LinkKind kind) { return kModels[static_cast<std::size_t>(kind)]; }

Link::Link(LinkKind kind, bool lossy, double damage, Random random)
    : model_(model_of(kind)), lossy_(lossy), damage_(damage), random_(random) {
  flights_.resize(kMostFlights);
  order_.reserve(kMostFlights);
  for (std::size_t i = kMostFlights; i-- > 0;) free_.push_back(static_cast<std::uint16_t>(i));
  for (std::size_t way = 0; way < 2; ++way) {
    jitter_[way] = random_.time(model_.jitter_low, model_.jitter_high);
    floor_[way] = model_.floor + random_.time(Micros{0}, model_.asymmetry);
  }
}

Micros Link::delay(std::uint8_t from, TrueTime now) {
  Micros delay = floor_[from] + std::min(random_.exponential(jitter_[from]), model_.most);
  if (random_.chance(model_.queue_chance)) delay += random_.time(Micros{0}, model_.queue_most);
  delay += extra_[from];
  if (model_.block_every == Micros{0}) return delay;
  if (now >= block_ends_) {
    block_begins_ = now + random_.exponential(model_.block_every);
    block_ends_ = block_begins_ + random_.time(model_.block_most / 4, model_.block_most);
  }
  return now >= block_begins_ ? delay + (block_ends_ - now) : delay;
}

std::size_t Link::send(std::uint8_t from, std::span<const std::byte> bytes, TrueTime now) {
  ++sent_;
  const TrueTime arrives = now + delay(from, now);
  if (cut_[from] || (lossy_ && random_.chance(model_.loss))) return 0;
  if (loss_ > 0 && random_.chance(loss_)) return 0;
  std::size_t arriving = launch(from, bytes, now, arrives) ? 1 : 0;
  if (lossy_ && random_.chance(model_.duplicates)) {
    arriving += launch(from, bytes, now, now + delay(from, now)) ? 1U : 0U;
  }
  return arriving;
}

void Link::inject(std::uint8_t to, std::span<const std::byte> bytes, TrueTime arrives) {
  static_cast<void>(launch(static_cast<std::uint8_t>(1 - to), bytes, TrueTime{}, arrives));
}

/// False: there is no room for it.
bool Link::launch(std::uint8_t from, std::span<const std::byte> bytes, TrueTime sent,
                  TrueTime arrives) {
  if (free_.empty()) return false;  // A full queue loses datagrams, like any.
  const std::uint16_t place = free_.back();
  free_.pop_back();
  Flight& flight = flights_[place];
  flight.arrives = arrives;
  flight.sent = sent;
  flight.from = from;
  flight.to = static_cast<std::uint8_t>(1 - from);
  flight.size = static_cast<std::uint8_t>(bytes.size());
  std::ranges::copy(bytes, flight.bytes.begin());
  if (flight.size > 0 && random_.chance(damage_)) {
    flight.bytes[random_.below(flight.size)] ^= static_cast<std::byte>(1U << random_.below(8));
    if (random_.chance(0.3)) flight.size = static_cast<std::uint8_t>(random_.below(flight.size));
  }
  order_.push_back(place);
  std::ranges::push_heap(
      order_, [this](auto a, auto b) { return flights_[a].arrives > flights_[b].arrives; });
  return true;
}

const Flight& Link::take() {
  std::ranges::pop_heap(
      order_, [this](auto a, auto b) { return flights_[a].arrives > flights_[b].arrives; });
  const std::uint16_t place = order_.back();
  order_.pop_back();
  free_.push_back(place);
  return flights_[place];
}

}  // namespace takt::sim
