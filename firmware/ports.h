// SPDX-License-Identifier: Apache-2.0
// What a device finds on whatever board it runs.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "takt/core/base/authenticator.h"
#include "takt/core/base/exclusion.h"
#include "takt/core/base/waiter.h"
#include "takt/core/memory/memory.h"
#include "takt/core/memory/tasks.h"
#include "takt/ports/api/clock.h"
#include "takt/ports/api/datagram_link.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/api/runner.h"
#include "takt/ports/api/watchdog.h"

namespace takt::firmware {

/// A board, a process, or virtual time. What returns a pointer may be absent.
/// Context: the main loop, but for what an interface says of itself.
class Ports {
 public:
  static constexpr Micros kPatience = seconds(2);

  virtual const Clock& clock() const = 0;
  /// The interrupt or thread that plays, and the task that feeds it.
  virtual Runner& realtime() = 0;
  virtual Runner& ordinary() = 0;
  /// A task for all other services; nullptr: they take turns with the task that feeds, and run
  /// first.
  virtual Runner* services() { return nullptr; }
  virtual OutputBank& outputs() = 0;
  /// A watchdog that runs, with a patience of kPatience if the port can choose.
  virtual Watchdog* watchdog() { return nullptr; }
  /// The main loop waits by the one, outside its work. The other is for tables that the realtime
  /// half does not share.
  virtual Waiter& waiter() = 0;
  virtual Exclusion& exclusion() = 0;

  /// Memory that nothing else uses. An external one may be empty.
  virtual std::span<std::byte> internal_memory() = 0;
  virtual std::span<std::byte> external_memory() = 0;
  /// Memory and tasks that have been set up already, as a cage has them, and serve one device. Then
  /// the spans are not used, and stacks are charged already.
  virtual Memory* memory() { return nullptr; }
  virtual TaskTable* tasks() { return nullptr; }
  /// The stack of a task that has one already, painted; empty: it comes out of internal memory.
  virtual std::span<const std::byte> stack_of(const TaskSpec& /*task*/) { return {}; }

  /// Both, for a device that plays together with others.
  virtual DatagramLink* link() { return nullptr; }
  virtual Authenticator* authenticator() { return nullptr; }

  /// Writes to the trace: what is compared, byte by byte, between boards.
  virtual void trace(std::string_view /*text*/) {}
  /// Writes for people. Any task; never while something holds the Exclusion.
  virtual void print(std::string_view text) = 0;

  /// Runs the main loop until `done`, which it asks after everything that happens.
  template <typename Predicate>
  void run_until(Predicate done) {
    run([](void* self) { return (*static_cast<Predicate*>(self))(); }, &done);
  }

 protected:
  ~Ports() = default;
  virtual void run(bool (*done)(void*), void* argument) = 0;
};

}  // namespace takt::firmware
