// SPDX-License-Identifier: Apache-2.0
#include "tools/play/play_live.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "takt/app/playback/hosted_engine.h"
#include "takt/core/playback/pace.h"
#include "takt/ports/api/lateness.h"
#include "takt/ports/linux/gpio_bank.h"
#include "takt/ports/linux/interrupt.h"
#include "takt/ports/linux/thread_runner.h"
#include "takt/ports/linux/watchdog.h"
#include "takt/ports/virtual/output_bank.h"
#include "tools/cli/failure.h"
#include "tools/cli/json_out.h"
#include "tools/cli/order_input.h"
#include "tools/cli/text.h"
#include "tools/play/board_watchdog.h"
#include "tools/play/control_thread.h"
#include "tools/play/engine_orders.h"
#include "tools/play/phase_ends.h"
#include "tools/play/play_log.h"
#include "tools/play/witness.h"
#include "tools/view/terminal_view.h"

namespace takt {
namespace {

/// Between the start of the threads and the first frame, in real time.
constexpr std::int64_t kLeadUs = 20'000;
constexpr int kRedrawMs = 50;
constexpr std::int64_t kLaneCellUs = 100'000;  ///< In real time.
/// How much later than its own time a change of the outputs is known of here, at most.
constexpr std::int64_t kToldUs = 100'000;
/// How long the two halves may take for a command.
constexpr int kCommandMs = 100;

Micros scaled(std::int64_t real_us, double speed) {
  return Micros{
      std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(real_us) * speed))};
}

class LivePlay {
 public:
  LivePlay(const std::string& title, const Timeline& timeline, const PlayOptions& options,
           Script& script, TraceWriter* trace)
      : timeline_(timeline),
        options_(options),
        trace_(trace),
        output_(::fileno(people(options.json))),
        clock_(options.speed),
        runner_(clock_,
                options.precise ? ThreadRunner::Mode::kPrecise : ThreadRunner::Mode::kSleep),
        hosted_(timeline.program(),
                {.refill_latency = scaled(kTaskLateness.count(), options.speed),
                 .look_ahead = scaled(2 * kTaskLateness.count(), options.speed),
                 .sides = options.sides(),
                 .lateness = scaled(kThreadLateness.count(), options.speed),
                 .tolerance = scaled(options.tolerance().count(), options.speed)},
                options.frames),
        orders_(hosted_.engine()),
        chip_(options.chip),
        watchdog_(open_watchdog(options.watchdog)),
        witness_(hosted_.engine().realtime(), bank(), timeline, watchdog_.get()),
        control_(orders_, runner_, clock_, script),
        script_(script),
        ends_(timeline),
        log_(timeline, people(options.json), !Terminal::is_terminal(output_),
             options.verbose && !Terminal::is_terminal(output_)),
        view_(title, timeline, options.speed, scaled(kLaneCellUs, options.speed)) {}

  ~LivePlay() { static_cast<void>(end()); }
  LivePlay(const LivePlay&) = delete;
  LivePlay& operator=(const LivePlay&) = delete;

  PlayResult run() {
    load();
    configure();
    start();
    follow();
    const Status safe = end();
    drain();
    if (safe == Status::kOk) return result();
    throw Failure{Exit::kWorld, "the outputs could not be switched off"};
  }

 private:
  /// Nothing plays any more, and the outputs are off. Any error: they may be on.
  Status end() {
    if (ended_) return Status::kOk;
    ended_ = true;
    const Status stopped = control_.with([](Engine& e, LocalTime now) { return e.stop(now); });
    control_.stop();
    runner_.stop();
    // Where the machine is so busy that the realtime half has not seen the end yet, it does now, so
    // that the trace has it too.
    if (stopped != Status::kBusy) static_cast<void>(witness_.run(clock_.now()));
    const Status safe = bank().apply({});
    end_watchdog(watchdog_.get(), safe == Status::kOk);
    return safe;
  }

  OutputBank& bank() {
    if (options_.chip.empty()) return nowhere_;
    return chip_;
  }

  void load() {
    const Status status = hosted_.engine().load(timeline_);
    if (status == Status::kOk) return;
    if (status != Status::kTooFast) {
      throw Failure{Exit::kNo, fmt::format("the program cannot be played: {}", name_of(status))};
    }
    const Pace pace = densest(timeline_, scaled(kTaskLateness.count(), options_.speed));
    std::uint64_t frames = Window::kMinFrames;
    while (frames / 2 < pace.frames) frames *= 2;
    std::string advice = "play it slower";
    if (frames <= Window::kMaxFrames) advice = fmt::format("use --window {}", frames);
    throw Failure{
        Exit::kNo,
        fmt::format("the program is too fast: up to {} fall into {} ms of real time, "
                    "within which only half of the window of {} is sure to be refilled; {}",
                    counted(pace.frames, "frame"), kTaskLateness / millis(1), options_.frames,
                    advice)};
  }

