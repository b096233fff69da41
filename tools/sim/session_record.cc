// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/session_record.h"

namespace takt::sim {

void SessionRecord::booted(std::size_t device, TrueTime at) {
  up_[device] = true;
  sink_(device, {at, Booted{static_cast<std::uint8_t>(device)}});
}

void SessionRecord::down(std::size_t device, TrueTime at) {
  up_[device] = false;
  sink_(device, {at, Down{}});
}

void SessionRecord::close(Micros at) {
  for (std::size_t device = 0; device < 2; ++device) {
    if (up_[device]) down(device, TrueTime{at});
  }
}

void SessionRecord::output(std::size_t device, TrueTime at, unsigned percent) {
  const bool on = percent != 0;
  if (on == on_[device]) return;
  on_[device] = on;
  sink_(device, {at, Switched{on}});
}

void SessionRecord::message(std::size_t to, TrueTime at, bool sent) {
  if (!sent && up_[to]) sink_(to, {at, Heard{}});
}

void SessionRecord::clock(std::size_t device, TrueTime at, const Believed& belief) {
  sink_(device, {at, belief});
}

void SessionRecord::planned(std::size_t device, TrueTime at, const Planned& plan) {
  sink_(device, {at, plan});
}

}  // namespace takt::sim
