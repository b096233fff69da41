// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/gpio_bank.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "tests/support/fake_gpiod.h"

namespace takt {
namespace {

class GpioBankTest : public ::testing::Test {
 protected:
  GpioBankTest() { fake_gpiod().reset(); }
  ~GpioBankTest() override { EXPECT_LE(fake_gpiod().opened, 1); }

  GpioBank bank{"gpiochip0"};
  std::array<PinConfig, 3> pins{PinConfig{.pin = 5, .active_low = true}, PinConfig{.pin = -1},
                                PinConfig{.pin = 2}};
};

TEST_F(GpioBankTest, OneRequestTakesAllLinesAndNoneIsEverActiveOnTheWay) {
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  EXPECT_EQ(fake_gpiod().requests, 1);
  EXPECT_EQ(fake_gpiod().seen_high, 1U << 5U);
  EXPECT_EQ(fake_gpiod().seen_low, 1U << 2U);
}

TEST_F(GpioBankTest, OneCallWritesAllLinesOfAStep) {
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  Levels levels;
  levels.on = 0b111;
  ASSERT_EQ(bank.apply(levels), Status::kOk);
  EXPECT_EQ(fake_gpiod().writes, 1);
  EXPECT_FALSE(fake_gpiod().lines[5].high);
  EXPECT_TRUE(fake_gpiod().lines[2].high);
}

TEST_F(GpioBankTest, LinesAreGivenBack) {
  {
    GpioBank other{"gpiochip0"};
    ASSERT_EQ(other.configure(pins), Status::kOk);
    EXPECT_EQ(bank.configure(pins), Status::kBusy);
  }
  EXPECT_EQ(bank.configure(pins), Status::kOk);
  EXPECT_EQ(fake_gpiod().opened, 1);
}

TEST_F(GpioBankTest, LinesAreInactiveWhenTheyAreGivenBack) {
  {
    GpioBank other{"gpiochip0"};
    ASSERT_EQ(other.configure(pins), Status::kOk);
    Levels levels;
    levels.on = 0b101;
    ASSERT_EQ(other.apply(levels), Status::kOk);
  }
  EXPECT_TRUE(fake_gpiod().lines[5].high);
  EXPECT_FALSE(fake_gpiod().lines[2].high);
}

TEST_F(GpioBankTest, AfterTheLastActNothingIsWrittenAnyMore) {
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  Levels levels;
  levels.on = 0b101;
  ASSERT_EQ(bank.apply(levels), Status::kOk);
  LastAct::run_all();
  EXPECT_FALSE(fake_gpiod().lines[2].high);
  EXPECT_EQ(bank.apply(levels), Status::kIo);
  EXPECT_FALSE(fake_gpiod().lines[2].high);
  EXPECT_TRUE(fake_gpiod().lines[5].high);
  // Taken anew, they can be switched again.
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  EXPECT_EQ(bank.apply(levels), Status::kOk);
  EXPECT_TRUE(fake_gpiod().lines[2].high);
}

TEST_F(GpioBankTest, LinesHaveAGuardianWhileTheyAreHeld) {
  EXPECT_TRUE(bank.is_guarded());
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  EXPECT_TRUE(bank.is_guarded());
}

TEST_F(GpioBankTest, AFailedWriteIsReportedAndTheNextWritesAllAnew) {
  ASSERT_EQ(bank.configure(pins), Status::kOk);
  Levels levels;
  levels.on = 0b101;
  fake_gpiod().write_error = EIO;
  EXPECT_EQ(bank.apply(levels), Status::kIo);
  fake_gpiod().write_error = 0;
  EXPECT_EQ(bank.apply(levels), Status::kOk);
  EXPECT_TRUE(fake_gpiod().lines[2].high);
}

TEST_F(GpioBankTest, ProgramsWithoutPinsHoldNoLineAndWriteNothing) {
  const std::array none{PinConfig{}, PinConfig{.analog = true}};
  ASSERT_EQ(bank.configure(none), Status::kOk);
  EXPECT_EQ(bank.apply({}), Status::kOk);
  EXPECT_EQ(fake_gpiod().requests + fake_gpiod().writes, 0);
}

TEST_F(GpioBankTest, ErrorsSayWhichChipAndLineAndWhy) {
  GpioBank none{"gpiochip9"};
  EXPECT_EQ(none.configure(pins), Status::kIo);
  EXPECT_EQ(none.error(), "gpiochip9: no such GPIO chip; gpiodetect lists them");

  fake_gpiod().open_error = EACCES;
  EXPECT_EQ(bank.configure(pins), Status::kIo);
  EXPECT_EQ(bank.error(),
            "gpiochip0: no permission; join the group that owns the device, or be root");
  fake_gpiod().open_error = 0;

  fake_gpiod().lines[2].user = "relay";
  EXPECT_EQ(bank.configure(pins), Status::kBusy);
  EXPECT_EQ(bank.error(), "gpiochip0, line 2: in use by 'relay'");
  fake_gpiod().lines[2].user.clear();

  pins[2].pin = 8;
  EXPECT_EQ(bank.configure(pins), Status::kOutOfRange);
  EXPECT_EQ(bank.error(), "gpiochip0, line 8: the chip has no such line");

  pins[2] = {.pin = 5};
  EXPECT_EQ(bank.configure(pins), Status::kOutOfRange);
  EXPECT_EQ(bank.error(), "gpiochip0, line 5: two outputs have this pin");

  pins[2] = {.pin = 4, .analog = true};
  EXPECT_EQ(bank.configure(pins), Status::kUnsupported);
  EXPECT_EQ(bank.error(), "gpiochip0, line 4: a GPIO line is on or off, this output a number");
  EXPECT_EQ(fake_gpiod().opened, 0);
}

}  // namespace
}  // namespace takt
