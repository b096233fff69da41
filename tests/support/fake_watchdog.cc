// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_watchdog.h"

#include <linux/fcntl.h>
#include <linux/watchdog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <string_view>

namespace takt {

FakeWatchdog& fake_watchdog() {
  static FakeWatchdog fake;
  return fake;
}

void FakeWatchdog::reset() {
  if (contents >= 0) close(contents);
  *this = {};
}

void FakeWatchdog::pass(Micros passed) {
  starved += passed;
  bitten = bitten || starved > seconds(time);
}

bool FakeWatchdog::is_open() const {
  // Once its user has closed it, the number means nothing, or another file.
  struct stat theirs {};
  struct stat ours {};
  return device >= 0 && device != contents && fstat(device, &theirs) == 0 &&
         fstat(contents, &ours) == 0 && theirs.st_ino == ours.st_ino &&
         theirs.st_dev == ours.st_dev;
}

std::string FakeWatchdog::written() const {
  std::array<char, 64> bytes{};
  const ssize_t size = pread(contents, bytes.data(), bytes.size(), 0);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

namespace {

int fail(int error) {
  errno = error;
  return -1;
}

int open_fake(FakeWatchdog& fake) {
  if (fake.open_error != 0) return fail(fake.open_error);
  if (fake.is_open()) return fail(EBUSY);
  if (fake.contents >= 0) close(fake.contents);
  fake.contents = memfd_create("fake-watchdog", MFD_CLOEXEC);
  const std::string same = "/proc/self/fd/" + std::to_string(fake.contents);
  fake.device = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, same.c_str(), fake.read_only ? O_RDONLY : O_WRONLY));
  ++fake.opens;
  return fake.device;
}

int set_time(FakeWatchdog& fake, int& time) {
  if (fake.set_error != 0) return fail(fake.set_error);
  if (time < fake.least || time > fake.most) return fail(EINVAL);
  const int up = fake.rounds_up ? fake.step - 1 : 0;
  time = std::max((time + up) / fake.step, 1) * fake.step;
  if (!fake.skips) fake.time = time;
  return 0;
}

int control_fake(FakeWatchdog& fake, unsigned long request, void* argument) {
  switch (request) {
    case WDIOC_GETSUPPORT: *static_cast<watchdog_info*>(argument) = {}; return 0;
    case WDIOC_SETTIMEOUT: return set_time(fake, *static_cast<int*>(argument));
    case WDIOC_GETTIMEOUT:
      if (fake.mute) return fail(EOPNOTSUPP);
      *static_cast<int*>(argument) = fake.time;
      return 0;
    case WDIOC_KEEPALIVE:
      if (fake.feed_error != 0) return fail(fake.feed_error);
      ++fake.feeds;
      fake.starved = {};
      return 0;
    default: return fail(ENOTTY);
  }
}

}  // namespace
}  // namespace takt

// In place of <fcntl.h> stands the kernel's: where the former is fortified, it defines open()
// itself.
extern "C" {

int open(const char* path, int flags, ...) {
  if (std::string_view{path} == takt::FakeWatchdog::kPath) {
    return takt::open_fake(takt::fake_watchdog());
  }
  va_list more;
  va_start(more, flags);
  const unsigned mode = va_arg(more, unsigned);  // Read by the kernel where the flags say so.
  va_end(more);
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int ioctl(int file, unsigned long request, ...) noexcept {
  va_list more;
  va_start(more, request);
  void* const argument = va_arg(more, void*);
  va_end(more);
  takt::FakeWatchdog& fake = takt::fake_watchdog();
  if (file == fake.device && fake.is_open()) return takt::control_fake(fake, request, argument);
  return static_cast<int>(syscall(SYS_ioctl, file, request, argument));
}

}  // extern "C"
