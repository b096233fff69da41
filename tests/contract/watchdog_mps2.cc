// SPDX-License-Identifier: Apache-2.0
// The laws of a watchdog, on the emulated board: a program of its own, which ends by the bite.
#include "takt/ports/cortex_m/clock.h"
#include "takt/ports/cortex_m/semihosting.h"
#include "takt/ports/cortex_m/watchdog.h"
#include "tests/contract/suite_mps2.h"
#include "tests/contract/watchdog_laws.h"

namespace takt::contract {
namespace {

/// When it bites, the emulation ends: well, if all laws held and this was expected.
class WatchdogPort {
 public:
  WatchdogPort(CortexMClock& clock, Suite& suite) : clock_(clock), suite_(suite) {
    watchdog_.start(asked(), {[](void* self) { static_cast<WatchdogPort*>(self)->bite(); }, this});
  }

  Watchdog& watchdog() { return watchdog_; }
  static Micros asked() { return millis(40); }
  static Micros held() { return Micros{mps2::watchdog_unit().load / mps2::kTicksPerMicro}; }
  static void hold(Micros patience) {
    mps2::watchdog_unit().lock = mps2::WatchdogUnit::kUnlock;
    mps2::watchdog_unit().load =
        static_cast<std::uint32_t>(patience.count()) * mps2::kTicksPerMicro;
    mps2::watchdog_unit().lock = 0;
  }
  void pass(Micros time) {
    const LocalTime end = clock_.now() + time;
    while (clock_.now() < end) {
    }
  }
  static bool has_bitten() { return false; }
  void expect_bite() { expected_ = true; }

 private:
  void bite() { end_emulation(expected_ && suite_.good()); }

  CortexMClock& clock_;
  Suite& suite_;
  CortexMWatchdog watchdog_;
  volatile bool expected_ = false;
};

}  // namespace
}  // namespace takt::contract

int main() {
  using namespace takt::contract;
  takt::CortexMClock clock;
  clock.start();
  Suite suite;
  WatchdogPort watchdog{clock, suite};
  suite.run("watchdog", kWatchdogLaws<WatchdogPort>, watchdog);
  return 1;  // It has not bitten, although the last law starves it.
}
