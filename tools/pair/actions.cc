// SPDX-License-Identifier: Apache-2.0
#include "tools/pair/actions.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "takt/core/json/duration_text.h"
#include "tools/cli/failure.h"
#include "tools/cli/order_input.h"
#include "tools/cli/text.h"
#include "tools/programs/run_text.h"

namespace takt {
namespace {

using Kind = PairAction::Kind;

[[noreturn]] void wrong(std::string_view text, std::string_view form) {
  throw Failure{Exit::kWords, fmt::format("--at takes {}, not '{}'", form, printable(text))};
}

std::optional<std::size_t> side_of(std::string_view name) {
  if (name == "left") return 0;
  if (name == "right") return 1;
  return std::nullopt;
}

std::optional<double> part_of(std::string_view percent) {
  double number = 0;
  const char* const end = percent.data() + percent.size();
  const auto [rest, error] = std::from_chars(percent.data(), end, number);
  if (error != std::errc{} || rest != end || !(number >= 0 && number <= 100)) return std::nullopt;
  return number / 100;
}

/// False: no such action.
bool read(std::string_view words, PairAction& action) {
  const std::size_t colon = words.find(':');
  const std::string_view name = words.substr(0, colon);
  const bool bare = colon == std::string_view::npos;
  const std::string_view rest = bare ? std::string_view{} : words.substr(colon + 1);
  if (bare && (name == "cut" || name == "heal")) {
    action.kind = name == "cut" ? Kind::kCut : Kind::kHeal;
    return true;
  }
  if (name == "kill" || name == "start") {
    action.kind = name == "kill" ? Kind::kKill : Kind::kStart;
    action.device = side_of(rest).value_or(2);
    return action.device < 2;
  }
  if (name == "loss") {
    action.kind = Kind::kLoss;
    action.loss = part_of(rest).value_or(-1);
    return action.loss >= 0;
  }
  if (name == "latency") {
    action.kind = Kind::kLatency;
    const std::optional<Micros> latency = parse_duration(rest);
    action.latency = latency.value_or(Micros{0});
    return latency && *latency <= seconds(10);
  }
  const std::optional<std::size_t> side = side_of(name);
  if (!side || bare) return false;
  action.kind = Kind::kOrder;
  action.device = *side;
  OrderFault fault;
  const Result<Order> order = parse_order(rest, fault);
  if (!order.ok()) throw Failure{Exit::kWords, "--at: " + sentence_of(fault)};
  action.order = order.value();
  return true;
}

}  // namespace

PairAction parse_pair_action(const std::string& text) {
  constexpr std::string_view kForm =
      "TIME=ACTION, where ACTION is kill:SIDE, start:SIDE, cut, heal, loss:PERCENT, latency:TIME "
      "(10s at most), or SIDE:ORDER, as in --at 10s=kill:left --at \"15s=right:play cycle=800ms\"";
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) wrong(text, kForm);
  const std::string_view whole{text};
  const std::optional<Micros> at = parse_run_time(whole.substr(0, equals), "--at");
  if (!at) wrong(text, kForm);
  PairAction action;
  action.at = *at;
  action.text = whole.substr(equals + 1);
  if (!read(action.text, action)) wrong(text, kForm);
  return action;
}

}  // namespace takt
