// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/driver.h"

#include "takt/core/program/bilateral_rules.h"

namespace takt {

Outcome outcome_of(Status status, std::string_view when_nothing) {
  switch (status) {
    case Status::kOk: return Outcome::done();
    case Status::kBusy: return Outcome::later();
    case Status::kNotLoaded: return Outcome::refused(status, when_nothing);
    case Status::kTooLarge:
      return Outcome::refused(status, "it has more components at a time than this device can play");
    case Status::kTooFast:
      return Outcome::refused(status, "its edges follow each other too fast for this board");
    default: return Outcome::refused(status, name_of(status));
  }
}

Bilateral changed(Bilateral setting, const SettingWish& wish) {
  setting.cycle = wish.cycle.value_or(setting.cycle);
  setting.duty_percent = wish.duty.value_or(setting.duty_percent);
  setting.look.intensity = wish.intensity.value_or(setting.look.intensity);
  setting.look.brightness = wish.brightness.value_or(setting.look.brightness);
  setting.alternate_direction = wish.alternate.value_or(setting.alternate_direction);
  return setting;
}

Outcome apply_wish(const SettingWish& wish, const Program& program, Bilateral& setting) {
  if (program.pattern == nullptr || !program.pattern->is_bilateral()) {
    return Outcome::refused(Status::kUnsupported, "this program has no setting to change");
  }
  const Bilateral wished = changed(setting, wish);
  if (const auto refusal = refusal_of(wished, program)) {
    Outcome outcome = Outcome::refused(Status::kOutOfRange, refusal->field);
    outcome.reason.append(": ").append(refusal->reason);
    return outcome;
  }
  setting = wished;
  return Outcome::done();
}

}  // namespace takt
