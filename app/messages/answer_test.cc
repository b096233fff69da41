// SPDX-License-Identifier: Apache-2.0
#include "takt/app/messages/answer.h"

#include <gtest/gtest.h>

#include "takt/app/messages/command.h"
#include "takt/core/bus/topic.h"

namespace takt {
namespace {

static_assert(bus::Payload<Command> && bus::Payload<Answer>);

TEST(Answer, SaysWhatBecameOfACommandAndWhyNot) {
  EXPECT_EQ(text_of({7, Status::kOk, {}}).view(), "done");
  EXPECT_EQ(text_of({7, Status::kBusy, {}}).view(), "not done: busy");
  const FixedText<kLongestReason> reason{"nothing plays"};
  EXPECT_EQ(text_of({7, Status::kNotLoaded, reason}).view(), "not done: nothing plays");
}

}  // namespace
}  // namespace takt
