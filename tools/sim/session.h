// SPDX-License-Identifier: Apache-2.0
// One simulated session of a pair: two devices, a link, users, faults, an attacker, a referee.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "takt/app/record/record.h"
#include "tools/record/referee.h"
#include "tools/sim/link.h"
#include "tools/sim/simulated_device.h"

namespace takt::sim {

/// Each level has the faults of the one before.
enum class Faults : std::uint8_t {
  kNone,     ///< Delays only.
  kTypical,  ///< Losses, duplicates, short partitions, stalls of the control half, late alarms.
  kAll,      ///< Crashes, long and one-way partitions, congestion, damage, an attacker.
};
std::string_view name_of(Faults faults);
std::optional<Faults> faults_named(std::string_view name);

struct SessionConfig {
  std::uint64_t seed = 1;
  LinkKind link = LinkKind::kEspNow;
  Faults faults = Faults::kTypical;
  Micros length = seconds(1'200);
  Mutation mutation = Mutation::kNone;
};

/// Is told everything, for a trace or a record.
class Observer {
 public:
  virtual void booted(std::size_t /*device*/, TrueTime /*at*/) {}
  virtual void down(std::size_t /*device*/, TrueTime /*at*/) {}
  virtual void output(std::size_t device, TrueTime at, unsigned percent) = 0;
  virtual void message(std::size_t to, TrueTime at, bool sent) = 0;
  /// When it changes, and every second, as crystals drift.
  virtual void clock(std::size_t device, TrueTime at, const Believed& belief) = 0;
  virtual void planned(std::size_t /*device*/, TrueTime /*at*/, const Planned& /*plan*/) {}

 protected:
  ~Observer() = default;
};

/// Everything follows from the configuration.
Outcome run_session(const SessionConfig& config, Observer* observer = nullptr);

}  // namespace takt::sim
