// SPDX-License-Identifier: Apache-2.0
// Says what went wrong on the bus, and not more often than people can read.
#pragma once

#include <array>
#include <cstdint>

#include "takt/core/base/text_out.h"
#include "takt/core/base/time.h"
#include "takt/core/bus/snapshot.h"

namespace takt {

/// Compares figures with those it reported last and writes a line for each that got worse: at most
/// one per subject in kQuiet, with the sum of what happened meanwhile.
///
/// Context. The task that owns it, say once a second; costs a look at every queue and slot.
class BusWatch {
 public:
  static constexpr Micros kQuiet = seconds(10);

  /// Lines end in '\n'. The snapshot is the caller's, because it is large.
  void report(const bus::Snapshot& snapshot, LocalTime now, TextOut& log);

 private:
  struct Subject {
    LocalTime quiet_until;
    std::uint32_t reported = 0;
  };

  static bool is_due(Subject& subject, std::uint32_t count, LocalTime now, std::uint32_t& more);

  std::array<Subject, bus::Pool::kMaxClasses> failures_{};
  std::array<Subject, bus::kMaxQueues> losses_{};
  std::array<Subject, bus::kMaxQueues> fillings_{};
  std::array<Subject, bus::kMaxModules + 1> restarts_{};
  Subject faults_;
};

}  // namespace takt
