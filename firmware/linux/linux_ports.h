// SPDX-License-Identifier: Apache-2.0
// A board as a process of Linux.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "takt/app/boards/board.h"
#include "takt/firmware/linux/console.h"
#include "takt/firmware/ports.h"
#include "takt/ports/linux/cage.h"
#include "takt/ports/linux/caged_runner.h"
#include "takt/ports/linux/futex_waiter.h"
#include "takt/ports/linux/gpio_bank.h"
#include "takt/ports/linux/mutex_exclusion.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/linux/watchdog.h"

namespace takt::firmware {

/// Where the memory of a board is limited, what it has is a cage of that size, in which its control
/// task runs; the realtime half is an interrupt there, so its thread has no part in that.
class LinuxPorts final : public Ports {
 public:
  struct Config {
    const Board* board = nullptr;
    std::string chip{};      ///< Whose lines are the outputs; empty: outputs are nowhere.
    std::string watchdog{};  ///< Its path; empty: none.
    bool precise = false;    ///< The realtime half spins: see ThreadRunner.
  };

  /// `console` outlives it.
  LinuxPorts(const Config& config, Console& console);
  ~LinuxPorts();
  LinuxPorts(const LinuxPorts&) = delete;
  LinuxPorts& operator=(const LinuxPorts&) = delete;

  /// To be called first, and once. Any error has been said.
  /// - kNoMemory: the board, or this host, has no room for its tasks. - Else the watchdog: see
  ///   LinuxWatchdog::open().
  Status open();
  /// To be called last, once nothing runs. A watchdog goes on if outputs may be on: then only a
  /// reset is left that can switch them off. Says what comes of that.
  void close(bool outputs_are_off);

  /// Whether somebody is left to switch the outputs off if this process is killed.
  [[nodiscard]] bool is_guarded() { return pins_.is_guarded(); }
  /// What the system did not permit, a line each. While the realtime half is at rest.
  std::span<const std::string> refusals() const { return realtime_.refusals(); }

  const Clock& clock() const override { return clock_; }
  Runner& realtime() override { return realtime_; }
  Runner& ordinary() override;
  OutputBank& outputs() override { return pins_; }
  Watchdog* watchdog() override { return watchdog_ ? &*watchdog_ : nullptr; }
  Waiter& waiter() override { return waiter_; }
  Exclusion& exclusion() override { return exclusion_; }
  std::span<std::byte> internal_memory() override { return internal_.span(); }
  std::span<std::byte> external_memory() override { return external_.span(); }
  Memory* memory() override { return cage_ ? &cage_->memory() : nullptr; }
  TaskTable* tasks() override { return cage_ ? &cage_->tasks() : nullptr; }
  void print(std::string_view text) override;

 private:
  void run(bool (*done)(void*), void* argument) override;

  /// The lines of a chip, or none. What libgpiod allocates is no part of the board.
  class Pins final : public OutputBank {
   public:
    Pins(const std::string& chip, Console& console);
    Status configure(std::span<const PinConfig> pins) override;
    Status apply(const Levels& levels) override;
    bool is_guarded();

   private:
    Console& console_;
    std::mutex mutex_;  ///< Between configure() and is_guarded().
    std::optional<GpioBank> chip_;
  };
  /// The thread of the realtime half. What a thread costs the host is no part of the board.
  class Interrupts final : public Runner {
   public:
    Interrupts(const LinuxClock& clock, ThreadRunner::Mode mode) : thread_(clock, mode) {}
    Status start(Work& work) override;
    void wake() override { thread_.wake(); }
    void stop() override;
    std::span<const std::string> refusals() const { return thread_.refusals(); }

   private:
    ThreadRunner thread_;
  };
  /// The first task of the board.
  class ControlTask final : public Runner {
   public:
    ControlTask(LinuxPorts& ports, const TaskSpec& spec);
    Status start(Work& work) override;
    void wake() override { task_.wake(); }
    void stop() override { task_.stop(); }

   private:
    LinuxPorts& ports_;
    const TaskSpec spec_;
    CagedRunner task_;
  };
  /// Memory that is touched only where it is used.
  class Block {
   public:
    void make(std::size_t bytes);
    std::span<std::byte> span() { return {bytes_.get(), size_}; }

   private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
  };

  Status open_cage();
  Status charge(const TaskSpec& task, Tag tag);
  void say_lack(const TaskSpec& task);
  Status open_watchdog();

  const Config config_;
  Console& console_;
  LinuxClock clock_;
  FutexWaiter waiter_{clock_};
  MutexExclusion exclusion_;
  Block internal_;
  Block external_;
  std::unique_ptr<Cage> cage_;
  /// Stacks of tasks that have nothing to do yet.
  std::array<std::span<std::byte>, TaskTable::kMaxTasks> stacks_;
  std::size_t stack_count_ = 0;
  std::optional<LinuxWatchdog> watchdog_;
  Pins pins_;
  Interrupts realtime_;
  std::optional<ControlTask> caged_;
  ThreadRunner ordinary_{clock_, ThreadRunner::Mode::kOrdinary};
};

}  // namespace takt::firmware
