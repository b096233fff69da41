// SPDX-License-Identifier: Apache-2.0
#include "takt/app/boards/pins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/collecting_sink_for_test.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "/pointer E message" of each report on outputs with these pins.
std::vector<std::string> judge(const char* board, const std::vector<int>& pins) {
  std::vector<Output> outputs(pins.size());
  for (std::size_t i = 0; i < pins.size(); ++i) {
    outputs[i].pin = static_cast<std::int16_t>(pins[i]);
  }
  Program program;
  program.outputs = outputs;
  CollectingSink sink;
  const Status status = check_pins(program, *find_board(board), sink);
  std::vector<std::string> said;
  bool failed = false;
  for (const Diagnostic& d : sink.all) {
    const bool error = d.severity == Severity::kError;
    failed = failed || error;
    said.push_back(std::string{d.pointer.view()} + (error ? " E " : " W ") +
                   std::string{d.message.view()});
  }
  EXPECT_EQ(status, failed ? Status::kOutOfRange : Status::kOk);
  return said;
}

TEST(Pins, ThatABoardHasAndNothingElseNeedsAreTakenInSilence) {
  EXPECT_THAT(judge("esp32-c3", {0, 4, 10, -1}), IsEmpty());
  EXPECT_THAT(judge("mps2-an385", {0, 31}), IsEmpty());
}

TEST(Pins, ThatABoardHasNotAreErrorsThatNameThoseItHas) {
  EXPECT_THAT(judge("esp32-c3", {4, 12}),
              ElementsAre("/outputs/1/pin E esp32-c3 has no pin 12; there are 0 to 10, 18 to 21"));
  EXPECT_THAT(judge("cycleoptima", {6}),
              ElementsAre("/outputs/0/pin E cycleoptima has no pin 6; there are 4 to 5, 7 to 10, "
                          "18 to 19"));
  EXPECT_EQ(judge("mps2-an385", {32, 64, 32'767}).size(), 3U);
}

TEST(Pins, ThatMoveAtAResetAreTakenWithAWarning) {
  EXPECT_THAT(
      judge("esp32-c3", {9, 18, 21}),
      ElementsAre(
          "/outputs/0/pin W pin 9 of esp32-c3 is a strapping pin: what is connected there can keep "
          "the chip from starting",
          "/outputs/1/pin W pin 18 of esp32-c3 belongs to the chip's USB, which is lost, and it "
          "moves at start",
          "/outputs/2/pin W pin 21 of esp32-c3 is the serial console's, which switches it at "
          "start"));
}

TEST(Pins, OfAHostAreForTheKernelToJudge) { EXPECT_THAT(judge("linux", {0, 5'000}), IsEmpty()); }

TEST(Pins, TheBoardOfCycleOptimaHasThoseThatItsMachinesUse) {
  for (const int number : {4, 5, 7, 8, 9, 10, 18, 19}) {
    EXPECT_NE(find_board("cycleoptima")->pins & pin(number), 0U) << number;
  }
}

}  // namespace
}  // namespace takt
