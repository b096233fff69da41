// SPDX-License-Identifier: Apache-2.0
#include "ports/linux/gpio_bank.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/assert.h"

namespace takt {
namespace {

std::string reason(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV: return "no such GPIO chip; gpiodetect lists them";
    case EACCES:
    case EPERM: return "no permission; join the group that owns the device, or be root";
    case ENOTTY: return "not a GPIO chip";
    case EBUSY: return "in use";
    default: return std::strerror(error);
  }
}

}  // namespace

Status GpioBank::configure(std::span<const PinConfig> pins) {
  TAKT_ASSERT(pins.size() <= kMaxOutputs);
  release();
  error_.clear();
  chip_ = gpiod_chip_open_lookup(name_.c_str());
  if (chip_ == nullptr) return fail(Status::kIo, -1, reason(errno));
  Status status = collect(pins);
  if (status == Status::kOk) status = request();
  if (status != Status::kOk) release();
  return status;
}

/// Finds the line of each pin.
Status GpioBank::collect(std::span<const PinConfig> pins) {
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const PinConfig& config = pins[i];
    if (config.pin < 0) continue;
    const auto same = [&config](const PinConfig& other) { return other.pin == config.pin; };
    if (std::ranges::any_of(pins.first(i), same)) {
      return fail(Status::kOutOfRange, config.pin, "two outputs have this pin");
    }
    if (config.analog) {
      return fail(Status::kUnsupported, config.pin,
                  "a GPIO line is on or off, this output a number");
    }
    const auto offset = static_cast<unsigned>(config.pin);
    if (offset >= gpiod_chip_num_lines(chip_)) {
      return fail(Status::kOutOfRange, config.pin, "the chip has no such line");
    }
    gpiod_line* const line = gpiod_chip_get_line(chip_, offset);
    if (line == nullptr) return fail(Status::kIo, config.pin, reason(errno));
    output_[lines_.num_lines] = static_cast<std::uint8_t>(i);
    if (config.active_low) active_low_ |= std::uint32_t{1} << i;
    gpiod_line_bulk_add(&lines_, line);
  }
  return Status::kOk;
}

/// The kernel sets each level together with the direction, so no line is ever active on the way.
Status GpioBank::request() {
  if (lines_.num_lines == 0) return Status::kOk;
  gpiod_line_request_config config{};
  config.consumer = "takt";
  config.request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT;
  std::array<int, kMaxOutputs> inactive{};
  for (unsigned i = 0; i < lines_.num_lines; ++i) {
    inactive[i] = static_cast<int>(active_low_ >> output_[i] & 1U);
  }
  requested_ = gpiod_line_request_bulk(&lines_, &config, inactive.data()) == 0;
  if (requested_) return Status::kOk;
  const int error = errno;
  if (error != EBUSY) return fail(Status::kIo, -1, reason(error));
  for (unsigned i = 0; i < lines_.num_lines; ++i) {
    if (!gpiod_line_is_used(lines_.lines[i])) continue;
    const char* const user = gpiod_line_consumer(lines_.lines[i]);
    return fail(Status::kBusy, static_cast<int>(gpiod_line_offset(lines_.lines[i])),
                user == nullptr ? "in use" : std::string{"in use by '"} + user + "'");
  }
  return fail(Status::kBusy, -1, reason(error));
}

Status GpioBank::apply(const Levels& levels) {
  if (lines_.num_lines == 0) return Status::kOk;
  const std::uint32_t high = levels.on ^ active_low_;
  std::array<int, kMaxOutputs> values{};
  for (unsigned i = 0; i < lines_.num_lines; ++i) {
    values[i] = static_cast<int>(high >> output_[i] & 1U);
  }
  return gpiod_line_set_value_bulk(&lines_, values.data()) == 0 ? Status::kOk : Status::kIo;
}

Status GpioBank::fail(Status status, int pin, const std::string& why) {
  error_ = name_ + (pin < 0 ? "" : ", line " + std::to_string(pin)) + ": " + why;
  return status;
}

void GpioBank::release() {
  if (requested_) gpiod_line_release_bulk(&lines_);
  if (chip_ != nullptr) gpiod_chip_close(chip_);
  requested_ = false;
  chip_ = nullptr;
  active_low_ = 0;
  gpiod_line_bulk_init(&lines_);
}

}  // namespace takt
