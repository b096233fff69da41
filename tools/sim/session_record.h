// SPDX-License-Identifier: Apache-2.0
// A session as the records of its devices.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <utility>

#include "tools/sim/session.h"

namespace takt::sim {

/// Passes on what would stand in the record of each device if it were a real one, except for
/// Stated.
class SessionRecord final : public Observer {
 public:
  using Sink = std::function<void(std::size_t device, const Entry& entry)>;

  explicit SessionRecord(Sink sink) : sink_(std::move(sink)) {}
  /// The session ends, `at` after its beginning.
  void close(Micros at);

  void booted(std::size_t device, TrueTime at) override;
  void down(std::size_t device, TrueTime at) override;
  void output(std::size_t device, TrueTime at, unsigned percent) override;
  void message(std::size_t to, TrueTime at, bool sent) override;
  void clock(std::size_t device, TrueTime at, const Believed& belief) override;
  void planned(std::size_t device, TrueTime at, const Planned& plan) override;

 private:
  const Sink sink_;
  std::array<bool, 2> up_{};
  std::array<bool, 2> on_{};
};

}  // namespace takt::sim
