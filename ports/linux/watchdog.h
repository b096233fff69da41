// SPDX-License-Identifier: Apache-2.0
// The kernel's watchdog device.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "takt/core/base/status.h"
#include "takt/ports/api/watchdog.h"

namespace takt {

/// Resets the board unless it is fed. Only close() stops it, so a process that is killed, and one
/// whose realtime thread hangs, end in a reset too.
///
/// Context: open() and close() belong to the control half, while the realtime half does not run;
/// the rest any.
class LinuxWatchdog final : public Watchdog {
 public:
  LinuxWatchdog() = default;
  /// As close(), but nobody hears of its error: only a reset shows it.
  ~LinuxWatchdog() { static_cast<void>(close()); }
  LinuxWatchdog(const LinuxWatchdog&) = delete;
  LinuxWatchdog& operator=(const LinuxWatchdog&) = delete;

  /// Starts the device at `path`, as a rule /dev/watchdog, and feeds it once. It waits for
  /// `patience`, at least 1 s, rounded down to whole seconds, as the kernel counts. Where the
  /// hardware rounds further, it waits for less, never for more. After an error it is stopped
  /// again.
  /// - kOutOfRange: the device refuses the time, or would wait for longer. - kUnsupported: it is no
  ///   watchdog, or not one that can be set and fed. - kBusy: open, or someone else has it.
  /// - kIo: the device. error() says why.
  Status open(const std::string& path, Micros patience);

  /// The same with the patience that is good for outputs, which may stay on for as long after a
  /// hang: 2 s, or 1 s where the device does not take that.
  Status open_for_outputs(const std::string& path);

  /// Stops it, unless the kernel is set to let nobody do that ("nowayout"); the kernel does not
  /// report that. Harmless when not open.
  /// - kIo: it goes on, and will reset the board; error() says why.
  Status close();

  /// Closes it without stopping it, as the end of a process that is killed would. Harmless when not
  /// open.
  void leave_running();

  /// One call of the system. Only while open.
  void feed() override;
  /// One call of the system; 0: the device does not say. Only while open.
  Micros patience() const override;

  /// Feeds that the device refused.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  /// Why open() or close() failed, for people: "/dev/watchdog: in use".
  const std::string& error() const { return error_; }

 private:
  Status set(int asked);
  bool stop();
  Status fail(Status status, const std::string& why);

  int device_ = -1;
  std::atomic<std::uint64_t> refused_{0};
  std::string path_;
  std::string error_;
};

}  // namespace takt
