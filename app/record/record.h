// SPDX-License-Identifier: Apache-2.0
// The record of one device: what it did and believed, over a time that all devices share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "takt/app/record/true_time.h"
#include "takt/core/base/time.h"
#include "takt/core/sync/plan.h"
#include "takt/core/sync/wire.h"

namespace takt::sim {

// What the fields of an event are, in the order in which they stand in a line. An event that causes
// another stands before it.

/// The device starts, and knows nothing but which side it is.
struct Booted {
  std::uint8_t side = 0;  ///< 0 or 1.

  bool operator==(const Booted&) const = default;
};

/// Its side goes on, or off.
struct Switched {
  bool on = false;

  bool operator==(const Switched&) const = default;
};

/// What it believes of session time, from here to the next event of this kind.
struct Believed {
  SessionTime session;           ///< Now.
  std::int32_t rate_ppb = 0;     ///< Session time is faster than true time by this.
  Micros bound;                  ///< How wrong it may be now; not negative.
  std::uint32_t growth_ppb = 0;  ///< By which the bound grows.
  bool settled = false;          ///< Good enough to start playing with.

  bool operator==(const Believed&) const = default;
};

/// It plays this, or is to change to it.
struct Planned {
  std::uint32_t revision = 0;  ///< 0: it plays nothing.
  sync::ProgramHash program = 0;
  SessionTime epoch;
  SessionTime effective;   ///< Before this, the plan before it holds.
  Micros pulse;            ///< A full one, with perfect clocks.
  bool exclusive = false;  ///< The sides must not be on together.

  bool operator==(const Planned&) const = default;
};

/// A datagram of the other device arrived.
struct Heard {
  bool operator==(const Heard&) const = default;
};

/// For people who watch.
struct Stated {
  sync::Role role = sync::Role::kListening;
  sync::Reason reason = sync::Reason::kNone;  ///< Why it does not play.
  std::uint32_t heard = 0;                    ///< Devices heard lately.
  std::uint32_t silenced = 0;                 ///< Pulses of which nothing was left.
  Micros latest;                              ///< The largest lateness of an edge so far.
  std::uint32_t lost = 0;                     ///< Pulses that a stall swallowed so far.

  bool operator==(const Stated&) const = default;
};

/// The process is gone and its outputs are off.
struct Down {
  bool operator==(const Down&) const = default;
};

using Event = std::variant<Booted, Switched, Believed, Planned, Heard, Stated, Down>;

/// Times of a record lie within this of zero, so that sums and differences of several fit.
inline constexpr Micros kMostRecorded{1'000'000'000'000'000};

/// True time is CLOCK_MONOTONIC of the machine, or the simulator's; not negative.
struct Entry {
  TrueTime at;
  Event event;

  bool operator==(const Entry&) const = default;
};

/// The first line of a record, with its end.
inline constexpr std::string_view kRecordHeader = "true_us,event,fields\n";

/// One line, with its end: "12,output,1\n". Values have to lie where RecordReader takes them.
std::string line_of(const Entry& entry);

/// Reads a record as it comes, in pieces of any size.
class RecordReader {
 public:
  struct Fault {
    std::uint64_t line = 1;
    std::size_t column = 1;  ///< In bytes.
    std::string what;
  };

  void add(std::string_view bytes) { unread_ += bytes; }

  /// The next entry, not earlier than the one before; nothing: it has not come whole, or there is a
  /// fault().
  std::optional<Entry> next();

  /// What is wrong with the record; nothing after that is read.
  const std::optional<Fault>& fault() const { return fault_; }

  /// A line is there in part: if no more comes, its writer was killed.
  bool in_part() const { return at_ < unread_.size(); }

 private:
  std::optional<std::string_view> take_line();

  std::string unread_;  ///< From at_ on.
  std::size_t at_ = 0;
  std::uint64_t line_ = 0;  ///< The number of the one read last.
  TrueTime last_;
  std::optional<Fault> fault_;
};

}  // namespace takt::sim
