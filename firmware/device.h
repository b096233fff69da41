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
#include "takt/app/bus/module_loop.h"
#include "takt/app/control/control.h"
#include "takt/app/control/joint.h"
#include "takt/app/control/programs.h"
#include "takt/app/control/solo.h"
#include "takt/app/metrics/memory_report.h"
#include "takt/app/playback/halves.h"
#include "takt/core/bus/consumer.h"
#include "takt/core/bus/registry.h"
#include "takt/core/bus/sizing.h"
#include "takt/firmware/ports.h"

namespace takt::firmware {

/// A queue of a service: `subscribe` is what it listens to.
struct Listening {
  bus::QueueOptions options;
  Status (*subscribe)(bus::Registry& registry, bus::QueueRecord& queue);
};

/// For Listening: `&listen_to<kAnswers>`.
template <const auto& kTopic>
Status listen_to(bus::Registry& registry, bus::QueueRecord& queue) {
  return registry.subscribe(queue, kTopic);
}

/// A module that the device runs in its services' task, and what it listens to.
struct Service {
  bus::Module* module = nullptr;
  bus::ModuleOptions options;
  std::span<const Listening> queues{};
};

struct DeviceConfig {
  const Board* board = nullptr;
  const TextForms* text = &kJson;  ///< Null: it reads compiled programs alone, and links no JSON.
  /// Any message may go to all, and four may be under way to each.
  bus::Sizing sizing{.fanout_milli = 1'000, .concurrency_milli = 4'000};
  std::span<const Service> services{};  ///< Beside the device's own.
  std::span<Work* const> works{};       ///< Run in the services' task, too.
  /// The largest program that it can play.
  EngineNeeds largest = needs_of_all();
  SideSet sides = kBothSides;
  Micros tolerance = EngineConfig{}.tolerance;
  Micros lead = millis(10);        ///< From a play to the beginning of its run.
  Micros heartbeat = seconds(60);  ///< Between two lines `[Mem] hb`.
  /// Plays together with others, by Ports::link() and Ports::authenticator().
  std::optional<LockstepConfig> session{};
  OutputObserver* outputs = nullptr;
  ControlObserver* control = nullptr;

  /// Of any program with up to `cursors` components in a phase: three times what the largest known
  /// machine has.
  static EngineNeeds needs_of_all(std::size_t cursors = 32);
};

/// Control, bus, memory with tags and tripwire, watchdog and tasks of one device.
///
/// Life.     boot(), then load() and submit() as often as wanted, then shut_down(); once. After
///           boot() core allocates nothing; programs come and go in their own memory.
/// Context.  load(), submit() and take(): one task at a time, not that of a service; they may wait.
///           emergency_stop(): any. All else: the main loop.
class Device {
 public:
  /// Both outlive it.
  Device(Ports& ports, const DeviceConfig& config);
  /// Shuts down.
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// Makes everything and starts the runners. Any error has been printed with what was lacking, and
  /// leaves nothing behind.
  /// - kNoMemory: the board has no room. - kUnsupported: a session without link or authenticator.
  /// - kIo: a runner could not be started.
  Status boot();

  /// Reads a program into the memory of programs and hands it over to control, for the next play; a
  /// running one goes on. An answer with `number` (0: none) says whether it can be played.
  /// What is wrong with it has been printed, with its place. Errors: as Programs::load().
  Status load(std::string_view source, std::uint32_t number = 0);

  /// Sends a command to control; an emergency stop takes effect beside the bus first.
  /// - kTimeout: the bus had no room for kSubmitPatience.
  Status submit(const Command& command);
  static constexpr Micros kSubmitPatience = seconds(1);

  /// Takes the oldest answer or incident that was not taken, of the newest few; or the newest
  /// snapshot.
  [[nodiscard]] bool take(Answer& answer) { return take_from(answers_, kAnswers, answer); }
  [[nodiscard]] bool take(Incident& incident) {
    return take_from(incidents_, kIncidents, incident);
  }
  [[nodiscard]] bool take(PlayerSnapshot& snapshot) {
    return take_from(snapshots_, kPlayer, snapshot);
  }

  /// Makes outputs safe at the next instant, whatever else hangs. Holds until a kRelease.
  void emergency_stop();
  /// The same, but writes the outputs from here: the last act of a program that ends. Context: any,
  /// as far as the output bank allows.
  Status make_safe();

  /// Ends playing and all runners, and with them all use of the ports. Gives all memory back.
  /// - kIo: the outputs may be on.
  Status shut_down();

  // Valid between boot() and shut_down(); memory() to the end.
  bus::Bus& bus() { return *bus_; }
  const bus::Registry& registry() const { return *registry_; }
  const bus::Pool& pool() const { return *pool_; }
  Memory& memory() { return *memory_; }
  MemoryReporter& reporter() { return *reporter_; }
  /// Context: the control half, as ControlObserver has it. Null: it plays alone.
  Engine& engine() { return *engine_; }
  Lockstep* lockstep() { return lockstep_ ? &*lockstep_ : nullptr; }

