// SPDX-License-Identifier: Apache-2.0
// What every port's Watchdog must do; see law.h for the form. The last law lets it bite: where
// nothing goes on after that, it comes last of all, and expect_bite() is what turns the end into a
// good one.
//
// A port under test has
//   Watchdog& watchdog();        running
//   Micros asked();              what it was started with, at least a second where that is its unit
//   Micros held();               what its hardware waits for, seen from outside
//   void hold(Micros patience);  as if someone else had set the hardware
//   void pass(Micros time);      lets so much time pass, without a feed
//   bool has_bitten();
//   void expect_bite();          from now on it may bite
#pragma once

#include <array>

#include "takt/ports/api/watchdog.h"
#include "tests/contract/law.h"

namespace takt::contract {

template <typename Port>
const char* patience_is_what_was_asked_or_less(Port& port) {
  const Micros patience = port.watchdog().patience();
  if (patience <= Micros{}) return "it has none";
  if (patience > port.asked()) return "it is more than was asked";
  return patience == port.held() ? nullptr : "the hardware waits for something else";
}

template <typename Port>
const char* patience_is_read_back_not_remembered(Port& port) {
  const Micros before = port.held();
  port.hold(before * 2);
  const Micros patience = port.watchdog().patience();
  port.hold(before);
  port.watchdog().feed();
  if (patience != before * 2) return "it is remembered";
  return port.watchdog().patience() == before ? nullptr : "it is not what was set last";
}

template <typename Port>
const char* fed_in_time_it_never_bites(Port& port) {
  Random random(kSeeds[1]);
  const auto most = static_cast<std::uint32_t>(port.watchdog().patience().count() / 8 * 7);
  for (int i = 0; i < 20; ++i) {
    port.watchdog().feed();
    port.pass(Micros{i % 2 == 0 ? most : random.below(most)});
    if (port.has_bitten()) return "it bites although it was fed";
  }
  port.watchdog().feed();
  return nullptr;
}

template <typename Port>
const char* starved_it_bites_and_not_before_its_patience(Port& port) {
  const Micros patience = port.watchdog().patience();
  port.watchdog().feed();
  port.pass(patience / 8 * 7);
  if (port.has_bitten()) return "it bites before its patience is over";
  port.expect_bite();
  port.pass(patience / 4);
  return port.has_bitten() ? nullptr : "it does not bite";
}

template <typename Port>
inline constexpr std::array kWatchdogLaws{
    Law<Port>{"patience is what was asked, or less", patience_is_what_was_asked_or_less},
    Law<Port>{"patience is read back, not remembered", patience_is_read_back_not_remembered},
    Law<Port>{"fed in time it never bites", fed_in_time_it_never_bites},
    Law<Port>{"starved it bites, and not before its patience",
              starved_it_bites_and_not_before_its_patience},
};

}  // namespace takt::contract
