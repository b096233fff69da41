// SPDX-License-Identifier: Apache-2.0
#include "tools/device/node.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "takt/app/control/driver.h"
#include "takt/core/program/bilateral_rules.h"
#include "takt/core/sync/link_kind.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/failure.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/play/board_watchdog.h"

namespace takt {
namespace {

/// How late the control thread may come, at worst: as late as edges, if that is more than on an
/// ordinary machine, up to where changes still come in time.
constexpr Micros kLongestRefillLatency = millis(100);
/// A fault of the realtime half wakes nobody, so the control half asks that often.
constexpr Micros kLongestWait = millis(20);
constexpr int kLookMs = 20;
constexpr const char* kStillOn = "the outputs could not be switched off";
constexpr const char* kUnguarded = "the guardian of the GPIO lines is gone, so this ends";
constexpr const char* kNotStopped =
    "a device is not stopped, lest its outputs stay on; order it to stop or quit";

Micros micros(double value, double unit_us) {
  return Micros{static_cast<std::int64_t>(value * unit_us)};
}

/// For any program of two sides.
EngineNeeds needs_of_all() {
  EngineNeeds needs;
  needs.analog_outputs = kMaxAnalogOutputs;
  needs.guarded_outputs = kMaxOutputs;
  needs.interlocks = kMaxInterlocks;
  needs.patterns = 1;
  return needs;
}

LockstepConfig config_of(const DeviceOptions& options, std::uint32_t life) {
  LockstepConfig config;
  config.peer.id = options.number();
  config.peer.life = life;
  config.peer.side = options.side_number();
  config.peer.peers = options.peers.size();
  config.peer.pace = sync::pace_of(*sync::link_named(options.link));
  config.peer.takeover = micros(options.takeover_s, 1e6);
  config.peer.holdover = micros(options.holdover_s, 1e6);
  if (options.guard == "strict") config.guard = Guard::kStrict;
  if (options.guard == "typical") config.guard = Guard::kTypical;
  config.peer.wait_for_offline = options.wait_for_offline;
  config.alarm_latency = micros(options.late_ms, 1e3);
  return config;
}

EngineConfig engine_config_of(const DeviceOptions& options) {
  const Micros late =
      std::clamp(micros(options.late_ms, 1e3), kTaskLateness, kLongestRefillLatency);
  return {.refill_latency = late,
          .look_ahead = late * 2,
          .sides = static_cast<SideSet>(1U << options.side_number()),
          .lateness = micros(options.late_ms, 1e3),
          .tolerance = micros(options.tolerance_ms, 1e3)};
}

PairingKey key_of(const std::string& code) {
  const Result<PairingKey> key = pairing_key_of(code);
  if (key.ok()) return key.value();
  throw Failure{Exit::kWords,
                fmt::format("a pairing code has {} characters at least", kMinPairingCode)};
}

double speed_of(const DeviceOptions& options) { return 1 + options.ppm * 1e-6; }

}  // namespace

DeviceNode::DeviceNode(const DeviceOptions& options, const Timeline* program, std::uint32_t life,
                       const std::string& folder)
    : options_(options),
      program_(program),
      clock_(speed_of(options)),
      top_(clock_, options.precise ? ThreadRunner::Mode::kPrecise : ThreadRunner::Mode::kSleep),
      ordinary_(clock_, ThreadRunner::Mode::kOrdinary),
      hosted_(needs_of_all(), engine_config_of(options)),
      chip_(options.chip),
      watchdog_(open_watchdog(options.watchdog)),
      log_(bank()),
      realtime_(hosted_.engine().realtime(), log_, watchdog_.get()),
      recorder_(clock_, speed_of(options)),
      shelf_(folder),
      authenticator_(key_of(options.code)),
      link_(clock_),
      hearing_(link_, recorder_),
      lockstep_(config_of(options, life), hosted_.engine(), shelf_, authenticator_, clock_.now()),
      half_(lockstep_, hearing_, clock_, top_),
      control_(*this) {
  if (program == nullptr) return;
  if (program->program().pattern == nullptr) {
    throw Failure{Exit::kNo, "devices play programs for two sides together; this one has none"};
  }
  offered_ = shelf_.add(*program);
}

OutputBank& DeviceNode::bank() {
  if (options_.chip.empty()) return nowhere_;
  return chip_;
}

void DeviceNode::run() {
  configure();
  start_threads();
  try {
    while (wait() && !Interrupt::came()) look_on();
  } catch (...) {
    if (shut_down() != Status::kOk) say(kStillOn);
    throw;
  }
  const Status safe = shut_down();
  look_on();
  if (recorder_.write(true) != Status::kOk) throw Failure{Exit::kWorld, recorder_.error()};
  if (safe != Status::kOk) throw Failure{Exit::kWorld, kStillOn};
}

/// Ends playing, here and elsewhere. Any error: outputs may be on.
Status DeviceNode::shut_down() {
  {
    const std::lock_guard lock{mutex_};
    lockstep_.stop(clock_.now());
  }
  control_.run(clock_.now());  // The word goes out.
  stop_threads();
  realtime_.run(clock_.now());  // The record shows outputs off before anything else does it.
  const Status safe = bank().apply({});
  end_watchdog(watchdog_.get(), safe == Status::kOk);
  return safe;
}

void DeviceNode::configure() {
  if (!options_.chip.empty()) {
    const Program& program = program_->program();
    std::vector<PinConfig> pins(program.outputs.size());
    describe_pins(program, pins);
    if (chip_.configure(pins) != Status::kOk) throw Failure{Exit::kWorld, chip_.error()};
    shelf_.wire(program);
  }
  if (!options_.record.empty() &&
      recorder_.open(options_.record, options_.side_number()) != Status::kOk) {
    throw Failure{Exit::kWorld, recorder_.error()};
  }
}

void DeviceNode::start_threads() {
  const Status opened = link_.open(options_.listen, options_.peers, ordinary_);
  if (opened != Status::kOk) {
    throw Failure{opened == Status::kOutOfRange ? Exit::kWords : Exit::kWorld, link_.error()};
  }
  if (top_.start(realtime_) != Status::kOk || ordinary_.start(control_) != Status::kOk) {
    throw Failure{Exit::kWorld, "a thread could not be started"};
  }
  for (const std::string& line : top_.refusals()) say("note: " + line);
  say(fmt::format("device {}, {} side, listens on port {}", options_.number(), options_.side(),
                  link_.port()));
}

void DeviceNode::stop_threads() {
  ordinary_.stop();
  link_.close();
  top_.stop();
}

LocalTime DeviceNode::Control::run(LocalTime now) {
  const std::lock_guard lock{node_.mutex_};
  const LocalTime due = node_.half_.run(now);
  Engine& engine = node_.hosted_.engine();
  node_.latest_ = std::max(node_.latest_, engine.realtime().lateness().max);
  node_.shortfall_.note(engine.realtime());
  node_.recorder_.note(node_.lockstep_, engine, node_.latest_, node_.shortfall_.lost(), now);
  return std::min(due, now + kLongestWait);
}

/// False: told to quit.
bool DeviceNode::wait() {
  pollfd events[] = {{Interrupt::descriptor(), POLLIN, 0}, {input_.descriptor(), POLLIN, 0}};
  if (::poll(events, 2, kLookMs) <= 0 || events[1].revents == 0) return true;
  return read_orders();
}

bool DeviceNode::read_orders() {
  input_.read();
  const auto complain = [this](const std::string& fault) { say(fault); };
  while (const std::optional<Order> order = input_.take(complain)) {
    if (!obey(*order)) return false;
  }
  return true;
}

bool DeviceNode::obey(const Order& order) {
  {
    const std::lock_guard lock{mutex_};
    switch (order.kind) {
      case Order::Kind::kCommand: give(order.command, clock_.now()); break;
      case Order::Kind::kStatus: say_status(); break;
      case Order::Kind::kHelp: say(orders_for_people()); break;
      case Order::Kind::kQuit: return false;
    }
  }
  ordinary_.wake();
  return true;
}

void DeviceNode::give(const Command& command, LocalTime now) {
  switch (command.kind) {
    case Command::Kind::kSet:
      if (!lockstep_.peer().is_playing()) return say("not done: nothing plays");
      [[fallthrough]];
    case Command::Kind::kPlay:
      awaits_answer_ = play(command.wish);
      if (awaits_answer_ && lockstep_.peer().status(now).role == sync::Role::kListening) {
        say("this waits until the others are there");
      }
      return;
    case Command::Kind::kStop: return lockstep_.stop(now);
    case Command::Kind::kEmergencyStop:
      hosted_.engine().request_emergency_stop();
      top_.wake();
      return lockstep_.emergency_stop(now);
    case Command::Kind::kRelease: return lockstep_.release();
    case Command::Kind::kPause:
    case Command::Kind::kResume:
    case Command::Kind::kSkip:
    case Command::Kind::kSkipTo: return say("not done: devices in step know no pause and no skip");
  }
}

/// Its own program, or the one that was played last. False: said why not.
bool DeviceNode::play(const SettingWish& wish) {
  HostShelf::Title title = offered_;
  const sync::Plan& latest = lockstep_.peer().plan();
  if (latest.revision != 0 && (lockstep_.peer().is_playing() || title.hash == 0)) {
    title = {latest.program, latest.program_bytes};
  }
  const Result<Timeline> timeline = shelf_.find(title.hash);
  if (!timeline.ok()) {
    say("there is no program here yet; order a device to play that has one");
    return false;
  }
  const Program& program = timeline.value().program();
  if (!program.pattern->is_bilateral()) {
    if (!wish.is_empty()) say("this program is a pattern, and has no setting to change");
    if (wish.is_empty()) lockstep_.command(title.hash, title.bytes, {}, clock_.now());
    return wish.is_empty();
  }
  Bilateral setting = program.pattern->score.bilateral;
  if (latest.revision != 0 && latest.program == title.hash) {
    if (const auto shared = lockstep_.setting_by(latest)) setting = shared->setting;
  }
  setting = changed(setting, wish);
  if (const auto refusal = refusal_of(setting, program)) {
    say(fmt::format("{}: {}", refusal->field, refusal->reason));
    return false;
  }
  lockstep_.command(title.hash, title.bytes, setting, clock_.now());
  return true;
}

void DeviceNode::keep_starting() {
  const LocalTime now = clock_.now();
  const sync::Peer& peer = lockstep_.peer();
  if (!options_.start || now < start_again_ || peer.plan().revision != 0) return;
  const sync::PeerStatus peers = peer.status(now);
  if (peers.command_pending) return;
  if (peers.command == sync::Reason::kSameSide && peer.all_on_one_side()) return;
  start_again_ = now + seconds(1);
  if (play({})) ordinary_.wake();
}

void DeviceNode::look_on() {
  if (!options_.chip.empty() && !chip_.is_guarded()) throw Failure{Exit::kWorld, kUnguarded};
  if (Interrupt::take_stop()) say(kNotStopped);
  const std::lock_guard lock{mutex_};
  keep_starting();
  drain_outputs();
  if (recorder_.write(false) != Status::kOk) throw Failure{Exit::kWorld, recorder_.error()};
  Fault fault;
  while (hosted_.engine().take_fault(fault)) {
    // An emergency stop is what somebody wanted.
    faults_ += fault.reason != FaultReason::kEmergencyStop;
    // Before anything was played there is no program whose outputs could be named, nor need be.
    const Timeline* const timeline = hosted_.engine().timeline();
    const Program program = timeline != nullptr ? timeline->program() : Program{};
    say(fmt::format("fault: {}", printable(describe(fault, program).view())));
  }
  if (const std::string error = shelf_.take_error(); !error.empty()) say(error);
  warn_of_lost();
  const LocalTime now = clock_.now();
  const sync::PeerStatus peers = lockstep_.peer().status(now);
  if (awaits_answer_ && !peers.command_pending) {
    awaits_answer_ = false;
    const bool done = peers.command == sync::Reason::kNone;
    say(done ? "done" : fmt::format("not done: {}", name_of(peers.command)));
  }
  warn(peers);
  say_state(peers, now);
}

void DeviceNode::say_state(const sync::PeerStatus& peers, LocalTime now) {
  const sync::Reason reason = why_silent(peers, now);
  const bool playing = lockstep_.playing().revision != 0;
  const std::string state =
      fmt::format("{}, hears {} of {}, {}, {}", name_of(peers.role), peers.heard,
                  options_.peers.size(), peers.settled ? "settled" : "settling",
                  lockstep_.is_held()             ? "held"
                  : reason != sync::Reason::kNone ? name_of(reason)
                  : playing                       ? "playing"
                                                  : "about to play");
  if (state == said_) return;
  said_ = state;
  say(state);
}

/// Of pulses that a stall swallowed; each output once, for how many there are says the status.
void DeviceNode::warn_of_lost() {
  const Timeline* const timeline = hosted_.engine().timeline();
  if (timeline == nullptr) return;
  for (const LostPulses& lost : shortfall_.lost_pulses()) {
    const std::uint32_t bit = 1U << lost.output;
    if ((said_lost_ & bit) != 0) continue;
    said_lost_ |= bit;
    say(sentence_of(lost, timeline->program()));
  }
}

/// Of what no device of a session that is set up well ever hears; each once.
void DeviceNode::warn(const sync::PeerStatus& peers) {
  const auto once = [this](bool is_so, const std::string& line) {
    if (!is_so || std::ranges::find(warned_, line) != warned_.end()) return;
    warned_.push_back(line);
    say(line);
  };
  once(peers.foreign > 0,
       "what comes from a peer is not of this session: is the pairing code the same on all?");
  once(peers.namesakes > 0,
       fmt::format("another device is number {} too{}: give each its own with --id",
                   options_.number(),
                   options_.id == 0 ? fmt::format(", that of the {} side", options_.side()) : ""));
  once(options_.peers.size() == 1 && peers.same_side > 0,
       fmt::format("the other device plays the {} side too: a program whose sides exclude each "
                   "other does not begin",
                   options_.side()));
}

void DeviceNode::say_status() {
  const LocalTime now = clock_.now();
  const sync::PeerStatus peers = lockstep_.peer().status(now);
  const EngineStatus status = hosted_.engine().status(now);
  say(fmt::format(
      "{}; leader {}, clock within {} us (typically {} us), lost {} times, plan {}, "
      "{} edges, {} pulses silenced, {} lost, {} later than the tolerance, {} withheld, at most {} "
      "us late, {} datagrams rejected",
      said_, peers.leader, peers.bound.count(), peers.typical_error.count(), peers.losses,
      peers.revision, edges_, status.silenced, shortfall_.lost(), shortfall_.beyond().count,
      shortfall_.withheld(), latest_.count(), peers.rejected));
}

void DeviceNode::say(const std::string& line) const {
  std::FILE* const to = people(options_.json);
  // Nobody listens any more: no reason to end. What the command ends with says it.
  static_cast<void>(std::fputs((line + '\n').c_str(), to));
  static_cast<void>(std::fflush(to));
}

bool DeviceNode::is_on(const Levels& levels) {
  const Timeline* const timeline = hosted_.engine().timeline();
  if (timeline == nullptr) return false;
  const SideOutputs& side = timeline->program().pattern->sides[options_.side_number()];
  return (side.motor != kNoOutput && levels.is_on(side.motor)) ||
         (side.light != kNoOutput && levels.is_on(side.light));
}

void DeviceNode::drain_outputs() {
  OutputLog::Change change;
  while (log_.take(change)) {
    const bool on = is_on(change.levels);
    if (on == on_) continue;
    on_ = on;
    ++edges_;
    recorder_.switched(on, change.at_ns);
  }
  if (log_.lost() > 0 && recorder_.is_open()) {
    throw Failure{Exit::kWorld, "changes are missing from the record: this thread is too slow"};
  }
}

/// Where all are on one side, nothing comes to be agreed on.
sync::Reason DeviceNode::why_silent(const sync::PeerStatus& peers, LocalTime now) const {
  const sync::Reason reason = lockstep_.reason(now);
  const bool refused = reason == sync::Reason::kNoPlan && peers.command == sync::Reason::kSameSide;
  return refused ? peers.command : reason;
}

NodeReport DeviceNode::report() {
  const LocalTime now = clock_.now();
  NodeReport report;
  report.peers = lockstep_.peer().status(now);
  report.reason = name_of(why_silent(report.peers, now));
  report.edges = edges_;
  report.faults = faults_;
  report.silenced = hosted_.engine().status(now).silenced;
  report.latest = latest_;
  report.lost_pulses = shortfall_.lost_pulses();
  report.beyond_tolerance = shortfall_.beyond();
  report.withheld = shortfall_.withheld();
  if (const Timeline* const timeline = hosted_.engine().timeline()) {
    report.program = timeline->program();
  }
  report.unsent = half_.unsent();
  report.dropped = link_.dropped();
  return report;
}

}  // namespace takt
