// SPDX-License-Identifier: Apache-2.0
#include "core/engine/joint_play.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt {
namespace {

using testing::Built;
using testing::two_sides;

constexpr sync::ProgramHash kProgram = 42;

Bilateral random_setting(std::mt19937& random) {
  Bilateral setting;
  setting.cycle = Micros{500'000 + static_cast<std::int64_t>(random() % 1'500'000)};
  setting.duty_percent = static_cast<std::uint8_t>(10 + random() % 91);
  setting.look.intensity = static_cast<std::uint8_t>(30 + random() % 51);
  setting.alternate_direction = random() % 2 == 0;
  return setting;
}

TEST(JointPlay, SettingsSurviveTheWayThroughAPlan) {
  std::mt19937 random{1};
  for (int i = 0; i < 1'000; ++i) {
    const Bilateral setting = random_setting(random);
    EXPECT_EQ(setting_of(parameters_of(setting)), setting);
  }
  EXPECT_EQ(setting_of({}), std::nullopt);
}

// Whoever changes over at each boundary and whoever joins after all of them plays the same pulses.
TEST(JointPlay, JoiningLateAndChangingInTimeAreTheSamePulses) {
  const Built built{two_sides()};
  std::mt19937 random{2};
  for (int round = 0; round < 100; ++round) {
    testing::Rig changing{built.program(), Window::kDefaultFrames, millis(20)};
    JointPlay joint{changing.engine(), Micros{0}};
    ASSERT_EQ(joint.load(built.timeline(), kProgram), Status::kOk);
    sync::Plan plan;
    plan.program = kProgram;
    plan.epoch = plan.effective = SessionTime{seconds(1)};
    plan.parameters = parameters_of(random_setting(random));
    ASSERT_EQ(changing.engine().start_at(plan.epoch, changing.now(), setting_of(plan.parameters)),
              Status::kOk);
    changing.settle();
    for (int i = 0; i < 5; ++i) {
      sync::Plan next = plan;
      next.parameters = parameters_of(random_setting(random));
      joint.place(plan, next,
                  std::max(plan.effective, SessionTime{changing.now().since_zero()}) +
                      Micros{static_cast<std::int64_t>(random() % 3'000'000)});
      changing.run_until(LocalTime{plan.effective.since_zero()});
      const auto receipt =
          changing.engine().change(*setting_of(next.parameters), next.effective, changing.now());
      ASSERT_TRUE(receipt.ok());
      ASSERT_EQ(receipt.value().boundary, next.effective);
      changing.settle();
      plan = next;
    }
    const LocalTime from{plan.effective.since_zero() + seconds(3)};
    testing::Rig joining{built.program(), Window::kDefaultFrames, millis(20)};
    ASSERT_EQ(joining.engine().load(built.timeline()), Status::kOk);
    joining.run_until(from);
    ASSERT_EQ(joining.engine().start_at(plan.epoch, from, setting_of(plan.parameters)),
              Status::kOk);
    joining.settle();
    for (testing::Rig* rig : {&changing, &joining}) rig->run_until(from + seconds(10));
    const auto after = [&](const std::vector<testing::Change>& all) {
      std::vector<testing::Change> late;
      for (const auto& change : all) {
        if (change.at > from.since_zero() + seconds(2)) late.push_back(change);
      }
      return late;
    };
    const auto one = after(changing.changes());
    const auto other = after(joining.changes());
    ASSERT_EQ(one.size(), other.size()) << "round " << round;
    for (std::size_t i = 0; i < one.size(); ++i) {
      ASSERT_LE(std::abs((one[i].at - other[i].at).count()), 1) << "round " << round;
      ASSERT_EQ(one[i].levels, other[i].levels) << "round " << round << " change " << i;
    }
  }
}

}  // namespace
}  // namespace takt
