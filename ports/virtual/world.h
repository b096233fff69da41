// SPDX-License-Identifier: Apache-2.0
// Virtual time, and what happens in it.
#pragma once

#include <cstdint>
#include <vector>

#include "takt/ports/api/clock.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// The time that all devices of a World live in and none of them can read.
struct WorldClock;
using WorldTime = TimePoint<WorldClock>;

class VirtualRunner;

/// Runs the works of any number of devices in the order of their deadlines. Nothing waits: time
/// jumps to the next deadline, and a run takes no time.
///
/// Order at one instant: realtime works, then the others, each in the order in which their runners
/// were started. So equal worlds run equally. A work that asks for a time that has passed runs
/// again a microsecond later, so that it cannot hold time still.
///
/// Context: one thread. Cost of an event: O(log works).
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  WorldTime now() const { return now_; }

  /// When the next step() is due; WorldTime::max() if none will ever be due without a wake.
  WorldTime next_due() const { return heap_.empty() ? WorldTime::max() : heap_.front().due; }

  /// Runs the next work that is due. False: none will ever be due without a wake.
  bool step();

  /// Runs until none will ever be due.
  void run() {
    while (step()) {
    }
  }

  /// Runs what is due up to and including `until`; then it is `until`.
  void run_until(WorldTime until);

 private:
  friend class VirtualRunner;

  struct Event {
    WorldTime due;
    std::uint64_t order = 0;
    VirtualRunner* runner = nullptr;

    bool before(const Event& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  void add(VirtualRunner& runner, bool realtime);
  void remove(VirtualRunner& runner);
  void move_to(std::size_t place, WorldTime due);
  void put(std::size_t place, const Event& event);

  WorldTime now_;
  std::vector<Event> heap_;
  std::uint64_t started_ = 0;
};

/// One device's clock: an oscillator that runs off by a constant rate.
class VirtualClock final : public Clock {
 public:
  /// It shows zero at `zero`, and gains `ppb` nanoseconds a second on the world's time.
  explicit VirtualClock(const World& world, WorldTime zero = {}, std::int32_t ppb = 0)
      : world_(world), zero_(zero), ppb_(ppb) {}

  LocalTime now() const override { return local_at(world_.now()); }

  LocalTime local_at(WorldTime time) const {
    return LocalTime{ppb_ == 0 ? time - zero_ : scaled(time - zero_)};
  }

  /// The earliest time at which it shows `time` or later; WorldTime::max() for kNever.
  WorldTime when(LocalTime time) const {
    if (time == kNever) return WorldTime::max();
    return ppb_ == 0 ? zero_ + time.since_zero() : unscaled(time);
  }

 private:
  Micros scaled(Micros passed) const;
  WorldTime unscaled(LocalTime time) const;

  const World& world_;
  const WorldTime zero_;
  const std::int64_t ppb_;
};

/// Runs a work in a World, at the deadlines of its device's clock. Both must outlive it.
/// Context: the world's thread; its laws hold between one call of the world and the next.
class VirtualRunner final : public Runner {
 public:
  enum class Rank : std::uint8_t { kRealtime, kOrdinary };

  VirtualRunner(World& world, const VirtualClock& clock, Rank rank)
      : world_(world), clock_(clock), rank_(rank) {}
  ~VirtualRunner() { stop(); }
  VirtualRunner(const VirtualRunner&) = delete;
  VirtualRunner& operator=(const VirtualRunner&) = delete;

  Status start(Work& work) override;
  void wake() override;
  void stop() override;

 private:
  friend class World;

  WorldTime run();

  World& world_;
  const VirtualClock& clock_;
  const Rank rank_;
  Work* work_ = nullptr;
  std::size_t place_ = 0;  ///< In the world's heap.
  bool woken_ = false;     ///< During its own run.
  bool running_ = false;
};

}  // namespace takt