 private:
  /// Prints lines, and publishes events once there is a bus.
  class Sink final : public MemorySink {
   public:
    explicit Sink(Ports& ports) : ports_(ports) {}
    void publish_by(MemorySink* publisher) { publisher_ = publisher; }
    void line(std::string_view text) override;
    void event(const MemoryEvent& event) override;

   private:
    Ports& ports_;
    MemorySink* publisher_ = nullptr;
  };
  /// Waits as the board does, and makes every wake a run of all ordinary works.
  class Nudge final : public Waiter {
   public:
    explicit Nudge(Ports& ports) : ports_(ports) {}
    bool wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
              LocalTime deadline) override;
    void wake(const std::atomic<std::uint32_t>& word) override;
    void nap() override;

   private:
    Ports& ports_;
  };
  /// Looks at memory with every heartbeat.
  class Heartbeat final : public bus::Module {
   public:
    explicit Heartbeat(MemoryReporter& reporter) : reporter_(reporter) {}
    void process(const bus::Message& /*message*/) override {}
    void step(LocalTime planned, LocalTime now, std::uint32_t missed) override;

   private:
    MemoryReporter& reporter_;
  };
  /// The queue of a module that no task runs: the root takes its messages.
  struct Mailbox final : bus::Module {
    void process(const bus::Message& /*message*/) override {}
    bus::Consumer consumer;
  };
  /// Several works in one runner.
  class Turns final : public Work {
   public:
    static constexpr std::size_t kMost = 8;
    void add(Work& work);
    LocalTime run(LocalTime now) override;

   private:
    std::array<Work*, kMost> works_{};
    std::size_t count_ = 0;
  };
  struct Tags {
    Tag stack, player, program, bus, sync;
  };
  /// The traffic that the bus of this device is made for.
  struct BusNeeds {
    std::uint32_t queues = 0;
    std::size_t bytes = 0;
    void add(const bus::ModuleOptions& module);
    void add(const bus::QueueOptions& queue);
  };
  enum class State : std::uint8_t { kNew, kRunning, kOver };

  Status make_all();
  Status make_memory();
  Status charge_stacks();
  Status make_playback();
  Status make_driver();
  Status make_bus();
  Status make_pool(std::uint32_t entries);
  Status make_modules(LocalTime now);
  Status add_mailbox(Mailbox& mailbox, const char* name, const Listening& listening);
  Status add_service(const Service& service, LocalTime now);
  Status start_runners();
  std::byte* take_block(std::string_view what, std::size_t bytes, Placement placement, Tag tag);
  void say_lack(std::string_view what, std::size_t bytes, std::size_t largest);
  void say_why(Status status);
  void give_all_back();

  template <bus::Payload P>
  bool take_from(Mailbox& mailbox, bus::Topic<P> topic, P& value) {
    const bus::Delivery delivery = mailbox.consumer.take(ports_.clock().now());
    const P* const payload = delivery ? delivery.message().get(topic) : nullptr;
    if (payload != nullptr) value = *payload;
    return payload != nullptr;
  }

  Ports& ports_;
  const DeviceConfig config_;
  State state_ = State::kNew;

  std::optional<Memory> own_memory_;
  std::optional<TaskTable> own_tasks_;
  Memory* memory_ = nullptr;
  TaskTable* tasks_ = nullptr;
  Tags tags_;
  Sink console_;  ///< For lines alone.
  Sink sink_;
  std::optional<MemoryReporter> reporter_;
  /// Everything that was taken at boot: a stack for each task, and four parts of core.
  std::array<std::span<std::byte>, TaskTable::kMaxTasks + 4> blocks_;
  std::size_t block_count_ = 0;

  Nudge nudge_;
  std::optional<Programs> programs_;
  std::optional<Engine> engine_;
  std::optional<RealtimeHalf> realtime_;
  std::optional<Wiring> wiring_;
  std::optional<bus::Pool> pool_;
  std::optional<bus::Bus> bus_;
  std::optional<bus::Registry> registry_;
  std::optional<MemoryPublisher> publisher_;
  std::optional<Lockstep> lockstep_;
  std::optional<LockstepHalf> lockstep_half_;
  std::optional<Joint> joint_;
  std::optional<Solo> solo_;
  std::optional<Control> control_;
  std::optional<Heartbeat> heartbeat_;
  std::optional<bus::Executor> executor_;
  std::optional<ModulesWork> modules_;
  Mailbox answers_;
  Mailbox snapshots_;
  Mailbox incidents_;
  Turns ordinary_;
  Turns services_;
};

}  // namespace takt::firmware
