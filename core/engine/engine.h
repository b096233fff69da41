// SPDX-License-Identifier: Apache-2.0
// A whole device without its board: commands and program on one side, output levels on the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "takt/core/base/limits.h"
#include "takt/core/base/status.h"
#include "takt/core/engine/course.h"
#include "takt/core/engine/phase_end.h"
#include "takt/core/playback/player.h"
#include "takt/core/playback/window.h"
#include "takt/core/program/timeline.h"

namespace takt {

struct EngineConfig {
  /// How long after its deadline the control half may call feed(), at worst.
  Micros refill_latency = kTaskLateness;
  /// How long before a boundary its half is queued, and so the shortest notice for a change: twice
  /// the refill latency, so that a late feeder still comes in time.
  Micros look_ahead = kTaskLateness * 2;
  /// Of a program with two sides, those that this device plays.
  SideSet sides = kBothSides;
  /// How late the realtime half comes at worst, as its port states: an output that is on for longer
  /// than its limit and this is a fault.
  Micros lateness = millis(5);
  /// Edges that are later are counted: nobody feels less where two sides play in turn.
  Micros tolerance = millis(10);
};

/// What an engine needs in order to play certain programs.
struct EngineNeeds {
  std::size_t frames = Window::kDefaultFrames;  ///< Of the window; a power of two.
  std::size_t analog_outputs = 0;
  std::size_t cursors = 0;          ///< Components of the largest phase.
  std::size_t guarded_outputs = 0;  ///< All outputs, if the program has interlocks or limits.
  std::size_t interlocks = 0;
  std::size_t patterns = 0;  ///< 1 if the program has two sides.

  static EngineNeeds of(const Program& program, std::size_t frames = Window::kDefaultFrames);

  /// Of one block that holds all of it, without the Engine itself and without the program.
  std::size_t bytes() const;
};

/// Memory that an engine works in, lent for its whole life: what bounds the programs it can take.
/// Internal memory, where a board has two kinds.
struct EngineMemory {
  std::span<Window::Slot> window;
  std::span<std::uint16_t> analog;  ///< Levels of queued frames.
  std::size_t analog_outputs = 0;
  std::span<PhaseCursor::Slot> cursors;
  std::span<InterlockGuard::History> history;
  /// Outputs and rules of the run that plays, and of the next one: the realtime half reads them
  /// here, whatever memory programs lie in. Programs in external memory are out of its reach while
  /// a chip writes to its flash.
  std::array<std::span<Output>, 2> outputs;
  std::array<std::span<Interlock>, 2> interlocks;
  std::span<PatternFeeder> pattern;

  /// Lays out one block: at least needs.bytes(), aligned for std::max_align_t.
  EngineMemory(const EngineNeeds& needs, std::span<std::byte> block);
};

enum class EngineState : std::uint8_t { kEmpty, kReady, kPlaying, kPaused, kFault };
enum class EndReason : std::uint8_t { kNone, kFinished, kStopped, kFault };

std::string_view name_of(EngineState state);
std::string_view name_of(EndReason reason);

/// A picture of playback at one moment.
struct EngineStatus {
  EngineState state = EngineState::kEmpty;
  EndReason end = EndReason::kNone;  ///< Of the latest run.
  Entry entry;                       ///< Valid while playing or paused.
  Micros phase_elapsed;
  Micros elapsed;    ///< By the plan, pauses not counted.
  Micros remaining;  ///< To the natural end.
  std::uint32_t refills = 0;
  std::uint64_t edges = 0;     ///< Changes of logical levels.
  std::uint32_t silenced = 0;  ///< Pulses left out because the clock's bound left nothing of them.
  std::uint32_t lost_pulses = 0;      ///< Of all outputs; Player::lost_pulses() has them by output.
  ShortfallFigures beyond_tolerance;  ///< Edges.
  /// Edges that a rule made wait: where a phase ended early, or frames came too late for a dead
  /// time.
  std::uint32_t withheld = 0;
  std::uint32_t faults = 0;
  Fault last_fault;  ///< Valid if `faults` is not 0.
  LatenessFigures lateness;
};

/// Both halves of one device's playback.
///
/// Control half: every member but realtime() and request_emergency_stop(), called from one
/// ordinary task with the present time, which must not go backwards. A returned error has changed
/// nothing. After each command and each feed() the port makes the realtime half advance at once.
/// Realtime half: realtime().advance(), from a timer interrupt or the top thread.
///
/// Commands take effect within one frame: what was queued is voided and the new levels are queued
/// in its place in one step, so nothing of an old phase can follow.
///
/// Early ends. Where a command, a sensor or a timeout cuts a phase off, the next one begins in that
/// very instant, and what both want on stays on. Where a rule of the program would be broken, the
/// output that it names waits, and only for as long as its own history demands; see InterlockGuard.
/// So a phase lasts as long as it says, and a pulse that begins late ends in time.
class Engine {
 public:
  Engine(const EngineMemory& memory, const EngineConfig& config);

