// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/wiring.h"

#include <algorithm>

#include "takt/app/playback/halves.h"

namespace takt {

Status Wiring::connect(const Program& program) {
  std::array<PinConfig, kMaxOutputs> wanted;
  describe_pins(program, wanted);
  const std::size_t count = program.outputs.size();
  if (count == count_ && std::equal(wanted.begin(), wanted.begin() + count, pins_.begin())) {
    return Status::kOk;
  }
  realtime_.stop();
  const Status status = bank_.configure(std::span{wanted}.first(count));
  pins_ = wanted;
  count_ = status == Status::kOk ? count : 0;
  const Status started = realtime_.start(work_);
  return status == Status::kOk ? started : status;
}

}  // namespace takt
