// SPDX-License-Identifier: Apache-2.0
// The control half in a thread of its own, so that a slow terminal cannot starve playback.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "takt/app/playback/halves.h"
#include "takt/core/engine/engine.h"
#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/last_acts.h"
#include "tools/play/engine_orders.h"
#include "tools/play/script.h"

namespace takt {

/// Feeds an engine at its deadlines, carries out a script, and stops the engine when a signal came
/// (see Interrupt). All other use of the engine's control half goes through with(), which takes
/// turns with the thread.
class ControlThread {
 public:
  /// All must outlive it. `origin` is when the program starts.
  ControlThread(EngineOrders& orders, Runner& realtime, const LinuxClock& clock, Script& script)
      : engine_(orders.engine()),
        orders_(orders),
        half_(engine_, realtime),
        clock_(clock),
        script_(script) {}
  ~ControlThread() { stop(); }
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  void start() {
    thread_ = std::thread{[this] { loop(); }};
  }
  void stop();

  /// Calls `use(engine, now)` while nobody else uses the engine; both halves run right after.
  template <typename Use>
  auto with(Use&& use) {
    const std::lock_guard lock{mutex_};
    poked_ = true;
    changed_.notify_one();
    return use(engine_, clock_.now());
  }
  /// The same for a look that changes nothing.
  template <typename Use>
  auto look(Use&& use) {
    const std::lock_guard lock{mutex_};
    return use(engine_, clock_.now());
  }

  /// What the engine said to the script's commands, a line each. Forgets it.
  std::vector<std::string> take_said();

 private:
  /// The engine has to be asked at least this often, in real time, because a fault of the realtime
  /// half wakes nobody.
  static constexpr int kLongestWaitMs = 20;

  void loop();

  Engine& engine_;
  EngineOrders& orders_;
  ControlHalf half_;
  const LinuxClock& clock_;
  Script& script_;
  std::array<std::byte, LastAct::kStackBytes> fault_stack_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool poked_ = false;
  bool stopping_ = false;
  std::vector<std::string> said_;
};

}  // namespace takt