  Player& realtime() { return player_; }
  const Player& realtime() const { return player_; }

  /// Takes a program for the next start(). A running program goes on undisturbed and keeps its
  /// own; the tables of both must stay in place until in_use() says otherwise.
  /// - kTooLarge: it needs more memory than the engine was lent.
  /// - kTooFast: more frames can fall into the refill latency, or the look-ahead, than half the
  ///   window holds.
  /// - kBusy: the program loaded before is about to take over at a boundary.
  Status load(const Timeline& timeline);

  /// Whether the tables of a loaded program still serve playback or the next start.
  bool in_use(const Program& program) const;

  /// Plays the program loaded last from its beginning at `at`: in the future for a start together
  /// with others, in the past to join late, at the place where it would be now.
  /// - kNotLoaded: no program.
  /// - kBusy: playing or paused; the emergency stop holds; or the realtime half has not yet taken
  ///   the end of the last run: advance it and try again.
  Status start(LocalTime at, LocalTime now);

  /// Outputs safe; the place is kept. - kNotLoaded: not playing.
  Status pause(LocalTime now);
  /// Goes on where pause() came. - kNotLoaded: not paused.
  Status resume(LocalTime now);

  /// Of programs with two sides, whose times are session times: the line between that clock and
  /// this device's, from the next boundary on. Any state. - kNotLoaded: the memory lent serves no
  /// such programs.
  Status set_clock(const ClockMap& map);

  /// start() for programs with two sides, exactly at the epoch of `run`. One that has begun is
  /// joined at the next boundary. Errors as for start(). - kUnsupported: the program has no sides.
  /// - kOutOfRange: see refusal_of().
  Status start_at(const SharedRun& run, LocalTime now);

  /// A new setting from the first boundary on that lies at least the look-ahead away and not before
  /// `not_before`: at most half a cycle and the look-ahead from now. The beat goes on, no pulse is
  /// cut short. A change that was still to come is replaced, which the receipt says.
  /// - kNotLoaded: not playing a program with two sides. - kOutOfRange: see refusal_of().
  Result<PatternFeeder::Receipt> change(const Bilateral& setting, SessionTime not_before,
                                        LocalTime now);

  /// The same with the program that was loaded last: its run begins at the boundary.
  /// - kNotLoaded: not playing a program with two sides, or no other was loaded.
  /// - kUnsupported: the other has no sides, or other outputs or rules.
  Result<PatternFeeder::Receipt> change_program(SessionTime not_before, LocalTime now);

  /// Ends the run at such a boundary. - kNotLoaded: not playing a program with two sides.
  Result<PatternFeeder::Receipt> stop_at_boundary(SessionTime not_before, LocalTime now);

  /// Forgets such a change or end. - kNotLoaded: none is to come, or it has come.
  Status withdraw_change();

  /// Whether such a change or end is still to come, even if late.
  bool has_change() const;

  /// Ends the current phase run and begins the next; after the last, ends the program.
  /// While paused: moves the place. - kNotLoaded: neither playing nor paused.
  Status skip_phase(LocalTime now);

