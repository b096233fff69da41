// SPDX-License-Identifier: Apache-2.0
// From the bus to playback and back: the only place that knows both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "takt/app/control/driver.h"
#include "takt/app/control/programs.h"
#include "takt/app/messages/topics.h"
#include "takt/core/base/spsc.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/executor.h"
#include "takt/core/bus/registry.h"
#include "takt/core/engine/engine.h"
#include "takt/ports/api/runner.h"

namespace takt {

/// Watches from within the control half, at the end of each of its runs.
class ControlObserver {
 public:
  virtual void after_run(Engine& engine, LocalTime now) = 0;

 protected:
  ~ControlObserver() = default;
};

/// Takes commands and readings from the bus, has a driver carry them out, answers, and says what
/// plays.
///
/// Deadlines. The engine is fed at its own; between two feeds at most kMostAtOnce messages are
/// taken, whatever comes in. Nothing here waits for a service: answers, snapshots and incidents are
/// lost to those that do not keep up.
///
/// Answers. Each command with a number gets one, even a refused one. A command that has to wait for
/// the realtime half is tried again for kPatience; commands that come meanwhile wait.
///
/// Context: one runner, all members, which each message on the bus wakes. No heap.
class Control final : public Work, private bus::Module {
 public:
  /// The realtime half takes what it is given within microseconds; longer means that it is stuck.
  static constexpr Micros kPatience = millis(500);
  static constexpr Micros kRetry = millis(1);
  static constexpr std::uint32_t kMostAtOnce = 8;

  struct Config {
    /// Between two snapshots while something plays.
    Micros snapshot_every = millis(200);
    ControlObserver* observer = nullptr;
  };

  /// All outlive it.
  Control(const Config& config, bus::Bus& bus, bus::Registry& registry, Engine& engine,
          Driver& driver, Programs& programs)
      : config_(config),
        bus_(bus),
        engine_(engine),
        driver_(driver),
        programs_(programs),
        executor_(registry) {}

  /// Its queues on the bus: commands wait for room, new readings displace old ones.
  static constexpr bus::QueueOptions kCommandQueue = bus::QueueOptions::control(8);
  static constexpr bus::QueueOptions kReadingQueue = bus::QueueOptions::stream(8);
  static constexpr std::uint8_t kKeeps = 0;

  /// Attaches one module with both queues. Context: as for the registry, which is that of the
  /// executor.
  Status join(bus::Registry& registry, LocalTime now);

  /// Takes the program that Programs::load() put there, for the next play. The answer has `number`.
  /// Context: any task, but always the same. False: too many at a time.
  [[nodiscard]] bool hand_over(std::size_t place, std::uint32_t number) {
    return handed_over_.push({place, number});
  }

  LocalTime run(LocalTime now) override;

 private:
  struct Handover {
    std::size_t place = 0;
    std::uint32_t number = 0;
  };
  /// The next thing to do: a program, or a command.
  struct Task {
    std::optional<Handover> program;
    Command command;
    LocalTime since;
    LocalTime retry_at;
  };

  void process(const bus::Message& message) override;
  bool take_next(LocalTime now);
  void work_off(LocalTime now);
  Outcome attempt(const Task& task, LocalTime now);
  void watch_emergency_stop(LocalTime now);
  void watch_agreement(LocalTime now);
  void answer(std::uint32_t number, const Outcome& outcome, LocalTime now);
  void report_incidents(LocalTime now);
  LocalTime show(LocalTime now);
  template <bus::Payload P>
  void publish(bus::Topic<P> topic, const P& value, LocalTime now);

  const Config config_;
  bus::Bus& bus_;
  Engine& engine_;
  Driver& driver_;
  Programs& programs_;
  bus::Executor executor_;
  bus::ModuleId id_ = bus::kNobody;
  SpscQueue<Handover, Programs::kPlaces> handed_over_;

  LocalTime now_;               ///< The time of this run.
  LocalTime ran_at_;            ///< The time of the run before.
  std::optional<Task> task_;    ///< The task that is under way.
  std::uint32_t agreeing_ = 0;  ///< The number of a command that others have to agree to; 0: none.
  bool is_held_ = false;
  PlayerSnapshot shown_;
  LocalTime show_at_;
};

}  // namespace takt
