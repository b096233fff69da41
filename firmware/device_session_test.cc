// SPDX-License-Identifier: Apache-2.0
// Devices that play together.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/support/authenticator_for_test.h"
#include "tests/support/device_rig.h"
#include "tests/support/program.h"

namespace takt {
namespace {

using testing::Built;
using testing::Change;
using testing::DeviceRig;
using Kind = Command::Kind;

firmware::DeviceConfig config_of(std::uint8_t side) {
  firmware::DeviceConfig config;
  LockstepConfig session;
  session.peer.id = side + 1U;
  session.peer.life = 1;
  session.peer.side = side;
  session.peer.pace = sync::kLanPace;
  config.session = session;
  config.sides = static_cast<SideSet>(1U << side);
  return config;
}

/// Two devices and the link between them.
class DeviceSession : public ::testing::Test {
 protected:
  DeviceSession() {
    for (DeviceRig* const rig : {&left, &right}) {
      rig->ports.tags = &tags;
    }
    left.ports.datagrams = &left_link;
    right.ports.datagrams = &right_link;
    VirtualLink::connect(left_link, right_link, millis(1));
  }

  // Before the links go.
  void TearDown() override {
    EXPECT_EQ(left.device.shut_down(), Status::kOk);
    EXPECT_EQ(right.device.shut_down(), Status::kOk);
  }

  World world;
  DeviceRig left{world, *find_board("esp32-c3"), {}, 0, config_of(0)};
  DeviceRig right{world, *find_board("esp32-c6"), {}, 20'000, config_of(1)};
  VirtualLink left_link{world, left.ports.virtual_clock(), left.ports.ordinary()};
  VirtualLink right_link{world, right.ports.virtual_clock(), right.ports.ordinary()};
  sync::AuthenticatorForTest tags;
};

/// When motor or light of a side are on, by the world's time.
std::vector<std::pair<WorldTime, WorldTime>> stretches(const DeviceRig& rig,
                                                       const SideOutputs& side) {
  std::vector<std::pair<WorldTime, WorldTime>> on;
  bool is_on = false;
  for (const Change& change : rig.ports.bank.changes()) {
    const WorldTime at = rig.ports.virtual_clock().when(LocalTime{change.at});
    const bool lit = change.levels.is_on(side.motor) || change.levels.is_on(side.light);
    if (lit && !is_on) on.emplace_back(at, WorldTime::max());
    if (!lit && is_on) on.back().second = at;
    is_on = lit;
  }
  return on;
}

TEST_F(DeviceSession, BothPlayWhatOneWasGivenAndNeverAreOnTogether) {
  ASSERT_EQ(left.device.boot(), Status::kOk) << left.ports.printed();
  ASSERT_EQ(right.device.boot(), Status::kOk) << right.ports.printed();
  const Built built{testing::two_sides()};
  ASSERT_EQ(left.load(built.program()), Status::kOk) << left.ports.printed();
  EXPECT_EQ(right.order(Kind::kPlay).reason.view(), "there is no program here yet");
  left.run_for(seconds(10));
  const Answer answer = left.order(Kind::kPlay);
  ASSERT_EQ(answer.status, Status::kOk) << text_of(answer).view();
  left.run_for(seconds(20));
  EXPECT_EQ(left.shown().state, PlayerSnapshot::State::kPlaying);
  EXPECT_EQ(right.shown().state, PlayerSnapshot::State::kPlaying);
  EXPECT_EQ(right.order(Kind::kPause).status, Status::kUnsupported);
  SettingWish slower;
  slower.cycle = millis(1'400);
  EXPECT_EQ(right.order(Kind::kSet, slower).status, Status::kOk);
  left.run_for(seconds(20));
  EXPECT_EQ(right.order(Kind::kStop).status, Status::kOk);
  left.run_for(seconds(1));
  EXPECT_NE(left.shown().state, PlayerSnapshot::State::kPlaying);

  const auto& sides = built.program().pattern->sides;
  const auto lefts = stretches(left, sides[0]);
  const auto rights = stretches(right, sides[1]);
  EXPECT_GT(lefts.size(), 20U);
  EXPECT_GT(rights.size(), 20U);
  for (const auto& [on, off] : lefts) {
    EXPECT_TRUE(std::ranges::none_of(
        rights, [&](const auto& other) { return other.first < off && on < other.second; }));
  }
}

TEST_F(DeviceSession, AnEmergencyStopOfOneHoldsBoth) {
  ASSERT_EQ(left.device.boot(), Status::kOk);
  ASSERT_EQ(right.device.boot(), Status::kOk);
  ASSERT_EQ(left.load(Built{testing::two_sides()}.program()), Status::kOk);
  left.run_for(seconds(10));
  ASSERT_EQ(left.order(Kind::kPlay).status, Status::kOk);
  left.run_for(seconds(10));
  right.device.emergency_stop();
  left.run_for(seconds(2));
  EXPECT_TRUE(right.shown().held);
  EXPECT_NE(left.shown().state, PlayerSnapshot::State::kPlaying);
  EXPECT_NE(right.shown().state, PlayerSnapshot::State::kPlaying);
}

TEST(Device, ASessionWithoutALinkDoesNotBoot) {
  World world;
  DeviceRig rig{world, *find_board("esp32-c3"), {}, 0, config_of(0)};
  EXPECT_EQ(rig.device.boot(), Status::kUnsupported);
  EXPECT_NE(rig.ports.printed().find("a session needs a link"), std::string::npos);
}

}  // namespace
}  // namespace takt
