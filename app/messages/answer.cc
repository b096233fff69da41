// SPDX-License-Identifier: Apache-2.0
#include "takt/app/messages/answer.h"

namespace takt {

FixedText<kLongestReason + 16> text_of(const Answer& answer) {
  FixedText<kLongestReason + 16> text;
  if (answer.status == Status::kOk) return text.append("done");
  text.append("not done: ");
  return text.append(answer.reason.empty() ? name_of(answer.status) : answer.reason.view());
}

}  // namespace takt
