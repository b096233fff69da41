// SPDX-License-Identifier: Apache-2.0
#include "tools/play/play_virtual.h"

#include <fmt/format.h>

#include <algorithm>

#include "takt/app/playback/hosted_engine.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/failure.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/cli/text.h"
#include "tools/play/engine_orders.h"
#include "tools/play/phase_ends.h"
#include "tools/play/play_log.h"

namespace takt {
namespace {

/// Both halves of an engine, the script and the observers, in one loop.
class VirtualPlay {
 public:
  VirtualPlay(const Timeline& timeline, const PlayOptions& options, Script& script,
              TraceWriter* trace)
      : timeline_(timeline),
        hosted_(timeline.program(), {.refill_latency = Micros{0}, .sides = options.sides()},
                options.frames),
        orders_(hosted_.engine()),
        script_(script),
        trace_(trace),
        ledger_(timeline),
        ends_(timeline),
        log_(timeline, people(options.json), options.verbose, options.verbose) {}

  PlayResult run() {
    Engine& engine = hosted_.engine();
    if (engine.load(timeline_) != Status::kOk || engine.start(now_, now_) != Status::kOk) {
      throw Failure{Exit::kNo, "the program cannot be played"};
    }
    script_.start_at(now_);
    do {
      advance();
    } while (control());
    return result();
  }

 private:
  void advance() {
    step_ = hosted_.engine().realtime().advance(now_);
    if (!step_.changed && step_.entry == entry_) return;
    if (step_.entry != entry_) fed_ = now_;  // The control half may have to know at once.
    entry_ = step_.entry;
    ledger_.note(step_.entry, step_.levels, now_);
    if (trace_ == nullptr || !step_.changed) return;
    if (trace_->note(now_ - LocalTime{}, step_.levels) != Status::kOk) {
      throw Failure{Exit::kWorld, trace_->error()};
    }
  }

  /// Goes to the next deadline. False: playing is over.
  bool control() {
    Engine& engine = hosted_.engine();
    if (++rounds_ % kRoundsBetweenLooks == 0) look_around();
    bool acted = false;
    if (now_ >= script_.due()) acted = script_.run(orders_, now_, said_);
    if (acted || now_ >= fed_) {
      fed_ = engine.feed(now_);
      if (collect()) return false;
      advance();  // As after every feed: there may be frames now that were not.
    }
    const LocalTime next = std::min({step_.deadline, fed_, script_.due()});
    const bool paused_for_ever =
        acted && !script_.has_commands() && engine.status(now_).state == EngineState::kPaused;
    if (paused_for_ever || Interrupt::came()) {
      if (!paused_for_ever) signal_ = Interrupt::number();
      static_cast<void>(engine.stop(now_));
      fed_ = now_;
    } else {
      now_ = std::max(next, now_);
    }
    return true;
  }

  /// Takes over what the control half knows. True: the run is over.
  bool collect() {
    Engine& engine = hosted_.engine();
    Fault fault;
    while (engine.take_fault(fault)) faults_.push_back(fault);
    PhaseEnd end;
    while (engine.take_phase_end(end)) note_end(end);
    const EngineStatus status = engine.status(now_);
    log_.note(status, now_ - LocalTime{});
    if (status.end == EndReason::kNone) return false;
    advance();  // The frame of a stop.
    return true;
  }

  void note_end(const PhaseEnd& end) {
    ends_.note(end);
    log_.note_end(end, end.at - LocalTime{});
    if (trace_ == nullptr || end.cause == PhaseEndCause::kPlan) return;
    trace_->remark(sentence_of(end, timeline_.entry(end.entry).phase, timeline_.program()));
  }

  void look_around() {
    const auto whole = static_cast<double>(std::max(timeline_.duration(), Micros{1}).count());
    progress_.show(static_cast<double>(now_.since_zero().count()) / whole,
                   counted(ledger_.edges(), "edge"));
  }

  PlayResult result() {
    progress_.clear();
    for (const std::string& line : said_) fmt::print(stderr, "{}\n", line);
    const EngineStatus status = hosted_.engine().status(now_);
    PlayResult result;
    result.end = status.end;
    if (status.end == EndReason::kStopped) result.signal = signal_;
    result.duration = (status.end == EndReason::kStopped ? now_ : ledger_.since()) - LocalTime{};
    result.edges = ledger_.edges();
    result.phases = ledger_.rows();
    for (std::size_t i = 0; i < result.phases.size(); ++i) {
      result.ends.push_back(ends_.of(i, result.phases[i]));
    }
    result.lost_pulses = lost_pulses_of(hosted_.engine().realtime(), LocalTime{});
    result.withheld = status.withheld;
    result.refills = status.refills;
    result.lateness = status.lateness;
    result.faults = std::move(faults_);
    result.faults_lost = hosted_.engine().realtime().faults_lost();
    return result;
  }

  static constexpr std::uint64_t kRoundsBetweenLooks = 1U << 18U;

  const Timeline& timeline_;
  HostedEngine hosted_;
  EngineOrders orders_;
  Script& script_;
  TraceWriter* const trace_;
  PhaseLedger ledger_;
  PhaseEnds ends_;
  PlayLog log_;
  Progress progress_;
  std::vector<Fault> faults_;
  std::vector<std::string> said_;
  Step step_;
  std::uint32_t entry_ = kIdleEntry;
  LocalTime now_;
  LocalTime fed_;
  std::uint64_t rounds_ = 0;
  int signal_ = 0;  ///< That it was stopped for.
};

}  // namespace

PlayResult play_virtual(const Timeline& timeline, const PlayOptions& options, Script& script,
                        TraceWriter* trace) {
  return VirtualPlay{timeline, options, script, trace}.run();
}

}  // namespace takt
