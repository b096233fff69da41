// SPDX-License-Identifier: Apache-2.0
// The laws of ports/api and of what core is supplied with, on the emulated board.
#include <atomic>
#include <cstddef>
#include <type_traits>

#include "takt/ports/cortex_m/gpio_bank.h"
#include "takt/ports/cortex_m/loop_waiter.h"
#include "takt/ports/cortex_m/masking_exclusion.h"
#include "takt/ports/cortex_m/runners.h"
#include "tests/contract/exclusion_laws.h"
#include "tests/contract/output_bank_laws.h"
#include "tests/contract/runner_laws.h"
#include "tests/contract/suite_mps2.h"
#include "tests/contract/waiter_laws.h"

namespace takt::contract {
namespace {

/// Longer than anything but a lost wake takes.
constexpr Micros kPatience = seconds(2);

class InterruptPort {
 public:
  explicit InterruptPort(CortexMClock& clock) : clock_(clock) {}

  Clock& clock() { return clock_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) {
    }
  }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    const LocalTime end = clock_.now() + kPatience;
    while (!predicate()) {
      if (clock_.now() > end) return false;
    }
    return true;
  }
  template <typename Predicate>
  void sleep_until(Predicate predicate) {
    while (!predicate()) asm volatile("wfi" ::: "memory");
  }

 private:
  CortexMClock& clock_;
  Alarm alarm_{mps2::timer0(), mps2::Irq::kTimer0, clock_};
  InterruptRunner runner_{alarm_, clock_};
};

class LoopPort {
 public:
  explicit LoopPort(CortexMClock& clock) : clock_(clock) {}

  Clock& clock() { return clock_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) runner_.run_if_due();
  }

  /// A lost wake is a sleep without end, which the emulator's time limit ends.
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    sleep_until(predicate);
    return true;
  }
  template <typename Predicate>
  void sleep_until(Predicate predicate) {
    while (!predicate()) runner_.step();
  }

 private:
  CortexMClock& clock_;
  Alarm alarm_{mps2::timer1(), mps2::Irq::kTimer1, clock_};
  LoopRunner runner_{alarm_, clock_};
};

/// Sleeps through several turns of the clock's 32-bit counter.
class Sleeping final : public Work {
 public:
  LocalTime run(LocalTime now) override {
    if (deadline_ != LocalTime{}) late_ = now - deadline_;
    if (++runs_ > 4) return kNever;
    deadline_ = now + seconds(4'500);
    return deadline_;
  }
  bool done() const { return runs_ > 4; }
  Micros late() const { return late_; }

 private:
  int runs_ = 0;
  LocalTime deadline_;
  Micros late_;
};

template <typename Port>
const char* sleep_lasts_through_turns_of_the_counter(Port& port) {
  Sleeping work;
  const LocalTime start = port.clock().now();
  if (port.runner().start(work) != Status::kOk) return "it does not start";
  port.sleep_until([&] { return work.done() || work.late() > Micros{100}; });
  port.runner().stop();
  const Micros slept = port.clock().now() - start;
  if (work.late() > Micros{100}) return "it slept for too long";
  return slept >= seconds(18'000) && slept < seconds(18'001) ? nullptr : "the clock lost a turn";
}

template <typename Port>
constexpr Law<Port> kSleepLaw{"sleep lasts through turns of the counter",
                              sleep_lasts_through_turns_of_the_counter};

/// The emulator has no GPIO: the bank writes registers in memory.
class Outputs {
 public:
  OutputBank& outputs() { return bank_; }
  bool is_high(int pin) const {
    const mps2::Gpio& gpio = pin < 16 ? low_ : high_;
    return ((gpio.output & gpio.output_enable) >> static_cast<unsigned>(pin % 16) & 1U) != 0;
  }

 private:
  mps2::Gpio low_{};
  mps2::Gpio high_{};
  GpioBank bank_{low_, high_};
};

/// The main loop waits; an interrupt, or its own work, changes what it waits for.
template <typename OtherRunner>
class WaitingPort {
 public:
  explicit WaitingPort(CortexMClock& clock) : clock_(clock) {}

  Clock& clock() { return clock_; }
  Waiter& waiter() { return waiter_; }
  Runner& runner() {
    if constexpr (std::is_same_v<OtherRunner, LoopRunner>) return loop_;
    return interrupt_;
  }

 private:
  CortexMClock& clock_;
  Alarm urgent_{mps2::timer0(), mps2::Irq::kTimer0, clock_};
  Alarm common_{mps2::timer1(), mps2::Irq::kTimer1, clock_};
  InterruptRunner interrupt_{urgent_, clock_};
  LoopRunner loop_{common_, clock_};
  LoopWaiter waiter_{loop_, clock_};
};

/// Runs its work in an interrupt that an exclusion holds back.
class HeldBackRunner final : public Runner {
 public:
  explicit HeldBackRunner(const CortexMClock& clock) : clock_(clock) {}

  Status start(Work& work) override {
    work_ = &work;
    deadline_ = LocalTime{};
    alarm_.start(Urgency::kClock,
                 {[](void* self) { static_cast<HeldBackRunner*>(self)->serve(); }, this});
    return Status::kOk;
  }
  void wake() override {
    woken_.store(true);
    alarm_.ring();
  }
  void stop() override { alarm_.stop(); }

 private:
  void serve() {
    alarm_.clear();
    const LocalTime now = clock_.now();
    if (woken_.exchange(false) || now >= deadline_) deadline_ = work_->run(now);
    alarm_.set(deadline_);
  }

  const CortexMClock& clock_;
  Alarm alarm_{mps2::timer0(), mps2::Irq::kTimer0, clock_};
  Work* work_ = nullptr;
  std::atomic<bool> woken_{false};
  LocalTime deadline_;
};

class ExclusionPort {
 public:
  explicit ExclusionPort(CortexMClock& clock) : clock_(clock), runner_(clock) {}

  Exclusion& exclusion() { return exclusion_; }
  Exclusion& inner() { return inner_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) {
    }
  }
  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    const LocalTime end = clock_.now() + kPatience;
    while (!predicate()) {
      if (clock_.now() > end) return false;
    }
    return true;
  }

 private:
  CortexMClock& clock_;
  MaskingExclusion exclusion_;
  MaskingExclusion inner_;
  HeldBackRunner runner_;
};

}  // namespace
}  // namespace takt::contract

int main() {
  using namespace takt::contract;
  takt::CortexMClock clock;
  clock.start();
  InterruptPort interrupt{clock};
  LoopPort loop{clock};
  Outputs outputs;
  Suite suite;
  suite.run("interrupt", kRunnerLaws<InterruptPort>, interrupt);
  suite.run("main loop", kRunnerLaws<LoopPort>, loop);
  suite.run("interrupt", std::array{kSleepLaw<InterruptPort>}, interrupt);
  suite.run("main loop", std::array{kSleepLaw<LoopPort>}, loop);
  suite.run("outputs", kOutputBankLaws<Outputs>, outputs);
  WaitingPort<takt::InterruptRunner> on_interrupt{clock};
  WaitingPort<takt::LoopRunner> on_loop{clock};
  suite.run("waiter, interrupt", kWaiterLaws<WaitingPort<takt::InterruptRunner>>, on_interrupt);
  suite.run("waiter, main loop", kWaiterLaws<WaitingPort<takt::LoopRunner>>, on_loop);
  ExclusionPort exclusion{clock};
  suite.run("exclusion", kExclusionLaws<ExclusionPort>, exclusion);
  return suite.good() ? 0 : 1;
}
