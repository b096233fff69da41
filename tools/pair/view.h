// SPDX-License-Identifier: Apache-2.0
// What a person sees of a pair.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "takt/app/messages/verbs.h"
#include "takt/app/record/record.h"
#include "tools/pair/relay.h"
#include "tools/record/judge.h"
#include "tools/view/terminal.h"

namespace takt {

/// Both sides in one picture: a lane for each over true time, what each believes, the link between
/// them, and the referee's count. Reads no clock; draws nothing itself.
class PairView {
 public:
  explicit PairView(std::string title) : title_(std::move(title)) {}

  /// An event of a side, in order of time.
  void note(std::size_t side, const sim::Entry& entry);
  /// A line that a side has said, or an action on it.
  void say(std::size_t side, const std::string& line) { sides_[side].said = line; }

  struct LinkState {
    double loss = 0;
    Micros latency;
    bool is_cut = false;
  };

  /// `keys`: those that give an order now. `began`: when the run did. Every line ends with '\n' but
  /// the last.
  std::string draw(const Relay& relay, const LinkState& link, const sim::Judge& judge, VerbSet keys,
                   sim::TrueTime began, sim::TrueTime now, Terminal::Size size, bool utf8) const;

 private:
  struct Change {
    sim::TrueTime at;
    bool on = false;
  };
  struct Side {
    bool up = false;
    std::deque<Change> changes;
    sim::Stated stated;
    sim::Believed believed;
    sim::TrueTime believed_at;
    std::string said;
  };

  std::string lane(const Side& side, sim::TrueTime end, std::size_t width, bool utf8) const;
  static std::string clock_of(const Side& side, sim::TrueTime now);
  std::string figures(const Side& side, sim::TrueTime now) const;

  const std::string title_;
  std::array<Side, 2> sides_;
};

}  // namespace takt
