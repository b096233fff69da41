// SPDX-License-Identifier: Apache-2.0
// What every port's Exclusion must do; see law.h for the form.
//
// A port under test has
//   Exclusion& exclusion(); Exclusion& inner();     two of them
//   Runner& runner();                               another context that they are for
//   void pass(Micros time); bool pass_until(predicate);      as for runner_laws.h
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "takt/core/base/exclusion.h"
#include "takt/ports/api/runner.h"
#include "tests/contract/law.h"

namespace takt::contract {

/// Two words that are equal but while one context changes them.
class Account {
 public:
  bool is_whole() const { return first_ == second_; }
  std::uint32_t changes() const { return second_; }
  void change() {
    first_ = first_ + 1;
    linger(30);
    second_ = second_ + 1;
  }
  /// Stays a little, inside.
  static void linger(int steps) {
    volatile int left = steps;
    while (left > 0) left = left - 1;
  }

 private:
  volatile std::uint32_t first_ = 0;
  volatile std::uint32_t second_ = 0;
};

/// Changes an account every few microseconds, and when it is woken.
class Intruder final : public Work {
 public:
  Intruder(Exclusion& exclusion, Account& account, std::uint32_t seed)
      : exclusion_(exclusion), account_(account), random_(seed) {}

  LocalTime run(LocalTime now) override {
    {
      const Exclusive inside{exclusion_};
      if (!account_.is_whole()) saw_half_.store(true);
      account_.change();
      visits_.fetch_add(1);
    }
    return now + Micros{random_.below(40)};
  }
  std::uint32_t visits() const { return visits_.load(); }
  bool saw_half() const { return saw_half_.load(); }

 private:
  Exclusion& exclusion_;
  Account& account_;
  Random random_;
  std::atomic<std::uint32_t> visits_{0};
  std::atomic<bool> saw_half_{false};
};

template <typename Port>
const char* a_change_is_seen_whole_and_none_is_lost(Port& port) {
  constexpr std::uint32_t kVisits = 3'000;
  Account account;
  Intruder intruder(port.exclusion(), account, kSeeds[1]);
  if (port.runner().start(intruder) != Status::kOk) return "it does not start";
  std::uint32_t changes = 0;
  bool saw_half = false;
  while (intruder.visits() < kVisits && changes < 100 * kVisits && !saw_half) {
    for (int i = 0; i < 10; ++i, ++changes) {
      const Exclusive inside{port.exclusion()};
      saw_half = saw_half || !account.is_whole();
      account.change();
    }
    port.pass(Micros{1});
  }
  port.runner().stop();
  if (intruder.visits() < kVisits / 100) return "the other one never gets in";
  if (saw_half || intruder.saw_half()) return "a change was seen half done";
  return account.changes() == changes + intruder.visits() ? nullptr : "a change was lost";
}

/// While it holds the exclusion, the law wakes the intruder and looks whether that gets in.
template <typename Port, typename Before>
const char* who_is_inside_keeps_others_out(Port& port, Before before) {
  Account account;
  Intruder intruder(port.exclusion(), account, kSeeds[2]);
  if (port.runner().start(intruder) != Status::kOk) return "it does not start";
  const char* broken = nullptr;
  for (int round = 0; round < 200 && broken == nullptr; ++round) {
    std::uint32_t visits = 0;
    {
      const Exclusive inside{port.exclusion()};
      before();
      visits = intruder.visits();
      port.runner().wake();
      Account::linger(20'000);
      if (intruder.visits() != visits) broken = "another one got in";
    }
    if (!port.pass_until([&] { return intruder.visits() > visits; })) {
      broken = "nobody gets in any more";
    }
  }
  port.runner().stop();
  return broken;
}

template <typename Port>
const char* it_keeps_others_out_and_lets_them_in_again(Port& port) {
  return who_is_inside_keeps_others_out(port, [] {});
}

template <typename Port>
const char* leaving_an_inner_one_does_not_leave_the_outer(Port& port) {
  return who_is_inside_keeps_others_out(port, [&port] { const Exclusive both{port.inner()}; });
}

template <typename Port>
inline constexpr std::array kExclusionLaws{
    Law<Port>{"a change is seen whole, and none is lost", a_change_is_seen_whole_and_none_is_lost},
    Law<Port>{"it keeps others out, and lets them in again",
              it_keeps_others_out_and_lets_them_in_again},
    Law<Port>{"leaving an inner one does not leave the outer",
              leaving_an_inner_one_does_not_leave_the_outer},
};

}  // namespace takt::contract
