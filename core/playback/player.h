// SPDX-License-Identifier: Apache-2.0
// The realtime half: takes due frames and says what the outputs must be.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "takt/core/base/shared_counter.h"
#include "takt/core/base/spsc.h"
#include "takt/core/playback/interlock.h"
#include "takt/core/playback/lateness.h"
#include "takt/core/playback/shortfall.h"
#include "takt/core/playback/window.h"

namespace takt {

/// Entry numbers of frames that belong to no phase run.
inline constexpr std::uint32_t kIdleEntry = 0xFFFFFFFE;  ///< Stopped, paused, or never started.
inline constexpr std::uint32_t kEndEntry = 0xFFFFFFFF;   ///< The program has ended.

/// What the caller must now make true. A plain value, free to copy.
struct Step {
  Levels levels;                ///< Of every output, complete. Applying it twice is harmless.
  LocalTime deadline = kNever;  ///< Call advance() again no later than this.
  Micros lateness;  ///< `now` minus the nominal time of the newest frame; 0: none taken.
  std::uint32_t entry = kIdleEntry;  ///< That `levels` belong to.
  bool changed = false;              ///< Levels differ from those of the step before.
};

/// Applies frames of a Window at their time, behind the interlock.
///
/// A pure state machine: it reads no clock, touches no pin, takes no lock, never allocates. Equal
/// calls give equal steps on every port.
///
/// Time.     Frames say when they are due. Nothing is computed from the last call, so one late call
///           does not delay any later frame. Frames that are due together are merged, and pulses
///           that are lost in that way are counted.
/// Safety.   Levels are safe (all off) before the first frame and from a fault on. A fault ends
///           playback: frames are dropped unseen until the next run begins.
/// Context.  advance() and port_failed() belong to the realtime half: a timer interrupt or the top
///           thread. request_emergency_stop() may be called anywhere. The rest belongs to the
///           control half.
class Player {
 public:
  /// `window` and this have the same life. `underrun_grace`: how long after the time of the last
  /// queued frame the next one may be missing, before the outputs are made safe. `lateness`: what
  /// the port states; an output that is on for longer than its limit and this is a fault.
  /// `tolerance`: edges that are later are counted.
  Player(Window& window, Micros underrun_grace, Micros lateness, Micros tolerance)
      : window_(window), grace_(underrun_grace), lateness_limit_(lateness), shortfall_(tolerance) {}
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// Brings playback to `now`, which must not be earlier than in the call before. Calling early or
  /// twice changes nothing. Cost: O(frames due), at most the capacity of the window.
  [[nodiscard]] Step advance(LocalTime now);

  /// Makes the next advance(), which the caller must bring about at once, end in safe levels,
  /// whatever is queued. Holds until clear_emergency_stop().
  void request_emergency_stop() { emergency_.store(true, std::memory_order_release); }

  /// Reports that the outputs could not be written at `now`. Playback goes on.
  void port_failed(LocalTime now);

  /// What a run of a program needs here; see InterlockGuard. Made in the control half, so that the
  /// realtime half has little to do when it takes it.
  struct Run {
    Run() = default;
    Run(const Program& of, std::span<InterlockGuard::History> history)
        : program(of), guard(of, history), analog_outputs(Shortfall::analog_outputs_of(of)) {}

    Program program;
    InterlockGuard guard;
    std::uint32_t analog_outputs = 0;
    /// The run before had the same outputs and rules, so what is known of them still counts. Else
    /// all of them count as gone off when that run ended.
    bool keeps_history = false;
    /// It begins in the middle, where a pulse may be nearly over.
    bool joins = false;
  };
  /// Says that the next frame queued begins a run: with it the realtime half takes over the rules,
  /// forgets a fault and counts from zero. The window must be empty; `run` must stay in place.
  void begin(const Run& run) { next_run_.store(&run, std::memory_order_release); }
  /// Whether the realtime half has yet to take the run that begin() announced.
  bool is_beginning() const { return next_run_.load(std::memory_order_acquire) != nullptr; }

  void clear_emergency_stop() { emergency_.store(false, std::memory_order_release); }
  bool emergency_stopped() const { return emergency_.load(std::memory_order_acquire); }

  /// Whether a fault has ended playback.
  bool faulted() const { return !is_beginning() && faulted_.load(std::memory_order_acquire); }
  /// The oldest fault not yet taken.
  [[nodiscard]] bool take_fault(Fault& fault) { return faults_.pop(fault); }
  /// Faults that came while the queue of faults was full.
  std::uint32_t faults_lost() const { return faults_lost_.load(std::memory_order_relaxed); }

  /// The phase run of the newest frame taken, or kIdleEntry or kEndEntry.
  std::uint32_t entry() const { return shown_entry_.load(std::memory_order_acquire); }
  /// Changes of logical levels in this run.
  std::uint64_t edges() const { return edges_.read(); }
  LatenessFigures lateness() const { return lateness_.figures(); }

  /// Pulses of this run that `output` did not show.
  ShortfallFigures lost_pulses(unsigned output) const {
    return is_beginning() ? ShortfallFigures{} : shortfall_.lost(output);
  }
  /// The outputs that lost pulses; bit i is output i.
  std::uint32_t outputs_with_lost_pulses() const {
    return is_beginning() ? 0 : shortfall_.lost_outputs();
  }
  /// Edges of this run that a rule of the program made wait; see InterlockGuard.
  std::uint32_t withheld() const { return is_beginning() ? 0 : guard_.withheld(); }
  /// Edges of this run that came later than the tolerance, or not at all.
  ShortfallFigures beyond_tolerance() const {
    return is_beginning() ? ShortfallFigures{} : shortfall_.beyond();
  }

 private:
  LocalTime take(Micros& lateness);
  LocalTime catch_up(std::uint32_t before, LocalTime coming, Micros& lateness);
  void show(const Levels& levels);
  void take_run(const Run& run);
  // Apart, so that frames of programs without rules do not pay for it.
  [[gnu::noinline]] bool keeps_rules();
  bool look_after_overstay();
  [[gnu::cold]] void show_entry(LocalTime at);
  [[gnu::cold]] void settle(LocalTime& deadline);
  LocalTime look_after_emergency_and_underrun(LocalTime coming, LocalTime now);
  Levels guarded_levels(LocalTime now, LocalTime& deadline);
  void fail(const InterlockGuard::Violation& violation, LocalTime at, std::uint32_t entry);
  void record(const Fault& fault);

  Window& window_;
  const Micros grace_;
  const Micros lateness_limit_;
  InterlockGuard guard_;
  Shortfall shortfall_;
  Levels applied_;  ///< What the caller was last told.
  LocalTime now_{Micros{0}};
  /// The newest frame; its levels are what the outputs are to have. Kept between frames, so that
  /// channels which the window lacks stay zero.
  Frame frame_{{}, kIdleEntry, {}};
  /// Of what is on the outputs: the end of a program waits until all may go off.
  std::uint32_t entry_ = kIdleEntry;
  LocalTime ended_at_ = kLongAgo;  ///< When the latest run came to its end.

  std::atomic<const Run*> next_run_{nullptr};
  std::atomic<bool> emergency_{false};
  std::atomic<bool> faulted_{false};
  std::atomic<std::uint32_t> shown_entry_{kIdleEntry};
  std::atomic<std::uint32_t> faults_lost_{0};
  SharedCounter edges_;
  SpscQueue<Fault, 4> faults_;
  LatenessHistogram lateness_;
};

}  // namespace takt
