// SPDX-License-Identifier: Apache-2.0
// Some peers, and a link that does what a test says.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "takt/core/base/crc32.h"
#include "takt/core/sync/peer.h"
#include "tests/support/authenticator_for_test.h"

namespace takt::sync {

inline std::vector<std::byte> some_bytes(std::size_t size, unsigned seed = 1) {
  std::mt19937 random{seed};
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

inline Plan with(ProgramHash program, std::uint8_t parameter = 1, std::uint32_t bytes = 0) {
  Plan plan;
  plan.program = program;
  plan.program_bytes = bytes;
  plan.parameters.bytes[0] = static_cast<std::byte>(parameter);
  plan.parameters.size = 1;
  return plan;
}

/// Polls a Peer or Lockstep at `now` until its deadline, which it returns.
template <typename Machine, typename Send>
LocalTime drain(Machine& machine, LocalTime now, const Send& send) {
  for (;;) {
    const Output output = machine.poll(now);
    if (output.kind == Output::Kind::kDatagram) send(output.datagram);
    if (output.kind == Output::Kind::kDeadline) return output.deadline;
  }
}

/// Programs as strings of bytes; their hash is a checksum.
class HostForTest final : public Host {
 public:
  static ProgramHash hash_of(const std::vector<std::byte>& bytes) {
    return crc32({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) | 1ULL << 40U;
  }
  ProgramHash add(std::vector<std::byte> bytes) {
    const ProgramHash hash = hash_of(bytes);
    programs[hash] = std::move(bytes);
    return hash;
  }

  Reason judge(const Plan& plan) override {
    return programs.count(plan.program) == 0 ? Reason::kNoProgram : verdict;
  }
  void place(const Plan& /*current*/, Plan& next, SessionTime earliest) override {
    const Micros half = millis(500);
    next.effective = SessionTime{half * (earliest.since_zero() / half + 1)};
    next.epoch = next.effective;
  }
  std::size_t read(ProgramHash program, std::uint32_t offset, std::span<std::byte> to) override {
    const auto found = programs.find(program);
    if (found == programs.end() || offset >= found->second.size()) return 0;
    const std::size_t size = std::min(to.size(), found->second.size() - offset);
    std::copy_n(found->second.begin() + offset, size, to.begin());
    return size;
  }
  Status write(ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override {
    if (offset == 0) partial.clear();
    if (offset != partial.size()) return Status::kCorrupt;
    partial.insert(partial.end(), bytes.begin(), bytes.end());
    ++writes;
    if (partial.size() < size) return Status::kOk;
    if (hash_of(partial) != program) return Status::kCorrupt;
    programs[program] = partial;
    return Status::kOk;
  }

  std::map<ProgramHash, std::vector<std::byte>> programs;
  std::vector<std::byte> partial;
  Reason verdict = Reason::kNone;
  int writes = 0;
};

/// All devices on one true clock, each `offset` and `ppm` from it. Time moves from event to event.
class Net {
 public:
  struct Node {
    HostForTest host;
    AuthenticatorForTest authenticator;
    std::optional<Peer> peer;
    PeerConfig config;
    Micros offset;
    std::int64_t ppm = 0;
    Micros due;
  };
  /// What becomes of a message: by how much it is late; empty: lost. Twice: also doubled.
  using Fate = std::vector<Micros>;

  explicit Net(std::size_t count, PeerConfig config = {}) : nodes_(count) {
    config.peers = count - 1;
    for (std::size_t i = 0; i < count; ++i) {
      nodes_[i] = std::make_unique<Node>();
      nodes_[i]->config = config;
      nodes_[i]->config.id = static_cast<std::uint32_t>(i + 1);
      nodes_[i]->config.side = static_cast<std::uint8_t>(i % 2);
      nodes_[i]->offset = seconds(100) * static_cast<std::int64_t>(i);
      nodes_[i]->ppm = static_cast<std::int64_t>(i) * 15 - 10;
      start(i);
    }
  }

  void start(std::size_t i) {
    Node& node = *nodes_[i];
    ++node.config.life;
    node.peer.emplace(node.config, node.authenticator, node.host, local(i));
    node.due = now_;
  }
  void kill(std::size_t i) { nodes_[i]->peer.reset(); }

  Node& node(std::size_t i) { return *nodes_[i]; }
  Peer& peer(std::size_t i) { return *nodes_[i]->peer; }
  Micros now() const { return now_; }
  LocalTime local(std::size_t i) const {
    const Node& node = *nodes_[i];
    return LocalTime{now_ + node.offset + Micros{now_.count() * node.ppm / 1'000'000}};
  }
  SessionTime session(std::size_t i) { return peer(i).clock().session_at(local(i)); }
  Desire desire(std::size_t i) { return peer(i).desire(local(i)); }
  PeerStatus status(std::size_t i) { return peer(i).status(local(i)); }

  void command(std::size_t i, const Plan& plan) {
    peer(i).command(plan, local(i));
    service(i);
  }
  void stop(std::size_t i) {
    peer(i).stop(local(i));
    service(i);
  }

  void run_for(Micros time) {
    run_until(now_ + time, [] { return false; });
  }
  /// True: `done` within the time.
  bool run_until(Micros end, const std::function<bool()>& done) {
    for (;;) {
      if (done()) return true;
      const Micros next = next_event();
      if (next > end) break;
      now_ = std::max(now_, next);
      step();
    }
    now_ = end;
    return done();
  }

  std::function<Fate(std::size_t from, std::size_t to, const Message&)> fate;
  Micros one_way = millis(1);
  std::uint64_t sent = 0;
  std::vector<std::vector<std::byte>> heard;  ///< Everything, for who replays it.

  void inject(std::size_t to, std::span<const std::byte> bytes) {
    if (!nodes_[to]->peer) return;
    nodes_[to]->peer->receive(bytes, local(to), local(to));
    service(to);
  }

 private:
  struct Flight {
    Micros at;
    std::size_t to;
    std::vector<std::byte> bytes;
  };

  Micros next_event() const {
    Micros next = Micros::max();
    for (const auto& node : nodes_) {
      if (node->peer) next = std::min(next, node->due);
    }
    for (const Flight& flight : flights_) next = std::min(next, flight.at);
    return next;
  }

  void step() {
    for (std::size_t i = 0; i < flights_.size(); ++i) {
      if (flights_[i].at > now_) continue;
      const Flight flight = flights_[i];
      flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(i));
      inject(flight.to, flight.bytes);
      return;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i]->peer && nodes_[i]->due <= now_) service(i);
    }
  }

  void service(std::size_t i) {
    Node& node = *nodes_[i];
    const LocalTime deadline =
        drain(*node.peer, local(i), [this, i](const Datagram& datagram) { send(i, datagram); });
    node.due = now_ + std::max(deadline - local(i), Micros{1});
  }

  void send(std::size_t from, const Datagram& datagram) {
    for (std::size_t to = 0; to < nodes_.size(); ++to) {
      if (to == from || (datagram.to != 0 && datagram.to != nodes_[to]->config.id)) continue;
      ++sent;
      const auto bytes = datagram.view();
      heard.emplace_back(bytes.begin(), bytes.end());
      Message message;
      static_cast<void>(decode(bytes, nodes_[from]->authenticator, message));
      for (const Micros late : fate ? fate(from, to, message) : Fate{Micros{0}}) {
        flights_.push_back({now_ + one_way + late, to, {bytes.begin(), bytes.end()}});
      }
    }
  }

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Flight> flights_;
  Micros now_;
};

}  // namespace takt::sync
