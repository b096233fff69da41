// SPDX-License-Identifier: Apache-2.0
#include "tools/play/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "takt/app/messages/verbs.h"
#include "tools/cli/failure.h"
#include "tools/cli/order_input.h"
#include "tools/cli/text.h"
#include "tools/programs/run_text.h"

namespace takt {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

[[noreturn]] void wrong(std::string_view option, std::string_view text, std::string_view form) {
  throw Failure{Exit::kWords, fmt::format("{} takes {}, not '{}'", option, form, printable(text))};
}

}  // namespace

ScriptAction parse_action(const std::string& text) {
  constexpr std::string_view kForm = "TIME=ORDER, as in --at 1.5s=skip";
  const std::string_view whole{text};
  const std::size_t equals = whole.find('=');
  if (equals == std::string_view::npos) wrong("--at", text, kForm);
  const std::optional<Micros> at = parse_run_time(whole.substr(0, equals), "--at");
  if (!at) wrong("--at", text, kForm);
  OrderFault fault;
  const Result<Command> command = parse_command(whole.substr(equals + 1), fault);
  if (command.ok()) return {*at, command.value(), text};
  fault.at += equals + 1;
  throw Failure{Exit::kWords, fmt::format("--at {}: {}", printable(text), sentence_of(fault))};
}

ScriptReading parse_reading(const std::string& text) {
  constexpr std::string_view kForm =
      "NAME=VALUE or NAME=VALUE@TIME with a whole number, as in --sensor rpm=1200@30s";
  const std::string_view whole{text};
  const std::size_t equals = whole.find('=');
  if (equals == std::string_view::npos || equals == 0) wrong("--sensor", text, kForm);
  const std::size_t mark = whole.find('@', equals);
  const auto value = parse_number<std::int32_t>(whole.substr(equals + 1, mark - equals - 1));
  std::optional<Micros> at = Micros{0};
  if (mark != std::string_view::npos) at = parse_run_time(whole.substr(mark + 1), "--sensor");
  if (!value || !at) wrong("--sensor", text, kForm);
  return {*at, std::string{whole.substr(0, equals)}, *value};
}

Script::Script(std::vector<ScriptAction> actions, std::vector<ScriptReading> readings)
    : actions_(std::move(actions)), readings_(std::move(readings)) {
  const auto by_time = [](const auto& a, const auto& b) { return a.at < b.at; };
  std::stable_sort(actions_.begin(), actions_.end(), by_time);
  std::stable_sort(readings_.begin(), readings_.end(), by_time);
}

void Script::check(const Program& program) const {
  for (const ScriptAction& action : actions_) {
    const std::optional<std::string> refusal = refusal_of(action.command, program);
    if (!refusal) continue;
    throw Failure{Exit::kWords, fmt::format("--at {}: {}", printable(action.text), *refusal)};
  }
  std::set<std::string, std::less<>> asked_for;
  for (const Phase& phase : program.phases) {
    if (phase.end.exists()) asked_for.insert(printable(phase.end.sensor));
  }
  for (const ScriptReading& reading : readings_) {
    const std::string sensor = printable(reading.sensor);
    if (asked_for.contains(sensor)) continue;
    throw Failure{Exit::kWords,
                  fmt::format("--sensor {}: no phase of this program asks for it; {}", sensor,
                              asked_for.empty()
                                  ? "none asks for any"
                                  : fmt::format("they ask for {}", fmt::join(asked_for, ", ")))};
  }
}

LocalTime Script::due() const {
  LocalTime due = readings_.empty() ? kNever : sample_at_;
  if (next_ < actions_.size()) {
    due = std::min(due, std::max(origin_ + actions_[next_].at, retry_at_));
  }
  return due;
}

bool Script::run(EngineOrders& orders, LocalTime now, std::vector<std::string>& said) {
  if (now < due()) return false;
  if (!readings_.empty() && now >= sample_at_) sample(orders.engine(), now);
  if (next_ == actions_.size() || now < origin_ + actions_[next_].at) return true;
  const Answer answer = orders.take(actions_[next_].command, now);
  if (answer.status == Status::kBusy) {
    retry_at_ = now + millis(1);
    return true;
  }
  if (answer.status != Status::kOk) {
    said.push_back(
        fmt::format("--at {}: {}", printable(actions_[next_].text), text_of(answer).view()));
  }
  ++next_;
  return true;
}

void Script::sample(Engine& engine, LocalTime now) {
  const Micros elapsed = now - origin_;
  for (std::size_t i = 0; i < readings_.size() && readings_[i].at <= elapsed; ++i) {
    const bool newest = std::none_of(
        readings_.begin() + static_cast<std::ptrdiff_t>(i) + 1, readings_.end(),
        [&](const ScriptReading& r) { return r.at <= elapsed && r.sensor == readings_[i].sensor; });
    if (newest) engine.sense(readings_[i].sensor, readings_[i].value, now);
  }
  sample_at_ = now + kSamplePeriod - elapsed % kSamplePeriod;
}

}  // namespace takt
