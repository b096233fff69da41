// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "takt/core/base/assert.h"

namespace takt {
namespace {

bool is_unsupported(int error) { return error == ENOTTY || error == EOPNOTSUPP; }

std::string why_no_watchdog(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO: return "no such watchdog; wdctl lists them";
    case EACCES:
    case EPERM: return "no permission; be root, or the device's owner";
    case EBUSY: return "in use; often by systemd, see RuntimeWatchdogSec";
    default: return std::strerror(error);
  }
}

/// In seconds. Whoever feeds outputs does so every half second, so it is never less.
constexpr int kLongestForOutputs = 2;

std::string in_seconds(std::int64_t count) { return std::to_string(count) + " s"; }

}  // namespace

Status LinuxWatchdog::open(const std::string& path, Micros patience) {
  if (device_ >= 0) return Status::kBusy;
  path_ = path;
  const std::int64_t asked = patience / seconds(1);
  if (asked < 1 || asked > std::numeric_limits<int>::max()) {
    return fail(Status::kOutOfRange, "a watchdog waits for whole seconds, at least 1 s");
  }
  device_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (device_ < 0) {
    const int error = errno;
    return fail(error == EBUSY ? Status::kBusy : Status::kIo, why_no_watchdog(error));
  }
  watchdog_info info{};
  if (ioctl(device_, WDIOC_GETSUPPORT, &info) != 0) {
    // Without the byte that stops a watchdog: whatever this is, it is not ours to write to.
    const bool other = is_unsupported(errno);
    const std::string why = other ? "not a watchdog" : why_no_watchdog(errno);
    ::close(device_);
    device_ = -1;
    return fail(other ? Status::kUnsupported : Status::kIo, why);
  }
  const Status status = set(static_cast<int>(asked));
  if (status != Status::kOk && !stop()) error_ += "; it cannot be stopped and will reset the board";
  return status;
}

Status LinuxWatchdog::open_for_outputs(const std::string& path) {
  Status status = Status::kOutOfRange;
  for (int patience = kLongestForOutputs; patience >= 1; --patience) {
    status = open(path, seconds(patience));
    if (status != Status::kOutOfRange) break;
  }
  return status;
}

/// Leaves it running for `asked` seconds or less.
Status LinuxWatchdog::set(int asked) {
  int time = asked;
  if (ioctl(device_, WDIOC_SETTIMEOUT, &time) != 0) {
    const int error = errno;
    if (is_unsupported(error)) return fail(Status::kUnsupported, "its time cannot be set");
    if (error == EINVAL) return fail(Status::kOutOfRange, "it refuses " + in_seconds(asked));
    return fail(Status::kIo, why_no_watchdog(error));
  }
  // What the driver answers is what it means to do; what holds may still be another's setting.
  const Micros real = patience();
  if (real == Micros{}) return fail(Status::kIo, "it does not say how long it waits");
  if (real > seconds(asked)) {
    return fail(Status::kOutOfRange,
                "it waits for " + in_seconds(real / seconds(1)) + ", not " + in_seconds(asked));
  }
  if (ioctl(device_, WDIOC_KEEPALIVE, 0) == 0) return Status::kOk;
  const int error = errno;
  return is_unsupported(error) ? fail(Status::kUnsupported, "it cannot be fed")
                               : fail(Status::kIo, why_no_watchdog(error));
}

Status LinuxWatchdog::close() {
  if (device_ < 0 || stop()) return Status::kOk;
  return fail(Status::kIo, "it cannot be stopped and will reset the board");
}

/// A device that is closed without this byte takes it for a crash, and goes on.
bool LinuxWatchdog::stop() {
  const bool told = write(device_, "V", 1) == 1;
  const bool closed = ::close(device_) == 0;
  device_ = -1;
  return told && closed;
}

void LinuxWatchdog::leave_running() {
  if (device_ >= 0) ::close(device_);
  device_ = -1;
}

void LinuxWatchdog::feed() {
  TAKT_ASSERT(device_ >= 0);
  if (ioctl(device_, WDIOC_KEEPALIVE, 0) != 0) refused_.fetch_add(1, std::memory_order_relaxed);
}

Micros LinuxWatchdog::patience() const {
  TAKT_ASSERT(device_ >= 0);
  int time = 0;
  if (ioctl(device_, WDIOC_GETTIMEOUT, &time) != 0 || time < 0) return Micros{};
  return seconds(time);
}

Status LinuxWatchdog::fail(Status status, const std::string& why) {
  error_ = path_ + ": " + why;
  return status;
}

}  // namespace takt
