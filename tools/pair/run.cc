// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/run.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/failure.h"
#include "tools/cli/json_out.h"
#include "tools/cli/text.h"
#include "tools/sim/sim_report.h"

namespace takt {
namespace {

constexpr Micros kRedraw = millis(50);
/// Records come that much after what they tell of, at most; see Recorder.
constexpr Micros kToldWithin = millis(500);
/// That a device takes to end, once it is told to.
constexpr Micros kFarewell = seconds(3);
constexpr Micros kCycleStep = millis(100);
constexpr double kLossStep = 0.05;
constexpr Micros kLatencyStep = millis(10);

Micros from_ms(double ms) { return Micros{static_cast<std::int64_t>(ms * 1e3)}; }

}  // namespace

sim::TrueTime PairRun::now() { return sim::TrueTime{Micros{LinuxClock::nanoseconds() / 1'000}}; }

PairRun::PairRun(const PairOptions& options, std::string title, Micros cycle, std::string program,
                 std::string folder)
    : options_(options),
      program_(std::move(program)),
      folder_(std::move(folder)),
      relay_(*sync::link_named(options.link), true, sim::Random{options.seed}),
      view_(std::move(title)),
      cycle_(cycle) {
  for (const std::string& text : options.actions) actions_.push_back(parse_pair_action(text));
  std::ranges::stable_sort(actions_, {}, &PairAction::at);
  if (relay_.open() != Status::kOk) throw Failure{Exit::kWorld, relay_.error()};
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    OutputFile& record = sides_[i].record;
    if (record.open(records()[i]) != Status::kOk) throw Failure{Exit::kWorld, record.error()};
    record.append(sim::kRecordHeader);
  }
}

std::array<std::string, 2> PairRun::records() const {
  return {folder_ + "/left.csv", folder_ + "/right.csv"};
}

std::vector<std::string> PairRun::words_of(std::size_t index) const {
  const std::string side{kSideNames[index]};
  std::vector<std::string> words{"device"};
  if (index == 0) words.insert(words.end(), {program_, "--start"});
  words.insert(words.end(), {"--side", side, "--listen", "127.0.0.1:0"});
  words.insert(words.end(), {"--peer", fmt::format("127.0.0.1:{}", relay_.port(index))});
  words.insert(words.end(), {"--link", options_.link, "--wait", "--data", folder_ + "/" + side});
  words.insert(words.end(), {"--ppm", fmt::format("{}", (index == 0 ? 0.5 : -0.5) * options_.ppm)});
  words.insert(words.end(), {"--late", fmt::format("{}", options_.late_ms)});
  words.insert(words.end(), {"--tolerance", fmt::format("{}", options_.tolerance_ms)});
  words.insert(words.end(), {"--holdover", fmt::format("{}", options_.holdover_s)});
  words.insert(words.end(), {"--takeover", fmt::format("{}", options_.takeover_s)});
  words.insert(words.end(), {"--record", Child::kRecordPath});
  return words;
}

void PairRun::start(std::size_t index) {
  Side& side = sides_[index];
  if (side.child.is_up()) return;
  side.reader = {};
  side.said.clear();
  side.child.start(words_of(index));
  side.is_expected = true;
}

void PairRun::kill(std::size_t index) {
  Side& side = sides_[index];
  if (!side.child.is_up()) return;
  side.is_expected = false;
  side.child.kill();
  listen(index);
  keep(index, {now(), sim::Down{}});
}

/// Takes what a device has said and recorded.
void PairRun::listen(std::size_t index) {
  Side& side = sides_[index];
  side.said += side.child.read_said();
  for (std::size_t end = 0; (end = side.said.find('\n')) != std::string::npos;) {
    say(kSideNames[index], printable(side.said.substr(0, end)));
    side.said.erase(0, end + 1);
  }
  side.reader.add(side.child.read_record());
  while (const auto entry = side.reader.next()) keep(index, *entry);
  if (const auto& fault = side.reader.fault()) {
    throw Failure{Exit::kWorld, fmt::format("the record of the {} device is damaged: {}",
                                            kSideNames[index], fault->what)};
  }
}

void PairRun::keep(std::size_t index, const sim::Entry& entry) {
  Side& side = sides_[index];
  side.recorded = std::max(side.recorded, entry.at);
  const sim::Entry kept{side.recorded, entry.event};
  side.record.append(sim::line_of(kept));
  judge_.feed(index, kept);
  view_.note(index, kept);
}

void PairRun::watch_for_ends() {
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    Side& side = sides_[i];
    const std::optional<int> status = side.child.reap();
    if (!status) continue;
    listen(i);
    keep(i, {now(), sim::Down{}});
    // Faults that made outputs safe, and were said, break no promise: that is for the referee.
    const bool had_faults = *status == static_cast<int>(Exit::kNo);
    if (!side.is_expected && (*status == 0 || had_faults)) continue;
    throw Failure{Exit::kWorld,
                  fmt::format("the {} device ended with status {}", kSideNames[i], *status)};
  }
}

void PairRun::run() {
  began_ = now();
  change_loss(options_.loss_percent / 100);
  change_latency(from_ms(options_.latency_ms));
  const int output = ::fileno(people(options_.json));
  if (Terminal::is_terminal(output)) terminal_.emplace(output);
  for (std::size_t i = 0; i < sides_.size(); ++i) start(i);
  while (!over_) {
    wait();
    carry_on();
  }
  finish();
  terminal_.reset();
}

void PairRun::wait() {
  std::vector<pollfd> events{{Interrupt::descriptor(), POLLIN, 0}};
  for (const int socket : relay_.descriptors()) events.push_back({socket, POLLIN, 0});
  for (const Side& side : sides_) {
    if (!side.child.is_up()) continue;
    events.push_back({side.child.said(), POLLIN, 0});
    events.push_back({side.child.record(), POLLIN, 0});
  }
  if (terminal_) events.push_back({STDIN_FILENO, POLLIN, 0});
  const sim::TrueTime soon = std::min(now() + kRedraw, relay_.due());
  const std::int64_t left_us = std::max<std::int64_t>(0, (soon - now()).count());
  const timespec left{left_us / 1'000'000, left_us % 1'000'000 * 1'000};
  ::ppoll(events.data(), events.size(), &left, nullptr);
}

void PairRun::carry_on() {
  if (relay_.run(now()) != Status::kOk) throw Failure{Exit::kWorld, relay_.error()};
  for (std::size_t i = 0; i < sides_.size(); ++i) listen(i);
  watch_for_ends();
  const sim::TrueTime at = now();
  for (; next_ < actions_.size() && began_ + actions_[next_].at <= at; ++next_) {
    say("takt", actions_[next_].text);
    act(actions_[next_]);
  }
  judge_.advance(at - kToldWithin);
  if (terminal_) {
    for (const char key : terminal_->read_keys()) press(key);
    if (at - drawn_ >= kRedraw) {
      drawn_ = at;
      terminal_->show(view_.draw(relay_, link_, judge_, keys(), began_, at, terminal_->size(),
                                 terminal_->utf8()));
    }
  }
  const bool timed_out = options_.seconds > 0 && at - began_ >= from_ms(options_.seconds * 1e3);
  over_ = over_ || timed_out || Interrupt::came();
}

VerbSet PairRun::keys() const {
  if (plays_) return {"stop", "estop", "release", "quit"};
  return {"play", "estop", "release", "quit"};
}

void PairRun::press(char key) {
  if (const Verb* const verb = verb_of_key(key, keys())) return obey(*verb);
  switch (key) {
    case 'f': return change_cycle(-kCycleStep);
    case 's': return change_cycle(kCycleStep);
    case 'l': return sides_[0].child.is_up() ? kill(0) : start(0);
    case 'r': return sides_[1].child.is_up() ? kill(1) : start(1);
    case 'c': return cut(!link_.is_cut);
    case '+': return change_latency(kLatencyStep);
    case '-': return change_latency(-kLatencyStep);
    case '>': return change_loss(kLossStep);
    case '<': return change_loss(-kLossStep);
    default: return;
  }
}

/// One of keys().
void PairRun::obey(const Verb& verb) {
  if (verb.order == Order::Kind::kQuit) {
    over_ = true;
    return;
  }
  if (verb.command == Command::Kind::kPlay) plays_ = true;
  if (verb.command == Command::Kind::kStop) plays_ = false;
  order(any_up(), {verb.order, {.kind = verb.command}});
}

void PairRun::act(const PairAction& action) {
  switch (action.kind) {
    case PairAction::Kind::kOrder: return order(action.device, action.order);
    case PairAction::Kind::kKill: return kill(action.device);
    case PairAction::Kind::kStart: return start(action.device);
    case PairAction::Kind::kCut: return cut(true);
    case PairAction::Kind::kHeal: return cut(false);
    case PairAction::Kind::kLoss: return change_loss(action.loss - link_.loss);
    case PairAction::Kind::kLatency: return change_latency(action.latency - link_.latency);
  }
}

void PairRun::order(std::size_t index, const Order& order) {
  if (order.kind == Order::Kind::kQuit) sides_[index].is_expected = false;
  if (sides_[index].child.is_up()) sides_[index].child.tell(std::string{text_of(order).view()});
}

void PairRun::change_cycle(Micros by) {
  cycle_ = std::max(cycle_ + by, Micros{0});
  Command command{.kind = Command::Kind::kSet};
  command.wish.cycle = cycle_;
  order(any_up(), {Order::Kind::kCommand, command});
}

void PairRun::change_loss(double by) {
  link_.loss = std::clamp(link_.loss + by, 0.0, 1.0);
  relay_.lose(link_.loss);
}

void PairRun::change_latency(Micros by) {
  link_.latency = std::clamp(link_.latency + by, Micros{0}, seconds(10));
  relay_.delay(link_.latency);
}

void PairRun::cut(bool is_cut) {
  link_.is_cut = is_cut;
  for (const std::size_t from : {0U, 1U}) relay_.cut(from, is_cut);
}

/// On a terminal the newest line of each; else all of them, with their times.
void PairRun::say(std::string_view who, const std::string& line) {
  for (std::size_t i = 0; i < kSideNames.size(); ++i) {
    if (who == kSideNames[i]) view_.say(i, line);
  }
  if (terminal_) return;
  std::FILE* const to = people(options_.json);
  fmt::print(to, "{:>8.3f} {:<5} {}\n", static_cast<double>((now() - began_).count()) / 1e6, who,
             line);
  std::fflush(to);
}

/// Lets both devices end by themselves.
void PairRun::finish() {
  for (std::size_t i = 0; i < sides_.size(); ++i) order(i, {Order::Kind::kQuit, {}});
  const sim::TrueTime latest = now() + kFarewell;
  const auto is_up = [](const Side& side) { return side.child.is_up(); };
  while (std::ranges::any_of(sides_, is_up) && now() < latest) {
    wait();
    if (relay_.run(now()) != Status::kOk) throw Failure{Exit::kWorld, relay_.error()};
    for (std::size_t i = 0; i < sides_.size(); ++i) listen(i);
    watch_for_ends();
  }
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    if (sides_[i].child.is_up()) {
      throw Failure{Exit::kWorld, fmt::format("the {} device does not end", kSideNames[i])};
    }
    OutputFile& record = sides_[i].record;
    if (record.close() != Status::kOk) throw Failure{Exit::kWorld, record.error()};
  }
}

}  // namespace takt
