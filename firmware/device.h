// SPDX-License-Identifier: Apache-2.0
// A whole device: makes its parts in the memory of its board, and says which work runs where.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "takt/app/boards/board.h"
#include "takt/app/bus/memory.h"
#include "takt/app/control/control.h"
#include "takt/app/control/joint.h"
#include "takt/app/control/programs.h"
#include "takt/app/control/solo.h"
#include "takt/app/playback/halves.h"
#include "takt/core/bus/sizing.h"
#include "takt/core/memory/report.h"
#include "takt/firmware/ports.h"

namespace takt::firmware {

/// A queue of a service: `subscribe` is what it listens to.
struct Listening {
  bus::QueueOptions options;
  Status (*subscribe)(bus::Bus& bus, bus::QueueRecord& queue);
};

/// For Listening: `&listen_to<kAnswers>`.
template <const auto& kTopic>
Status listen_to(bus::Bus& bus, bus::QueueRecord& queue) {
  return bus.subscribe(queue, kTopic);
}

/// A module that the device runs in its services' task, and what it listens to.
struct Service {
  bus::Module* module = nullptr;
  bus::ModuleOptions options;
  std::span<const Listening> queues{};
};

struct DeviceConfig {
  const Board* board = nullptr;
  bus::Sizing sizing{};
  std::span<const Service> services{};  ///< Beside the device's own.
  /// The largest program that it can play, whatever program comes first.
  EngineNeeds largest{};
  SideSet sides = kBothSides;
  Micros tolerance = EngineConfig{}.tolerance;
  /// From a play to its first edge.
  Micros lead = millis(10);
  Micros heartbeat = seconds(60);  ///< Between two lines `[Mem] hb`.
  /// Plays together with others, by Ports::link() and Ports::authenticator().
  std::optional<LockstepConfig> session{};
  OutputObserver* outputs = nullptr;
  ControlObserver* control = nullptr;

  /// For any program of up to `cursors` components in a phase.
  static EngineNeeds needs_of_all(std::size_t cursors = 64);
};

/// Control, bus, memory with tags and tripwire, watchdog and tasks of one device.
///
/// Life.     boot(), then load() and submit() as often as wanted, then shut_down(). After boot()
///           core allocates nothing; programs come and go in their own memory.
/// Context.  load(), submit(), take(): one task at a time, not that of a service; they may wait.
///           emergency_stop(), make_safe(): any.
class Device {
 public:
  Device(Ports& ports, const DeviceConfig& config);
  /// Shuts down.
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// Makes everything and starts the runners. Any error has been printed with what was lacking, and
  /// leaves nothing behind.
  /// - kNoMemory: the board has no room. - kUnsupported: a session without link or authenticator.
  Status boot();

  /// Reads a program into the memory of programs and hands it over to control, for the next play; a
  /// running one goes on. An answer with `number` (0: none) says whether it can be played.
  /// What is wrong with it is printed, with its place. Errors: as Programs::load().
  Status load(std::string_view source, std::uint32_t number = 0);

  /// Sends a command to control; an emergency stop takes effect beside the bus first.
  /// - kTimeout: the bus had no room for kSubmitPatience; without a Waiter kNoMemory, at once.
  Status submit(const Command& command);
  static constexpr Micros kSubmitPatience = seconds(1);

  /// The oldest answer not yet taken; the newest few are kept.
  [[nodiscard]] bool take(Answer& answer);
  /// The newest snapshot, if it was not yet taken.
  [[nodiscard]] bool take(PlayerSnapshot& snapshot);
  [[nodiscard]] bool take(Incident& incident);

  /// Outputs safe at the next instant, whatever else hangs; holds until a kRelease.
  void emergency_stop();
  /// Outputs safe, written from here: the last act of a program that ends.
  Status make_safe();

  /// Ends playing, all runners, and with them all uses of the ports; outputs are safe then, or the
  /// error says that they could not be written. Gives all memory back.
  Status shut_down();

  // For those that are given to it as services, and for tests: valid between boot() and
  // shut_down().
  bus::Bus& bus();
  Memory& memory();
  MemoryReporter& reporter();
  /// Context: the control half, as in ControlObserver.
  Engine& engine();
  Lockstep* lockstep();
};

}  // namespace takt::firmware
