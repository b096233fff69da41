// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/linux/sensor_script.h"

namespace takt::firmware {

void SensorScript::process(const bus::Message& message) {
  const PlayerSnapshot* const shown = message.get(kPlayer);
  if (shown == nullptr) return;
  runs_ = shown->run != 0 && shown->end == PlayerSnapshot::End::kNone;
  if (shown->run == run_) return;
  run_ = shown->run;
  sensors_.start(*bus_, shown->began);
}

LocalTime SensorScript::run(LocalTime now) { return runs_ ? sensors_.run(now) : kNever; }

}  // namespace takt::firmware
