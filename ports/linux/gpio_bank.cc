// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/gpio_bank.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

/// How long a write that has begun may take, before it counts as one that will never end: a chip
/// behind a slow bus takes a few milliseconds.
constexpr int kLongestWriteMs = 200;

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
  if (status == Status::kOk) status = guard();
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

Status GpioBank::guard() {
  if (!requested_) return Status::kOk;
  closed_.store(false);
  last_act_.arm(make_safe, this);
  if (guardian_.start("takt-guardian", guard_lines, this)) return Status::kOk;
  return fail(Status::kIo, -1, std::string{"no guardian process: "} + std::strerror(errno));
}

/// The guardian's life. It holds the lines, so nothing sets them free before it has written them.
void GpioBank::guard_lines(void* bank, int life) {
  // It has work for microseconds, and then nothing may be in its way.
  sched_param parameters{};
  parameters.sched_priority = 1;
  ::sched_setscheduler(0, SCHED_FIFO, &parameters);
  pollfd event{life, POLLIN, 0};
  while (!Companion::is_alone(life)) ::poll(&event, 1, -1);
  static_cast<GpioBank*>(bank)->write(0);
}

bool GpioBank::write(std::uint32_t on) {
  const std::uint32_t high = on ^ active_low_;
  std::array<int, kMaxOutputs> values{};
  for (unsigned i = 0; i < lines_.num_lines; ++i) {
    values[i] = static_cast<int>(high >> output_[i] & 1U);
  }
  return gpiod_line_set_value_bulk(&lines_, values.data()) == 0;
}

Status GpioBank::apply(const Levels& levels) {
  if (lines_.num_lines == 0) return Status::kOk;
  // Said before looking, as make_safe() closes before it looks: one of them sees the other.
  writing_.store(::pthread_self());
  const bool done = !closed_.load() && write(levels.on);
  writing_.store({});
  return done ? Status::kOk : Status::kIo;
}

void GpioBank::make_safe(void* bank) {
  auto& self = *static_cast<GpioBank*>(bank);
  const int error = errno;
  self.closed_.store(true);
  self.write(0);
  // A write that another thread has begun may come after this one.
  for (int ms = 0; ms < kLongestWriteMs; ++ms) {
    const pthread_t writing = self.writing_.load();
    if (writing == pthread_t{} || writing == ::pthread_self()) break;
    ::poll(nullptr, 0, 1);
  }
  self.write(0);
  errno = error;
}

Status GpioBank::fail(Status status, int pin, const std::string& why) {
  error_ = name_ + (pin < 0 ? "" : ", line " + std::to_string(pin)) + ": " + why;
  return status;
}

void GpioBank::release() {
  if (requested_) {
    write(0);
    last_act_.disarm();
    guardian_.finish();
    gpiod_line_release_bulk(&lines_);
  }
  if (chip_ != nullptr) gpiod_chip_close(chip_);
  requested_ = false;
  chip_ = nullptr;
  active_low_ = 0;
  gpiod_line_bulk_init(&lines_);
}

}  // namespace takt