  /// The same to any phase of the program, in the same pass.
  /// - kOutOfRange: there is no such phase. - kNotLoaded: neither playing nor paused.
  Status skip_to_phase(std::size_t phase, LocalTime now);

  /// Outputs safe, run ended. - kNotLoaded: neither playing nor paused.
  Status stop(LocalTime now);

  /// Any context: outputs safe at the next advance(), which the caller brings about at once; holds
  /// until release_emergency_stop().
  void request_emergency_stop() { player_.request_emergency_stop(); }
  void release_emergency_stop() { player_.clear_emergency_stop(); }

  /// A reading of a sensor; ends the phase if its condition names this sensor and is met.
  void sense(std::string_view sensor, std::int32_t value, LocalTime now);

  /// Keeps the window full and the books: to be called at or before the time it returned last,
  /// and after every command. Cost: at most the capacity of the window in frames.
  LocalTime feed(LocalTime now);

  /// Context: anywhere in the control half. `now` is not before the last command.
  EngineStatus status(LocalTime now) const;

  /// Takes the oldest fault not yet taken; the newest 8 are kept.
  [[nodiscard]] bool take_fault(Fault& fault) { return faults_.pop(fault); }

  /// Takes the oldest end of a phase run not yet taken; the newest 8 are kept until the next start.
  [[nodiscard]] bool take_phase_end(PhaseEnd& end) { return phase_ends_.pop(end); }

  /// The timeline that plays, or played last; nullptr: none yet.
  const Timeline* timeline() const { return timeline_ ? &*timeline_ : nullptr; }

 private:
  bool running() const { return state_ == EngineState::kPlaying || state_ == EngineState::kPaused; }
  PatternFeeder* playing_sides() const;
  bool is_taking_over() const;
  void follow_take_over();
  Result<PatternFeeder::Receipt> change_sides(PatternFeeder::Change change, LocalTime now);
  static bool same_rules(const Program& a, const Program& b);
  Status begin_run();
  Program with_own_rules(const Program& program);
  void begin_queue(LocalTime now);
  void queue_from(LocalTime now);
  void enter(Position position, LocalTime now);
  Status move_to(std::uint32_t entry, PhaseEnd why, LocalTime now);
  void note_last_end(LocalTime now);
  void note_end(PhaseEnd end, std::uint32_t entry, LocalTime at);
  void cut_to_safe(std::uint32_t entry, LocalTime now);
  void end_run(EngineState state, EndReason reason);
  void record(const Fault& fault);
  void collect_faults(LocalTime now);
  void refill(LocalTime now);
  void watch_timeout(LocalTime now);
  LocalTime window_due(LocalTime now) const;
  LocalTime timeout_due(LocalTime now) const;

  const EngineMemory memory_;
  const EngineConfig config_;
  Window window_;
  Player player_;
  Course course_;

  std::optional<Timeline> timeline_;  ///< Of the present or latest run.
  std::optional<Timeline> staged_;    ///< For the next start, if another.
  Player::Run run_;
  std::size_t rules_ = 0;  ///< Which of both tables `run_` has its rules in.
  EngineState state_ = EngineState::kEmpty;
  EndReason end_ = EndReason::kNone;

  bool has_timeouts_ = false;
  bool all_queued_ = true;  ///< The frame that ends the run is in the window.
  LocalTime last_at_;       ///< When the frame that ends the run is due.
  std::uint32_t refills_ = 0;
  std::uint32_t fault_count_ = 0;
  Fault last_fault_;
  SpscQueue<Fault, 8> faults_;
  std::uint32_t first_entry_ = 0;  ///< Played since the latest start or command.
  SpscQueue<PhaseEnd, 8> phase_ends_;

  std::uint32_t watched_entry_ = 0;  ///< The phase run that `beyond_since_` belongs to.
  LocalTime beyond_since_ = kNever;  ///< Since when the sensor is beyond its threshold.
};

}  // namespace takt
