// SPDX-License-Identifier: Apache-2.0
// A device of a session as a process of Linux.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "takt/app/playback/halves.h"
#include "takt/app/playback/hosted_engine.h"
#include "takt/app/playback/lockstep_half.h"
#include "takt/ports/linux/gpio_bank.h"
#include "takt/ports/linux/pairing.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/linux/udp_link.h"
#include "takt/ports/linux/watchdog.h"
#include "takt/ports/virtual/output_bank.h"
#include "tools/cli/order_input.h"
#include "tools/device/options.h"
#include "tools/device/output_log.h"
#include "tools/device/recorder.h"
#include "tools/device/shelf.h"
#include "tools/play/lost_pulses.h"

namespace takt {

/// What a device reports when it ends.
struct NodeReport {
  sync::PeerStatus peers;
  std::string_view reason;  ///< Why it did not play; "none" if it did.
  std::uint64_t edges = 0;  ///< Of this side: times it went on or off.
  std::uint32_t faults = 0;
  std::uint32_t silenced = 0;
  Micros latest;  ///< The largest lateness of an edge.
  std::vector<LostPulses> lost_pulses;
  ShortfallFigures beyond_tolerance;
  std::uint32_t withheld = 0;  ///< Edges that a rule of the program made wait.
  Program program;             ///< The program that was played last, which has those outputs.
  std::uint64_t unsent = 0;    ///< Datagrams that the link did not take.
  std::uint64_t dropped = 0;   ///< Datagrams that it dropped on arrival.
};

/// Both halves of a device in threads of their own, the link to its peers, and a person who gives
/// orders. Throws Failure for faults of the world; outputs are off then.
class DeviceNode {
 public:
  /// `program` may be null: then other devices have it. `life`: see sync::PeerConfig.
  DeviceNode(const DeviceOptions& options, const Timeline* program, std::uint32_t life,
             const std::string& folder);
  ~DeviceNode() { stop_threads(); }
  DeviceNode(const DeviceNode&) = delete;
  DeviceNode& operator=(const DeviceNode&) = delete;

  /// Runs until it is told to quit, by an order or a signal.
  void run();

  NodeReport report();

 private:
  /// Tells the record which datagrams arrive.
  class HearingLink final : public DatagramLink {
   public:
    HearingLink(DatagramLink& link, Recorder& recorder) : link_(link), recorder_(recorder) {}
    Status send(std::uint32_t to, std::span<const std::byte> bytes) override {
      return link_.send(to, bytes);
    }
    std::size_t receive(std::span<std::byte> bytes, LocalTime& at) override {
      const std::size_t size = link_.receive(bytes, at);
      if (size > 0) recorder_.heard();
      return size;
    }

   private:
    DatagramLink& link_;
    Recorder& recorder_;
  };

  /// The control half, which takes turns with the thread that gives orders.
  class Control final : public Work {
   public:
    explicit Control(DeviceNode& node) : node_(node) {}
    LocalTime run(LocalTime now) override;

   private:
    DeviceNode& node_;
  };

  OutputBank& bank();
  void configure();
  void start_threads();
  void stop_threads();
  Status shut_down();
  void look_on();
  void say_state(const sync::PeerStatus& peers, LocalTime now);
  void warn(const sync::PeerStatus& peers);
  void warn_of_lost();
  void drain_outputs();
  bool wait();
  bool read_orders();
  bool obey(const Order& order);
  void give(const Command& command, LocalTime now);
  bool play(const SettingWish& wish);
  void say_status();
  sync::Reason why_silent(const sync::PeerStatus& peers, LocalTime now) const;
  void keep_starting();
  void say(const std::string& line) const;
  bool is_on(const Levels& levels);

  const DeviceOptions& options_;
  const Timeline* const program_;
  LinuxClock clock_;
  ThreadRunner top_;
  ThreadRunner ordinary_;
  HostedEngine hosted_;
  VirtualOutputBank nowhere_;
  GpioBank chip_;
  std::unique_ptr<LinuxWatchdog> watchdog_;
  OutputLog log_;
  RealtimeHalf realtime_;

  std::mutex mutex_;  ///< Of all below but the link, which has its own.
  Recorder recorder_;
  HostShelf shelf_;
  HostShelf::Title offered_;
  HmacAuthenticator authenticator_;
  UdpLink link_;
  HearingLink hearing_;
  Lockstep lockstep_;
  LockstepHalf half_;
  Control control_;
  Micros latest_;
  ShortfallSum shortfall_;
  std::uint32_t said_lost_ = 0;  ///< Bit i is output i.
  std::uint64_t edges_ = 0;
  std::uint32_t faults_ = 0;
  LocalTime start_again_;

  OrderInput input_;
  std::string said_;  ///< What was said of the state last.
  std::vector<std::string> warned_;
  bool awaits_answer_ = false;  ///< The answer to the order of a person.
  bool on_ = false;
};

}  // namespace takt