  void configure() {
    const Program& program = timeline_.program();
    std::vector<PinConfig> pins(program.outputs.size());
    describe_pins(program, pins);
    if (options_.chip.empty()) {
      // Nothing is driven, so no pin can be wrong.
      for (PinConfig& pin : pins) pin.pin = -1;
    }
    if (bank().configure(pins) == Status::kOk) return;
    throw Failure{Exit::kWorld, chip_.error()};
  }

  void start() {
    if (runner_.start(witness_) != Status::kOk) {
      throw Failure{Exit::kWorld, "the realtime thread could not be started"};
    }
    for (const std::string& line : runner_.refusals()) fmt::print(stderr, "note: {}\n", line);
    const LocalTime now = clock_.now();
    origin_ = now + scaled(kLeadUs, options_.speed);
    script_.start_at(origin_);
    const Status started = hosted_.engine().start(origin_, now);
    if (started != Status::kOk) {
      throw Failure{Exit::kNo, fmt::format("the program cannot start: {}", name_of(started))};
    }
    control_.start();
  }

  /// Until the end: looks on, and passes wishes on.
  void follow() {
    const bool shows = Terminal::is_terminal(output_);
    if (shows) terminal_.emplace(output_);
    for (;;) {
      drain();
      const EngineStatus status = look();
      log_.note(status, clock_.now() - origin_);
      if (terminal_) draw(status);
      if (status.end != EndReason::kNone) break;
      wait();
      if (Interrupt::take_stop()) suspend();
      if (Interrupt::came()) stop();
      if (options_.chip.empty() || chip_.is_guarded()) continue;
      throw Failure{Exit::kWorld, "the guardian of the GPIO lines is gone, so this ends"};
    }
    terminal_.reset();
    static_cast<void>(await_safe());
    for (const std::string& line : control_.take_said()) fmt::print(stderr, "{}\n", line);
  }

  /// Gives the realtime half time to take the frame that ends or pauses the run.
  bool await_safe() {
    const Player& player = hosted_.engine().realtime();
    for (int ms = 0; ms < kCommandMs; ++ms) {
      if (player.entry() == kIdleEntry || player.entry() == kEndEntry) return true;
      ::poll(nullptr, 0, 1);
    }
    return false;
  }

  /// Until the engine can take the command.
  Answer give(const Command& command) {
    // Beside all queues and locks: nothing may hold it up.
    if (command.kind == Command::Kind::kEmergencyStop) {
      hosted_.engine().request_emergency_stop();
      runner_.wake();
    }
    Answer answer{.status = Status::kBusy};
    for (int ms = 0; ms < kCommandMs && answer.status == Status::kBusy; ++ms) {
      if (ms > 0) ::poll(nullptr, 0, 1);
      answer = control_.with(
          [this, &command](Engine&, LocalTime now) { return orders_.take(command, now); });
    }
    const bool stopped = command.kind == Command::Kind::kStop && answer.status == Status::kOk;
    asked_to_stop_ = asked_to_stop_ || stopped;
    return answer;
  }

  /// Stops this process, as was wished; not before the outputs are off, for they stay as they are.
  void suspend() {
    if (watchdog_ != nullptr) return say("not stopped: the watchdog would reset the board");
    const Status paused = give({.kind = Command::Kind::kPause}).status;
    if (await_safe() && bank().apply({}) == Status::kOk) {
      const bool showed = terminal_.has_value();
      terminal_.reset();
      say("paused, with all outputs off, until this process goes on (fg)");
      Interrupt::stop_now();
      if (showed && Terminal::is_terminal(output_)) terminal_.emplace(output_);
      say("this process goes on");
    } else {
      say("not stopped: the outputs could not be switched off");
    }
    if (paused != Status::kOk) return;  // A person had paused it, or it is over.
    static_cast<void>(give({.kind = Command::Kind::kResume}));
  }

  /// The live view has no room for it.
  void say(const char* line) {
    if (!terminal_) static_cast<void>(std::fprintf(stderr, "%s\n", line));
  }

  EngineStatus look() {
    std::vector<PhaseEnd> ends;
    EngineStatus status = control_.look([this, &ends](Engine& engine, LocalTime now) {
      Fault fault;
      while (engine.take_fault(fault)) faults_.push_back(fault);
      PhaseEnd end;
      while (engine.take_phase_end(end)) ends.push_back(end);
      return engine.status(now);
    });
    for (const PhaseEnd& end : ends) note_end(end);
    status.lateness = in_real_time(status.lateness);
    return status;
  }

  void note_end(const PhaseEnd& end) {
    ends_.note(end);
    log_.note_end(end, std::max(Micros{0}, end.at - origin_));
    if (trace_ == nullptr || end.cause == PhaseEndCause::kPlan) return;
    trace_->remark(sentence_of(end, timeline_.entry(end.entry).phase, timeline_.program()));
  }

  void draw(const EngineStatus& status) {
    terminal_->show(view_.draw(status, std::max(Micros{0}, clock_.now() - origin_),
                               terminal_->size(), terminal_->utf8()));
  }

