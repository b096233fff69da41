// SPDX-License-Identifier: Apache-2.0
// Loaded before libgpiod, it stands in for it, with the pins in a file that others can map; and for
// the kernel's watchdog device, at a path of the test's.
#include <fcntl.h>
#include <gpiod.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "tests/cli/pins.h"

namespace takt::testing {
namespace {

constexpr unsigned kLines = 32;

Pins* map_pins() {
  const char* const path = std::getenv(kPinsVariable);
  if (path == nullptr) std::abort();
  const int file = ::open(path, O_RDWR | O_CLOEXEC);
  void* const pins = ::mmap(nullptr, sizeof(Pins), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (pins == MAP_FAILED) std::abort();
  ::close(file);
  return static_cast<Pins*>(pins);
}

Pins& pins() {
  static Pins* const all = map_pins();
  return *all;
}

unsigned offset_of(const gpiod_line* line) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(line) - 1);
}

volatile int g_sink;

// NOLINTNEXTLINE(misc-no-recursion): that is what it is for.
int overflow(int depth) {
  volatile char waste[4'096];
  waste[0] = static_cast<char>(depth);
  g_sink = waste[0];
  return overflow(depth + 1) + waste[0];
}

void do_fault(std::uint32_t fault) {
  switch (fault) {
    case Pins::kBadAddress: {
      volatile int* nowhere = nullptr;
      asm("" : "+r"(nowhere));
      *nowhere = 1;
      return;
    }
    case Pins::kBadInstruction: __builtin_trap();
    case Pins::kException: throw std::runtime_error{"on purpose"};
    case Pins::kAbort: std::abort();
    case Pins::kStackOverflow: overflow(0); return;
    default:
      for (;;) ::poll(nullptr, 0, 1'000);
  }
}

int set(const gpiod_line_bulk& bulk, const int* levels) {
  Pins& all = pins();
  std::uint32_t high = all.high;
  for (unsigned i = 0; i < bulk.num_lines; ++i) {
    const std::uint32_t bit = 1U << offset_of(bulk.lines[i]);
    high = levels[i] != 0 ? high | bit : high & ~bit;
  }
  if (all.refuses) {
    errno = EIO;
    return -1;
  }
  if (const std::uint32_t us = all.delay_us; us != 0 && high != 0) {
    // What a kernel has begun it ends, whether its caller still lives or not; and no handler runs
    // in the caller before that.
    sigset_t every;
    sigset_t before;
    ::sigfillset(&every);
    ::pthread_sigmask(SIG_SETMASK, &every, &before);
    const pid_t kernel = ::fork();
    if (kernel == 0) {
      ::usleep(us);
      all.high = high;
      ::_exit(0);
    }
    ::waitpid(kernel, nullptr, 0);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  } else {
    all.high = high;
  }
  ++all.writes;
  if (high != 0 && ++all.high_writes == all.fault_after) do_fault(all.fault);
  return 0;
}

bool is_watchdog(int file) {
  const char* const path = std::getenv(kWatchdogVariable);
  struct stat ours {};
  struct stat theirs {};
  return path != nullptr && ::stat(path, &ours) == 0 && ::fstat(file, &theirs) == 0 &&
         ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

}  // namespace
}  // namespace takt::testing

using takt::testing::pins;

extern "C" {

gpiod_chip* gpiod_chip_open_lookup(const char* name) {
  if (std::string_view{name} == "gpiochip0") return reinterpret_cast<gpiod_chip*>(&pins());
  errno = ENOENT;
  return nullptr;
}

void gpiod_chip_close(gpiod_chip* /*chip*/) {}
unsigned gpiod_chip_num_lines(gpiod_chip* /*chip*/) { return takt::testing::kLines; }
gpiod_line* gpiod_chip_get_line(gpiod_chip* /*chip*/, unsigned offset) {
  return reinterpret_cast<gpiod_line*>(std::uintptr_t{offset} + 1);
}
unsigned gpiod_line_offset(gpiod_line* line) { return takt::testing::offset_of(line); }
bool gpiod_line_is_used(gpiod_line* /*line*/) { return false; }
const char* gpiod_line_consumer(gpiod_line* /*line*/) { return nullptr; }

int gpiod_line_request_bulk(gpiod_line_bulk* bulk, const gpiod_line_request_config* /*config*/,
                            const int* levels) {
  return takt::testing::set(*bulk, levels);
}
void gpiod_line_release_bulk(gpiod_line_bulk* /*bulk*/) {}  // They stay as they are.
int gpiod_line_set_value_bulk(gpiod_line_bulk* bulk, const int* levels) {
  return takt::testing::set(*bulk, levels);
}

int ioctl(int file, unsigned long request, ...) noexcept {
  va_list more;
  va_start(more, request);
  void* const argument = va_arg(more, void*);
  va_end(more);
  static int patience = 60;
  if (_IOC_TYPE(request) != WATCHDOG_IOCTL_BASE || !takt::testing::is_watchdog(file)) {
    return static_cast<int>(::syscall(SYS_ioctl, file, request, argument));
  }
  switch (request) {
    case WDIOC_GETSUPPORT: ++pins().starts; return 0;
    case WDIOC_SETTIMEOUT: patience = *static_cast<int*>(argument); return 0;
    case WDIOC_GETTIMEOUT: *static_cast<int*>(argument) = patience; return 0;
    default: ++pins().feeds; return 0;
  }
}

}  // extern "C"
