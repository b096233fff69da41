// SPDX-License-Identifier: Apache-2.0
// Two whole devices in threads of this process, joined by UDP: what a race detector should see.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "takt/app/playback/halves.h"
#include "takt/app/playback/lockstep_half.h"
#include "takt/ports/linux/pairing.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/linux/udp_link.h"
#include "tests/contract/real_time.h"
#include "tests/support/one_program.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::OneProgram;
using testing::two_sides;

struct CountingBank final : OutputBank {
  Status configure(std::span<const PinConfig> /*pins*/) override { return Status::kOk; }
  Status apply(const Levels& /*levels*/) override {
    writes.fetch_add(1, std::memory_order_relaxed);
    return Status::kOk;
  }
  std::atomic<int> writes{0};
};

class Device {
 public:
  Device(const Built& built, std::uint8_t side, bool has_program)
      : shelf_(built.timeline(), has_program),
        block_(EngineNeeds::of(built.program()).bytes()),
        engine_({EngineNeeds::of(built.program()), block_},
                {.sides = static_cast<SideSet>(1U << side)}),
        lockstep_(config(side), engine_, shelf_, authenticator_, clock_.now()),
        realtime_(engine_.realtime(), bank),
        half_(lockstep_, link_, clock_, top_),
        guarded_(*this) {}
  ~Device() {
    ordinary_.stop();
    link_.close();
    top_.stop();
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  static LockstepConfig config(std::uint8_t side) {
    LockstepConfig config;
    config.peer.id = side + 1U;
    config.peer.life = 1;
    config.peer.side = side;
    config.peer.wait_for_offline = true;
    config.alarm_latency = millis(5);
    return config;
  }

  void start(const std::string& own, const std::string& peer) {
    ASSERT_EQ(link_.open(own, {peer}, ordinary_), Status::kOk) << link_.error();
    ASSERT_EQ(top_.start(realtime_), Status::kOk);
    ASSERT_EQ(ordinary_.start(guarded_), Status::kOk);
  }
  void play(const std::optional<Bilateral>& setting) {
    const std::lock_guard lock{mutex_};
    lockstep_.command(shelf_.hash(), shelf_.bytes(), setting, clock_.now());
    ordinary_.wake();
  }
  void emergency_stop() {
    engine_.request_emergency_stop();
    top_.wake();
    const std::lock_guard lock{mutex_};
    lockstep_.emergency_stop(clock_.now());
    ordinary_.wake();
  }
  bool plays() {
    const std::lock_guard lock{mutex_};
    return lockstep_.playing().revision != 0;
  }

  CountingBank bank;

 private:
  struct Guarded final : Work {
    explicit Guarded(Device& of) : device(of) {}
    LocalTime run(LocalTime now) override {
      const std::lock_guard lock{device.mutex_};
      return device.half_.run(now);
    }
    Device& device;
  };

  LinuxClock clock_;
  ThreadRunner top_{clock_};
  ThreadRunner ordinary_{clock_, ThreadRunner::Mode::kOrdinary};
  UdpLink link_{clock_};
  HmacAuthenticator authenticator_{pairing_key_of("moonlight7").value()};
  OneProgram shelf_;
  std::vector<std::byte> block_;
  Engine engine_;
  Lockstep lockstep_;
  RealtimeHalf realtime_;
  LockstepHalf half_;
  Guarded guarded_;
  std::mutex mutex_;
};

struct NoRunner final : Runner {
  Status start(Work& /*work*/) override { return Status::kOk; }
  void wake() override {}
  void stop() override {}
};

std::string free_address() {
  const LinuxClock clock;
  NoRunner runner;
  UdpLink probe{clock};
  EXPECT_EQ(probe.open("127.0.0.1:0", {}, runner), Status::kOk);
  return "127.0.0.1:" + std::to_string(probe.port());
}

TEST(LockstepThreads, TwoDevicesStartChangeAndStopTogether) {
  const Built built{two_sides()};
  Device left{built, 0, true};
  Device right{built, 1, false};
  const std::string first = free_address();
  const std::string second = free_address();
  left.start(first, second);
  right.start(second, first);
  left.play({});
  const auto written = [&](int times) {
    const int from_left = left.bank.writes + times;
    const int from_right = right.bank.writes + times;
    return contract::wait_until(
        [&] { return left.bank.writes >= from_left && right.bank.writes >= from_right; });
  };
  EXPECT_TRUE(written(4));
  EXPECT_TRUE(left.plays() && right.plays());
  Bilateral faster;
  faster.cycle = millis(500);
  faster.look.intensity = 40;
  right.play(faster);
  EXPECT_TRUE(written(8));
  right.emergency_stop();
  EXPECT_TRUE(contract::wait_until([&] { return !left.plays() && !right.plays(); }));
}

}  // namespace
}  // namespace takt
