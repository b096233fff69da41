// SPDX-License-Identifier: Apache-2.0
// The laws of what core is supplied with: by the ports of a host, and by an application.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "takt/app/bus/memory.h"
#include "takt/ports/linux/futex_waiter.h"
#include "takt/ports/linux/mutex_exclusion.h"
#include "takt/ports/linux/pairing.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/virtual/waiter.h"
#include "takt/ports/virtual/world.h"
#include "tests/contract/authenticator_laws.h"
#include "tests/contract/exclusion_laws.h"
#include "tests/contract/faults.h"
#include "tests/contract/pool_memory_laws.h"
#include "tests/contract/real_time.h"
#include "tests/contract/waiter_laws.h"
#include "tests/support/authenticator_for_test.h"
#include "tests/support/memory_device.h"

namespace takt::contract {
namespace {

template <std::int32_t kPpb>
class VirtualPort {
 public:
  Clock& clock() { return clock_; }
  Waiter& waiter() { return waiter_; }
  Exclusion& exclusion() { return exclusion_; }
  Exclusion& inner() { return inner_; }
  Runner& runner() { return runner_; }

  void pass(Micros time) { world_.run_until(clock_.when(clock_.now() + time)); }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    while (!predicate()) {
      if (!world_.step()) return false;
    }
    return true;
  }

 private:
  World world_;
  VirtualClock clock_{world_, WorldTime{Micros{-77}}, kPpb};
  VirtualWaiter waiter_{world_, clock_};
  NoExclusion exclusion_;
  NoExclusion inner_;
  VirtualRunner runner_{world_, clock_, VirtualRunner::Rank::kRealtime};
};

template <int kSpeed>
class LinuxPort {
 public:
  Clock& clock() { return clock_; }
  Waiter& waiter() { return waiter_; }
  Exclusion& exclusion() { return exclusion_; }
  Exclusion& inner() { return inner_; }
  Runner& runner() { return runners_[0]; }
  std::array<Runner*, 3> tasks() { return {runners_.data(), &runners_[1], &runners_[2]}; }

  void pass(Micros time) { wait_for(clock_, time); }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    return wait_until(predicate);
  }

 private:
  LinuxClock clock_{kSpeed};
  FutexWaiter waiter_{clock_};
  MutexExclusion exclusion_;
  MutexExclusion inner_;
  std::array<ThreadRunner, 3> runners_{ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary},
                                       ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary},
                                       ThreadRunner{clock_, ThreadRunner::Mode::kOrdinary}};
};

TEST(WaiterContract, EveryLawHoldsInVirtualTime) {
  expect_all(kWaiterLaws<VirtualPort<0>>);
  expect_all(kWaiterLaws<VirtualPort<100'000>>);
  expect_all(kWaiterLaws<VirtualPort<-333'333>>);
}

TEST(WaiterContract, EveryLawHoldsOnLinux) {
  expect_all(kWaiterLaws<LinuxPort<1>>);
  expect_all(kWaiterLaws<LinuxPort<7>>);
  expect_all(kTaskWaiterLaws<LinuxPort<1>>);
}

TEST(ExclusionContract, EveryLawHoldsInVirtualTime) { expect_all(kExclusionLaws<VirtualPort<0>>); }

TEST(ExclusionContract, EveryLawHoldsOnLinux) { expect_all(kExclusionLaws<LinuxPort<1>>); }

class Hmacs {
 public:
  Authenticator& one() { return one_; }
  Authenticator& twin() { return twin_; }
  Authenticator& stranger() { return stranger_; }

 private:
  HmacAuthenticator one_{pairing_key_of("plum tree").value()};
  HmacAuthenticator twin_{pairing_key_of("plum tree").value()};
  HmacAuthenticator stranger_{pairing_key_of("plum trea").value()};
};

class QuickTags {
 public:
  Authenticator& one() { return one_; }
  Authenticator& twin() { return twin_; }
  Authenticator& stranger() { return stranger_; }

 private:
  sync::AuthenticatorForTest one_{1};
  sync::AuthenticatorForTest twin_{1};
  sync::AuthenticatorForTest stranger_{2};
};

TEST(AuthenticatorContract, EveryLawHoldsForHmac) { expect_all(kAuthenticatorLaws<Hmacs>); }

TEST(AuthenticatorContract, EveryLawHoldsForTheOneOfTests) {
  expect_all(kAuthenticatorLaws<QuickTags>);
}

template <Placement kPlacement>
class Region {
 public:
  bus::PoolMemory& memory() { return memory_; }

 private:
  TestDevice device_;
  RegionPoolMemory memory_{device_.memory, device_.memory.add_tag({"bus"}), kPlacement};
};

TEST(PoolMemoryContract, EveryLawHoldsForRegions) {
  expect_all(kPoolMemoryLaws<Region<Placement::kInternal>>);
  expect_all(kPoolMemoryLaws<Region<Placement::kExternal>>);
  expect_all(kPoolMemoryLaws<Region<Placement::kPreferExternal>>);
}

}  // namespace
}  // namespace takt::contract
