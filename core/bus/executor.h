// SPDX-License-Identifier: Apache-2.0
// One task that runs one or several modules.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/consumer.h"
#include "takt/core/bus/module.h"
#include "takt/core/bus/registry.h"

namespace takt::bus {

/// One call into one module, prepared by Executor::begin().
class Turn {
 public:
  enum class Kind : std::uint8_t { kNone, kMessage, kStep, kTimeout, kRestart };

  explicit operator bool() const { return kind_ != Kind::kNone; }
  Kind kind() const { return kind_; }
  ModuleId module() const { return consumer_.module(); }

  /// Calls the module. What it throws, if the host has exceptions, passes through.
  void run() {
    switch (kind_) {
      case Kind::kMessage: return module_->process(delivery_.message());
      case Kind::kStep: return module_->step(planned_, started_, missed_);
      case Kind::kTimeout: return module_->timed_out(started_);
      case Kind::kRestart: return module_->restart(started_);
      case Kind::kNone: return;
    }
  }

 private:
  friend class Executor;

  Kind kind_ = Kind::kNone;
  Consumer consumer_;
  Module* module_ = nullptr;
  std::uint32_t missed_ = 0;
  LocalTime started_;
  LocalTime planned_;
  Delivery delivery_;
};

/// Decides what a task does next; the port's loop does it:
///
///     while (!executor.stopping()) {
///       if (Turn turn = executor.begin(now())) {
///         const bool good = call_and_catch(turn);  // turn.run()
///         executor.finish(std::move(turn), now(), good ? Outcome::kDone : Outcome::kCrashed);
///       } else {
///         executor.wait();
///       }
///     }
///
/// Order.    Restarts, then steps that are due (the most overdue first), then messages, the
///           modules in turn, then receive timeouts.
/// Context.  All from its own task, except stop().
class Executor {
 public:
  static constexpr std::size_t kMaxModulesPerTask = 8;

  enum class Outcome : std::uint8_t { kDone, kCrashed };

  /// Context: as for the registry. Requires that fewer than kMaxTasks executors exist on this bus.
  explicit Executor(Registry& registry);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  /// Context: as for the registry. Its modules stay attached, without a task.
  ~Executor();

  /// From now on this task runs the module, whose steps count from `start`. Context: as for the
  /// registry, before the task runs.
  /// - kNoMemory: kMaxModulesPerTask run here already.
  Status add(ModuleId module, LocalTime start);

  /// What to do now. Finish every turn before the next begin().
  Turn begin(LocalTime now);
  void finish(Turn turn, LocalTime now, Outcome outcome);

  /// The time at which begin() has something to do even if no message comes.
  LocalTime deadline() const;

  /// From now on each message for its modules, each change of them and stop() call Waiter::wake():
  /// for a task that does not wait() but is a Work of a runner, which the waiter then wakes.
  void call_when_needed();

  /// Waits for a message, a change of its modules, deadline() or stop(). May return early.
  void wait();

  /// Any task: ends wait() and the port's loop.
  void stop();
  bool stopping() const { return stopping_.load(); }

 private:
  struct Seat {
    Consumer consumer;  ///< Belongs to no module if the place is empty.
    LocalTime next_step = kNever;
    LocalTime quiet_until = kNever;

    bool taken() const { return consumer.module() != kNobody; }
    ModuleRecord& record() const { return *consumer.record_; }
  };

  static void confirm_leaving(Seat& seat);
  Turn start(Turn::Kind kind, Seat& seat, LocalTime now);
  Turn begin_step(LocalTime now);
  Turn begin_message(LocalTime now);
  bool has_work() const;

  Registry& registry_;
  Event& arrival_;
  std::atomic<bool> stopping_{false};
  bool is_called_ = false;
  std::array<Seat, kMaxModulesPerTask> seats_{};
  std::size_t next_seat_ = 0;
  unsigned fruitless_waits_ = 0;
};

}  // namespace takt::bus
