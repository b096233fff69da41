// SPDX-License-Identifier: Apache-2.0
// Two devices as processes, a bad link between them, and the actions of a person.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/app/messages/verbs.h"
#include "takt/app/record/record.h"
#include "tools/pair/actions.h"
#include "tools/pair/child.h"
#include "tools/pair/options.h"
#include "tools/pair/relay.h"
#include "tools/pair/view.h"
#include "tools/record/judge.h"
#include "tools/trace/output_file.h"
#include "tools/view/terminal.h"

namespace takt {

/// Runs `takt device` twice, joined by a Relay, shows both, and keeps their records. The left one
/// has the program, the right one gets it over the link. All in one thread.
class PairRun {
 public:
  /// `program`: a file that devices can read. `folder`: for what they keep, and their records;
  /// there already. Throws Failure.
  PairRun(const PairOptions& options, std::string title, Micros cycle, std::string program,
          std::string folder);

  /// Runs to the end. Throws Failure.
  void run();

  /// The records of the left and the right device.
  std::array<std::string, 2> records() const;

 private:
  struct Side {
    Child child;
    sim::RecordReader reader;  ///< Of its present life.
    OutputFile record;
    std::string said;  ///< A line, so far.
    sim::TrueTime recorded;
    bool is_expected = false;  ///< It should be up: an end would be a surprise.
  };

  static sim::TrueTime now();
  std::vector<std::string> words_of(std::size_t index) const;
  void start(std::size_t index);
  void kill(std::size_t index);
  void listen(std::size_t index);
  void keep(std::size_t index, const sim::Entry& entry);
  void watch_for_ends();
  void wait();
  void carry_on();
  VerbSet keys() const;
  void press(char key);
  void obey(const Verb& verb);
  void act(const PairAction& action);
  std::size_t any_up() const { return sides_[0].child.is_up() ? 0 : 1; }
  void order(std::size_t index, const Order& order);
  void change_cycle(Micros by);
  void change_loss(double by);
  void change_latency(Micros by);
  void cut(bool is_cut);
  void say(std::string_view who, const std::string& line);
  void finish();

  const PairOptions& options_;
  const std::string program_;
  const std::string folder_;
  std::vector<PairAction> actions_;  ///< By time.
  std::size_t next_ = 0;
  Relay relay_;
  PairView::LinkState link_;
  std::array<Side, 2> sides_;
  sim::Judge judge_;
  PairView view_;
  std::optional<Terminal> terminal_;
  sim::TrueTime began_;
  sim::TrueTime drawn_;
  Micros cycle_;
  bool plays_ = true;  ///< As far as keys ordered.
  bool over_ = false;
};

}  // namespace takt
