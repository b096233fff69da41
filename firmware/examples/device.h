// SPDX-License-Identifier: Apache-2.0
// What an example finds on whatever board it runs.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "takt/ports/api/clock.h"
#include "takt/ports/api/output_bank.h"
#include "takt/ports/api/runner.h"
#include "takt/ports/api/watchdog.h"

namespace takt::firmware {

/// A board, or virtual time. Context: the main loop.
class Device {
 public:
  virtual const Clock& clock() const = 0;
  /// The interrupt that plays, and the main loop.
  virtual Runner& realtime() = 0;
  virtual Runner& ordinary() = 0;
  virtual OutputBank& outputs() = 0;
  /// nullptr: there is none.
  virtual Watchdog* watchdog() = 0;

  /// Internal memory that nothing else uses, and external memory: 128 KiB and 1 MiB at least.
  virtual std::span<std::byte> internal_memory() = 0;
  virtual std::span<std::byte> external_memory() = 0;

  /// Writes to the trace: what is compared, byte by byte, between boards.
  virtual void trace(std::string_view text) = 0;
  /// Writes for people.
  virtual void print(std::string_view text) = 0;

  /// Runs the main loop until `done`, which it asks after everything that happens.
  template <typename Predicate>
  void run_until(Predicate done) {
    run([](void* self) { return (*static_cast<Predicate*>(self))(); }, &done);
  }

 protected:
  ~Device() = default;
  virtual void run(bool (*done)(void*), void* argument) = 0;
};

/// The example that this firmware is. False: something went wrong, and was printed.
bool run_example(Device& device);

}  // namespace takt::firmware
