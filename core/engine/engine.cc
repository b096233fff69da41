// SPDX-License-Identifier: Apache-2.0
#include "takt/core/engine/engine.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "takt/core/base/assert.h"
#include "takt/core/playback/pace.h"

namespace takt {
namespace {

/// How soon to look again for what the realtime half does within microseconds of being woken.
constexpr Micros kSoon = millis(1);

/// How often to ask whether the end is taken, in parts of the time since it was due: outputs may
/// have to be on for minutes more.
constexpr int kPatience = 16;
constexpr Micros kLatest = seconds(1);

}  // namespace

EngineNeeds EngineNeeds::of(const Program& program, std::size_t frames) {
  EngineNeeds needs;
  needs.frames = frames;
  needs.analog_outputs = program.analog_count();
  for (const Phase& phase : program.phases) {
    needs.cursors = std::max<std::size_t>(needs.cursors, phase.component_count);
  }
  if (InterlockGuard::needed_by(program)) {
    needs.guarded_outputs = program.outputs.size();
    needs.interlocks = program.interlocks.size();
  }
  needs.patterns = program.pattern != nullptr ? 1 : 0;
  return needs;
}

// The parts follow each other in the order of their alignment, so that no gaps arise.
static_assert(alignof(PatternFeeder) >= alignof(PhaseCursor::Slot));
static_assert(alignof(PhaseCursor::Slot) >= alignof(Window::Slot));
static_assert(alignof(Window::Slot) >= alignof(InterlockGuard::History));
static_assert(alignof(InterlockGuard::History) >= alignof(Output));
static_assert(alignof(Output) >= alignof(Interlock));
static_assert(alignof(Interlock) >= alignof(std::uint16_t));

std::size_t EngineNeeds::bytes() const {
  return patterns * sizeof(PatternFeeder) + cursors * sizeof(PhaseCursor::Slot) +
         frames * sizeof(Window::Slot) + guarded_outputs * sizeof(InterlockGuard::History) +
         2 * (guarded_outputs * sizeof(Output) + interlocks * sizeof(Interlock)) +
         frames * analog_outputs * sizeof(std::uint16_t);
}

EngineMemory::EngineMemory(const EngineNeeds& needs, std::span<std::byte> block)
    : analog_outputs(needs.analog_outputs) {
  TAKT_ASSERT(block.size() >= needs.bytes());
  TAKT_ASSERT(reinterpret_cast<std::uintptr_t>(block.data()) % alignof(std::max_align_t) == 0);
  const auto take = [&block]<typename T>(std::span<T>& part, std::size_t count) {
    part = {reinterpret_cast<T*>(block.data()), count};
    std::uninitialized_value_construct(part.begin(), part.end());
    block = block.subspan(count * sizeof(T));
  };
  take(pattern, needs.patterns);
  take(cursors, needs.cursors);
  take(window, needs.frames);
  take(history, needs.guarded_outputs);
  for (std::span<Output>& table : outputs) take(table, needs.guarded_outputs);
  for (std::span<Interlock>& table : interlocks) take(table, needs.interlocks);
  take(analog, needs.frames * needs.analog_outputs);
}

std::string_view name_of(EngineState state) {
  switch (state) {
    case EngineState::kEmpty: return "empty";
    case EngineState::kReady: return "ready";
    case EngineState::kPlaying: return "playing";
    case EngineState::kPaused: return "paused";
    case EngineState::kFault: return "fault";
  }
  return "unknown";
}

std::string_view name_of(EndReason reason) {
  switch (reason) {
    case EndReason::kNone: return "none";
    case EndReason::kFinished: return "finished";
    case EndReason::kStopped: return "stopped";
    case EndReason::kFault: return "fault";
  }
  return "unknown";
}

std::string_view name_of(PhaseEndCause cause) {
  switch (cause) {
    case PhaseEndCause::kPlan: return "plan";
    case PhaseEndCause::kSensor: return "sensor";
    case PhaseEndCause::kTimeout: return "timeout";
    case PhaseEndCause::kSkip: return "skip";
    case PhaseEndCause::kJump: return "jump";
    case PhaseEndCause::kStop: return "stop";
    case PhaseEndCause::kFault: return "fault";
  }
  return "unknown";
}

Engine::Engine(const EngineMemory& memory, const EngineConfig& config)
    : memory_(memory),
      config_(config),
      window_(memory.window, memory.analog, memory.analog_outputs),
      player_(window_, std::max(config.refill_latency, kSoon), config.lateness, config.tolerance),
      course_(memory.cursors, memory.pattern.empty() ? nullptr : &memory.pattern.front()) {
  for (PatternFeeder& sides : memory_.pattern) sides.set_sides(config_.sides);
}

Status Engine::load(const Timeline& timeline) {
  const EngineNeeds needs = EngineNeeds::of(timeline.program());
  if (needs.cursors > memory_.cursors.size() || needs.guarded_outputs > memory_.history.size() ||
      needs.interlocks > memory_.interlocks[0].size() ||
      needs.analog_outputs > memory_.analog_outputs || needs.patterns > memory_.pattern.size()) {
    return Status::kTooLarge;
  }
  if (is_taking_over()) return Status::kBusy;
  Micros stretch = config_.refill_latency;
  if (needs.patterns > 0) stretch = std::max(stretch, config_.look_ahead);
  if (stretch > Micros{0} && densest(timeline, stretch).frames > window_.capacity() / 2) {
    return Status::kTooFast;
  }
  staged_ = timeline;
  if (state_ == EngineState::kEmpty) state_ = EngineState::kReady;
  return Status::kOk;
}

bool Engine::in_use(const Program& program) const {
  const auto holds = [&program](const std::optional<Timeline>& timeline) {
    return timeline && timeline->program().phases.data() == program.phases.data();
  };
  // The rules of the next run are compared with those of the latest one.
  return holds(timeline_) || holds(staged_) || run_.program.phases.data() == program.phases.data();
}

bool Engine::same_rules(const Program& a, const Program& b) {
  return std::ranges::equal(a.outputs, b.outputs, &Output::plays_as) &&
         std::ranges::equal(a.interlocks, b.interlocks);
}

/// The same, with its rules where the realtime half may read them. What it may still be reading of
/// the run before stays as it is.
Program Engine::with_own_rules(const Program& program) {
  if (!InterlockGuard::needed_by(program)) return program;
  rules_ = 1 - rules_;
  Program own = program;
  own.outputs = memory_.outputs[rules_].first(program.outputs.size());
  own.interlocks = memory_.interlocks[rules_].first(program.interlocks.size());
  std::ranges::copy(program.outputs, memory_.outputs[rules_].begin());
  std::ranges::copy(program.interlocks, memory_.interlocks[rules_].begin());
  return own;
}

Status Engine::begin_run() {
  if (!timeline_ && !staged_) return Status::kNotLoaded;
  if (running() || window_.queued() > 0 || player_.is_beginning() || player_.emergency_stopped()) {
    return Status::kBusy;
  }
  if (staged_) {
    timeline_ = staged_;
    staged_.reset();
    has_timeouts_ =
        std::any_of(timeline_->program().phases.begin(), timeline_->program().phases.end(),
                    [](const Phase& p) { return p.end.timeout > Micros{0}; });
  }
  const bool keeps_history = same_rules(run_.program, timeline_->program());
  run_ = {with_own_rules(timeline_->program()), memory_.history};
  run_.keeps_history = keeps_history;
  player_.begin(run_);
  state_ = EngineState::kPlaying;
  end_ = EndReason::kNone;
  refills_ = 0;
  fault_count_ = 0;
  PhaseEnd forgotten;
  // What nobody took of the last run. Bounded: by the room of the queue.
  while (phase_ends_.pop(forgotten)) {
  }
  return Status::kOk;
}

Status Engine::start(LocalTime at, LocalTime now) {
  if (const Status begun = begin_run(); begun != Status::kOk) return begun;
  course_.begin(*timeline_, at, now);
  begin_queue(now);
  return Status::kOk;
}

/// Queues the first frames of a run whose course has begun.
void Engine::begin_queue(LocalTime now) {
  const Position place = course_.position(now);
  first_entry_ = place.entry;
  if (course_.is_at_end(place)) return cut_to_safe(kEndEntry, now);
  run_.joins = course_.joins();
  queue_from(now);
}

void Engine::enter(Position position, LocalTime now) {
  course_.enter(position, now);
  queue_from(now);
}

/// Voids what is queued, and queues the frames from the place on that the course enters.
void Engine::queue_from(LocalTime now) {
  beyond_since_ = kNever;
  Frame first{now, kIdleEntry, {}};
  const bool at_once = course_.entered_at() <= now && course_.first(first);
  all_queued_ = at_once && first.entry == kEndEntry;
  window_.cut_to(first);
  last_at_ = first.at;
  refill(now);
}

Status Engine::pause(LocalTime now) {
  if (state_ != EngineState::kPlaying) return Status::kNotLoaded;
  if (!window_.can_cut()) return Status::kBusy;
  if (course_.is_at_end(course_.position(now))) return Status::kNotLoaded;  // It has just ended.
  course_.wait_at(course_.place_to_pause(now));
  cut_to_safe(kIdleEntry, now);
  state_ = EngineState::kPaused;
  return Status::kOk;
}

Status Engine::resume(LocalTime now) {
  if (state_ != EngineState::kPaused) return Status::kNotLoaded;
  if (!window_.can_cut()) return Status::kBusy;
  state_ = EngineState::kPlaying;
  enter(course_.position(now), now);
  return Status::kOk;
}

Status Engine::skip_phase(LocalTime now) {
  if (!running()) return Status::kNotLoaded;
  return move_to(std::min(course_.position(now).entry + 1, timeline_->entry_count()),
                 {PhaseEndCause::kSkip}, now);
}

Status Engine::skip_to_phase(std::size_t phase, LocalTime now) {
  if (!running()) return Status::kNotLoaded;
  if (phase >= timeline_->program().phases.size()) return Status::kOutOfRange;
  const std::uint32_t last = timeline_->entry_count() - 1;
  const std::uint32_t near = std::min(course_.position(now).entry, last);
  return move_to(timeline_->entry_of(static_cast<std::uint16_t>(phase), near),
                 {PhaseEndCause::kJump}, now);
}

Status Engine::stop(LocalTime now) {
  if (!running()) return Status::kNotLoaded;
  if (!window_.can_cut()) return Status::kBusy;
  note_end({PhaseEndCause::kStop}, course_.position(now).entry, now);
  cut_to_safe(kIdleEntry, now);
  end_run(EngineState::kReady, EndReason::kStopped);
  return Status::kOk;
}

Status Engine::move_to(std::uint32_t entry, PhaseEnd why, LocalTime now) {
  if (!window_.can_cut()) return Status::kBusy;
  note_end(why, course_.position(now).entry, now);
  first_entry_ = entry;
  if (entry == timeline_->entry_count()) {
    // Until the realtime half has come to the end: outputs may have to be on a little longer.
    state_ = EngineState::kPlaying;
    course_.wait_at({entry, Micros{0}});
    cut_to_safe(kEndEntry, now);
  } else if (state_ == EngineState::kPaused) {
    course_.wait_at({entry, Micros{0}});
  } else {
    enter({entry, Micros{0}}, now);
  }
  return Status::kOk;
}

/// The run is over; its last phase run as well, unless it has said so already.
void Engine::note_last_end(LocalTime now) {
  const std::uint32_t last = timeline_->entry_count() - 1;
  if (first_entry_ > last) return;
  // Two sides may have been told to end at a boundary before that.
  const bool is_early = course_.is_cut_short(now);
  note_end({is_early ? PhaseEndCause::kStop : PhaseEndCause::kPlan},
           is_early ? course_.position(now).entry : last, now);
}

/// `end` says why phase run `entry` has ended, `at` when.
void Engine::note_end(PhaseEnd end, std::uint32_t entry, LocalTime at) {
  if (entry == timeline_->entry_count()) return;  // Its plan came first.
  end.first = std::min(first_entry_, entry);
  end.entry = entry;
  end.at = at;
  PhaseEnd oldest;
  if (!phase_ends_.push(end) && phase_ends_.pop(oldest)) {
    static_cast<void>(phase_ends_.push(end));
  }
}

void Engine::cut_to_safe(std::uint32_t entry, LocalTime now) {
  window_.cut_to({now, entry, {}});
  all_queued_ = true;
  last_at_ = now;
}

void Engine::end_run(EngineState state, EndReason reason) {
  state_ = state;
  end_ = reason;
}

void Engine::sense(std::string_view sensor, std::int32_t value, LocalTime now) {
  if (state_ != EngineState::kPlaying || now < course_.entered_at()) return;
  const Position here = course_.position(now);
  if (course_.is_at_end(here)) return;
  const Condition& end = timeline_->program().phases[timeline_->entry(here.entry).phase].end;
  if (end.sensor != sensor) return;
  const bool beyond = end.above ? value > end.threshold : value < end.threshold;
  if (!beyond || here.offset < end.arm_after) {
    beyond_since_ = kNever;
    return;
  }
  if (beyond_since_ == kNever || watched_entry_ != here.entry) {
    watched_entry_ = here.entry;
    beyond_since_ = now;
  }
  if (now - beyond_since_ < end.hold) return;
  // A full ring of cuts delays the end to the next reading.
  const PhaseEnd why{PhaseEndCause::kSensor, end.sensor, value};
  if (move_to(here.entry + 1, why, now) == Status::kOk) beyond_since_ = kNever;
}

/// Acts on the timeout of the present phase run's condition.
void Engine::watch_timeout(LocalTime now) {
  if (!has_timeouts_ || now < course_.entered_at()) return;
  const Position here = course_.position(now);
  if (course_.is_at_end(here)) return;
  const Condition& end = timeline_->program().phases[timeline_->entry(here.entry).phase].end;
  if (!end.exists() || end.timeout == Micros{0} || here.offset < end.timeout) return;
  if (!end.fault_on_timeout) {
    // If busy, the next feed() tries again.
    static_cast<void>(move_to(here.entry + 1, {PhaseEndCause::kTimeout}, now));
    return;
  }
  if (!window_.can_cut()) return;
  record({now, FaultReason::kConditionTimeout, kNoOutput, kNoOutput, here.entry});
  note_end({PhaseEndCause::kFault}, here.entry, now);
  cut_to_safe(kIdleEntry, now);
  end_run(EngineState::kFault, EndReason::kFault);
}

LocalTime Engine::feed(LocalTime now) {
  collect_faults(now);
  if (state_ != EngineState::kPlaying) return kNever;
  watch_timeout(now);
  if (state_ != EngineState::kPlaying) return kNever;
  refill(now);
  if (all_queued_ && !player_.is_beginning() && player_.entry() == kEndEntry) {
    note_last_end(now);
    end_run(EngineState::kReady, EndReason::kFinished);
    return kNever;
  }
  return std::min(window_due(now), timeout_due(now));
}

void Engine::collect_faults(LocalTime now) {
  Fault fault;
  // Bounded: the realtime half reports at most one fault for each frame.
  while (player_.take_fault(fault)) record(fault);
  if (!player_.faulted()) return;
  if (running()) {
    // The plan may have gone on since; while nothing was on there is no run to name.
    note_end({PhaseEndCause::kFault}, std::min(last_fault_.entry, course_.position(now).entry),
             last_fault_.at);
    // Void what is queued; with all cuts pending, it is dropped as it falls due.
    if (window_.can_cut()) cut_to_safe(kIdleEntry, now);
    end_run(EngineState::kFault, EndReason::kFault);
  } else if (state_ == EngineState::kReady) {
    state_ = EngineState::kFault;
  }
}

void Engine::record(const Fault& fault) {
  Fault oldest;
  if (!faults_.push(fault) && faults_.pop(oldest)) static_cast<void>(faults_.push(fault));
  last_fault_ = fault;
  ++fault_count_;
}

void Engine::refill(LocalTime now) {
  if (all_queued_ || window_.queued() > window_.capacity() / 2) return;
  const std::uint32_t room = window_.room();
  if (room == 0) return;  // Voided frames fill it until the realtime half has run.
  const LocalTime until = now + config_.look_ahead;
  if (course_.open_from() > until) return;
  Frame frame;
  for (std::uint32_t i = 0; i < room && course_.next(frame, until); ++i) {
    window_.push(frame);
  }
  window_.publish();
  ++refills_;
  last_at_ = frame.at;
  all_queued_ = frame.entry == kEndEntry;
  follow_take_over();
}

/// When the window must be refilled or, once it holds the end of the run, that end is due.
LocalTime Engine::window_due(LocalTime now) const {
  if (all_queued_) {
    if (last_at_ > now) return last_at_;
    return now + std::clamp((now - last_at_) / kPatience, kSoon, kLatest);
  }
  const std::uint32_t half = window_.capacity() / 2;
  const LocalTime half_empty = window_.queued() > half ? window_.newest_but(half) : now;
  const LocalTime due = std::max(half_empty, course_.open_from() - config_.look_ahead);
  return due > now ? due : now + kSoon;
}

/// When the present phase run times out or, so that the next one is watched, ends.
LocalTime Engine::timeout_due(LocalTime now) const {
  if (!has_timeouts_) return kNever;
  const Position here = course_.position(now);
  if (course_.is_at_end(here)) return kNever;
  const std::uint16_t phase = timeline_->entry(here.entry).phase;
  const LocalTime began = std::max(now, course_.entered_at()) - here.offset;
  LocalTime due = began + timeline_->length_of(phase);
  const Condition& end = timeline_->program().phases[phase].end;
  if (end.exists() && end.timeout > here.offset) due = std::min(due, began + end.timeout);
  return due > now ? due : now + kSoon;
}

EngineStatus Engine::status(LocalTime now) const {
  EngineStatus status;
  status.state = state_;
  status.end = end_;
  status.refills = refills_;
  status.edges = player_.edges();
  status.faults = fault_count_;
  status.last_fault = last_fault_;
  status.lateness = player_.lateness();
  status.beyond_tolerance = player_.beyond_tolerance();
  status.withheld = player_.withheld();
  for (std::uint32_t rest = player_.outputs_with_lost_pulses(); rest != 0; rest &= rest - 1) {
    status.lost_pulses += player_.lost_pulses(static_cast<unsigned>(std::countr_zero(rest))).count;
  }
  if (!running()) return status;
  const Position here = course_.position(now);
  const std::uint32_t last = timeline_->entry_count() - 1;
  status.entry = timeline_->entry(std::min(here.entry, last));
  status.phase_elapsed = here.offset;
  status.elapsed = course_.until(here);
  status.silenced = course_.silenced();
  status.remaining = timeline_->duration() - status.elapsed;
  return status;
}

}  // namespace takt
