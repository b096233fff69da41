// SPDX-License-Identifier: Apache-2.0
#include "tools/play/engine_orders.h"

#include <gtest/gtest.h>

#include <string>

#include "takt/app/control/driver.h"
#include "takt/app/messages/verbs.h"
#include "takt/core/program/bilateral_rules.h"
#include "tests/support/program.h"
#include "tests/support/rig.h"

namespace takt {
namespace {

using testing::Built;
using testing::Draft;
using testing::Rig;

Draft two_phases() {
  Draft draft;
  const std::uint8_t pump = draft.add_switch();
  for (int i = 0; i < 2; ++i) {
    draft.add_stage().parts.push_back(testing::span(pump, Micros{0}, seconds(10)));
  }
  return draft;
}

/// A program that has played for a second.
class EngineOrdersTest : public ::testing::Test {
 protected:
  void play(const Draft& draft) {
    built_.emplace(draft);
    ASSERT_TRUE(built_->ok()) << built_->diagnostics().text();
    rig_.emplace(built_->program(), Window::kDefaultFrames, millis(20));
    rig_->play(built_->timeline());
    rig_->run_until(LocalTime{seconds(1)});
    orders_.emplace(rig_->engine());
  }

  std::string told(const std::string& order) {
    OrderFault fault;
    Result<Command> command = parse_command(order, fault);
    EXPECT_TRUE(command.ok()) << fault.text.view();
    command.value().number = ++number_;
    const Answer answer = orders_->take(command.value(), rig_->now());
    EXPECT_EQ(answer.number, number_);
    rig_->settle();
    return std::string{text_of(answer).view()};
  }
  EngineState state() { return rig_->engine().status(rig_->now()).state; }

  std::optional<Built> built_;
  std::optional<Rig> rig_;
  std::optional<EngineOrders> orders_;
  std::uint32_t number_ = 0;
};

TEST_F(EngineOrdersTest, AreDoneOrSayWhyNot) {
  play(two_phases());
  EXPECT_EQ(told("play"), "not done: it plays already");
  EXPECT_EQ(told("resume"), "not done: nothing is paused");
  EXPECT_EQ(told("release"), "not done: an emergency stop ends this run for good");
  EXPECT_EQ(told("skip-to:3"), "not done: there is no such phase; this program has 2 phases");
  EXPECT_EQ(told("set duty=50"), "not done: this program has no setting to change");
  EXPECT_EQ(state(), EngineState::kPlaying);
  EXPECT_EQ(told("pause"), "done");
  EXPECT_EQ(state(), EngineState::kPaused);
  EXPECT_EQ(told("pause"), "not done: it is paused");
  EXPECT_EQ(told("skip"), "done");
  EXPECT_EQ(told("resume"), "done");
  EXPECT_EQ(rig_->engine().status(rig_->now()).entry.phase, 1U);
  EXPECT_EQ(told("skip-to:1"), "done");
  EXPECT_EQ(rig_->engine().status(rig_->now()).entry.phase, 0U);
  EXPECT_EQ(told("stop"), "done");
  for (const char* const order : {"stop", "pause", "skip", "skip-to:1"}) {
    EXPECT_EQ(told(order), "not done: nothing plays") << order;
  }
}

TEST_F(EngineOrdersTest, TheEmergencyStopIsAFault) {
  play(two_phases());
  EXPECT_EQ(told("estop"), "done");
  EXPECT_EQ(state(), EngineState::kFault);
  EXPECT_EQ(told("release"), "not done: an emergency stop ends this run for good");
}

TEST_F(EngineOrdersTest, ChangesOfASettingAddUp) {
  play(testing::two_sides());
  const auto last_half = [this] {
    const auto& changes = rig_->changes();
    return changes.back().at - changes[changes.size() - 3].at;
  };
  EXPECT_EQ(told("set cycle=2s"), "done");
  EXPECT_EQ(told("play duty=50"), "done");
  rig_->run_until(rig_->now() + seconds(10));
  // Half a cycle of two seconds: on for half of it, then off.
  EXPECT_EQ(last_half(), seconds(1));
  EXPECT_EQ(told("set duty=5"), "not done: duty: a duty is 10 to 100 percent of the active half");
  EXPECT_EQ(told("pause"), "done");
  EXPECT_EQ(told("set duty=20"), "not done: it is paused");
}

TEST(EngineOrders, EveryReasonThatASettingIsRefusedForFitsIntoAnAnswer) {
  const Built built{testing::two_sides()};
  const Bilateral good = built.program().pattern->score.bilateral;
  for (const SettingWish& wish :
       {SettingWish{.cycle = millis(1)}, SettingWish{.duty = 1}, SettingWish{.intensity = 1},
        SettingWish{.brightness = 1}, SettingWish{.intensity = 100}}) {
    const auto refusal = refusal_of(changed(good, wish), built.program());
    ASSERT_TRUE(refusal);
    EXPECT_LE(
        std::string_view{refusal->field}.size() + 2 + std::string_view{refusal->reason}.size(),
        kLongestReason)
        << refusal->reason;
  }
}

}  // namespace
}  // namespace takt