  void wait() {
    const int input = terminal_ ? STDIN_FILENO : input_.descriptor();
    pollfd events[] = {{Interrupt::descriptor(), POLLIN, 0}, {input, POLLIN, 0}};
    if (::poll(events, 2, kRedrawMs) <= 0 || events[1].revents == 0) return;
    if (!terminal_) return read_orders();
    if ((events[1].revents & (POLLHUP | POLLERR)) != 0) stop();
    if ((events[1].revents & POLLIN) == 0) return;
    for (const char key : terminal_->read_keys()) press(key);
  }

  void press(char key) {
    const EngineState state =
        control_.look([](Engine& engine, LocalTime now) { return engine.status(now).state; });
    const Verb* const verb = verb_of_key(key, keys_in(state));
    // What does not apply now is not worth a word on a key.
    if (verb != nullptr) static_cast<void>(obey({verb->order, {.kind = verb->command}}));
  }

  void read_orders() {
    input_.read();
    const auto complain = [this](const std::string& fault) { say(fault.c_str()); };
    while (const std::optional<Order> order = input_.take(complain)) {
      say(obey(*order).c_str());
    }
  }

  /// What there is to say about it.
  std::string obey(const Order& order) {
    Command command = order.command;
    switch (order.kind) {
      case Order::Kind::kHelp: return orders_for_people();
      case Order::Kind::kStatus: return sentence_of(look(), timeline_);
      case Order::Kind::kQuit: command = {.kind = Command::Kind::kStop}; break;
      case Order::Kind::kCommand: break;
    }
    return std::string{text_of(give(command)).view()};
  }

  void stop() {
    static_cast<void>(control_.with([](Engine& e, LocalTime now) { return e.stop(now); }));
  }

  /// Takes over what the outputs did.
  void drain() {
    Witness::Change change;
    while (witness_.take(change)) {
      const Micros at = std::max(Micros{0}, change.at - origin_);
      view_.note(at, change.levels);
      if (trace_ == nullptr || trace_->note(at, change.levels) == Status::kOk) continue;
      fail_trace();
    }
    if (trace_ == nullptr || ended_) return;
    const Micros told = clock_.now() - origin_ - scaled(kToldUs, options_.speed);
    if (trace_->pass(told) != Status::kOk) fail_trace();
  }

  void fail_trace() {
    if (trace_error_.empty()) stop();
    trace_error_ = trace_->error();
  }

  PlayResult result() {
    if (!trace_error_.empty()) throw Failure{Exit::kWorld, trace_error_};
    if (witness_.lost() > 0 && trace_ != nullptr) {
      throw Failure{Exit::kWorld, fmt::format("{} are missing from the trace: the file is too slow",
                                              counted(witness_.lost(), "change"))};
    }
    const EngineStatus status = look();
    const PhaseLedger& ledger = witness_.ledger();
    PlayResult result;
    result.end = status.end;
    if (status.end == EndReason::kStopped && !asked_to_stop_) result.signal = Interrupt::number();
    result.duration = std::max(Micros{0}, ledger.since() - origin_);
    result.edges = ledger.edges();
    result.phases = ledger.rows();
    for (std::size_t i = 0; i < result.phases.size(); ++i) {
      result.ends.push_back(ends_.of(i, result.phases[i]));
    }
    result.lost_pulses = lost_pulses_of(hosted_.engine().realtime(), origin_);
    if (timeline_.program().pattern != nullptr) {
      result.beyond_tolerance = status.beyond_tolerance;
      result.beyond_tolerance.first = LocalTime{status.beyond_tolerance.first - origin_};
    }
    result.withheld = status.withheld;
    result.refills = status.refills;
    result.lateness = status.lateness;
    for (Fault& fault : faults_) fault.at = LocalTime{fault.at - origin_};
    result.faults = std::move(faults_);
    result.faults_lost = hosted_.engine().realtime().faults_lost();
    return result;
  }

  LatenessFigures in_real_time(LatenessFigures figures) const {
    for (Micros* const value : {&figures.p50, &figures.p99, &figures.max}) {
      *value =
          Micros{static_cast<std::int64_t>(static_cast<double>(value->count()) / options_.speed)};
    }
    return figures;
  }

  const Timeline& timeline_;
  const PlayOptions& options_;
  TraceWriter* const trace_;
  const int output_;
  LinuxClock clock_;
  ThreadRunner runner_;
  HostedEngine hosted_;
  EngineOrders orders_;
  VirtualOutputBank nowhere_;
  GpioBank chip_;
  std::unique_ptr<LinuxWatchdog> watchdog_;
  Witness witness_;
  ControlThread control_;
  Script& script_;
  PhaseEnds ends_;
  PlayLog log_;
  TerminalView view_;
  std::optional<Terminal> terminal_;
  LocalTime origin_;
  std::vector<Fault> faults_;
  std::string trace_error_;
  OrderInput input_;
  bool asked_to_stop_ = false;  ///< By a key or an order.
  bool ended_ = false;
};

}  // namespace

PlayResult play_live(const std::string& title, const Timeline& timeline, const PlayOptions& options,
                     Script& script, TraceWriter* trace) {
  // The witness's queue is too large for a stack.
  return std::make_unique<LivePlay>(title, timeline, options, script, trace)->run();
}

}  // namespace takt
