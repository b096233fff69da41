// SPDX-License-Identifier: Apache-2.0
// The referee for devices that nobody simulates: judges their records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "takt/app/record/record.h"
#include "takt/core/base/clock_map.h"
#include "tools/record/referee.h"

namespace takt::sim {

/// A promise that was not kept.
struct Breach {
  TrueTime at;
  std::string_view what;  ///< For people; static storage.
};

/// Merges the records of two devices by true time and has the Referee judge what they did; as they
/// come, or afterwards.
///
/// A pulse belongs to the newest plan of its device that was in effect by the device's own clock.
/// One of a device that had told of no plan counts as of a plan older than all.
///
/// What a record cannot tell is not judged: how fast an emergency stop was, and whether what was
/// wanted came to play again.
class Judge {
 public:
  /// How often bounds are looked at, besides at each pulse.
  static constexpr Micros kSamples = millis(250);
  /// A device that has told nothing for so long is not judged: what its record does not show is not
  /// known. Each tells of its clock every second.
  static constexpr Micros kLongestUntold = seconds(10);
  /// How many of each kind are kept with their place.
  static constexpr std::size_t kKept = 10;

  /// Takes the next event of a device, in order of time. The events of the two may interleave in
  /// any way. One from before the time that advance() was called for counts as of that time, and in
  /// late().
  void feed(std::size_t device, const Entry& entry);

  /// Judges all before `until`.
  void advance(TrueTime until);

  /// Judges the rest; each device is down after its last event. Nothing may follow.
  Outcome finish();

  // The verdict, as far as the two were judged.
  const Verdict& verdict() const { return referee_.verdict(); }
  const std::vector<float>& edge_errors() const { return referee_.edge_errors; }
  const std::vector<float>& start_skews() const { return referee_.start_skews; }
  double pulse_kept() const { return referee_.pulse_kept(); }
  /// Time since both are up; -1: they are not yet.
  double settle_s() const { return settle_s_; }
  /// For how long both were seen to take part: up, reporting, and with a clock that says something.
  /// In steps of kSamples.
  Micros judged() const { return kSamples * judged_samples_; }
  /// In the order of kCounts, each kind in order of time.
  std::vector<Breach> breaches() const;
  std::uint64_t late() const { return late_; }

 private:
  struct PlanInUse {
    unsigned tag = 0;
    SessionTime effective;
  };
  struct Device {
    std::deque<Entry> waiting;
    std::optional<TrueTime> first;  ///< Event that was fed.
    TrueTime last;                  ///< The last event that was fed.
    TrueTime told;                  ///< The last event that was judged.
    std::optional<ClockMap> clock;  ///< Its local time is true time.
    bool settled = false;
    bool on = false;
    std::vector<PlanInUse> plans;  ///< Newest last.
  };
  /// Pulses of a plan are known by a tag; the last one is for pulses of none.
  static constexpr unsigned kTags = Referee::kMostPercent - 1;
  static constexpr unsigned kNoPlan = Referee::kMostPercent;

  std::optional<std::size_t> next_device(TrueTime until) const;
  void sample_until(TrueTime until);
  bool is_judged(const std::array<Belief, 2>& both, TrueTime at) const;
  void apply(std::size_t device, const Entry& entry);
  void switch_to(std::size_t device, bool on, TrueTime at);
  void take_plan(Device& device, const Planned& plan);
  void forget(std::size_t device, TrueTime at);
  unsigned tag_at(Device& device, TrueTime at) const;
  std::array<Belief, 2> beliefs(TrueTime at) const;
  void note_breaches(TrueTime at);

  Referee referee_;
  std::array<Device, 2> devices_;
  std::array<Planned, kTags> tagged_{};  ///< By tag, less one.
  unsigned tags_ = 0;                    ///< Given so far.
  TrueTime judged_;
  std::optional<TrueTime> sample_;
  double settle_s_ = -1;
  Verdict noted_;
  std::array<std::vector<TrueTime>, kCounts.size()> breaches_;
  std::int64_t judged_samples_ = 0;
  std::uint64_t late_ = 0;
};

}  // namespace takt::sim
