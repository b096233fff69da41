// SPDX-License-Identifier: Apache-2.0
#include "tools/device/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "takt/core/json/duration_text.h"
#include "tools/cli/text.h"

namespace takt {
namespace {

using Kind = Order::Kind;

constexpr std::pair<std::string_view, Kind> kWords[] = {
    {"play", Kind::kPlay},       {"stop", Kind::kStop},     {"estop", Kind::kEmergencyStop},
    {"release", Kind::kRelease}, {"status", Kind::kStatus}, {"quit", Kind::kQuit},
    {"help", Kind::kHelp}};

std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kBlank = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint8_t> percent_of(std::string_view text) {
  std::uint8_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number > 100) return std::nullopt;
  return number;
}

/// Empty: it was understood.
std::string_view take_field(std::string_view name, std::string_view value, SettingWish& wish) {
  if (name == "cycle") {
    wish.cycle = parse_duration(value);
    return wish.cycle ? "" : "a time, as in cycle=800ms";
  }
  if (name == "alternate") {
    if (value == "on" || value == "off") wish.alternate = value == "on";
    return wish.alternate ? "" : "on or off";
  }
  std::optional<std::uint8_t>* const field = name == "duty"         ? &wish.duty
                                             : name == "intensity"  ? &wish.intensity
                                             : name == "brightness" ? &wish.brightness
                                                                    : nullptr;
  if (field == nullptr) return "one of cycle, duty, intensity, brightness, alternate in front of =";
  *field = percent_of(value);
  return *field ? "" : "a percentage, 0 to 100";
}

}  // namespace

std::optional<OrderLines::Line> OrderLines::take() {
  const std::size_t end = typed_.find('\n');
  if (end == std::string::npos) {
    skips_ = skips_ || typed_.size() > kLongest;
    if (skips_) typed_.clear();
    return std::nullopt;
  }
  Line line{typed_.substr(0, end), skips_ || end > kLongest};
  if (line.too_long) line.text.clear();
  typed_.erase(0, end + 1);
  skips_ = false;
  return line;
}

std::optional<Order> parse_order(std::string_view line, std::string& error) {
  const std::string_view word = take_word(line);
  const auto* const found =
      std::ranges::find(kWords, word, &std::pair<std::string_view, Kind>::first);
  if (found == std::end(kWords)) {
    error = fmt::format("there is no order '{}'; try help", printable(word));
    return std::nullopt;
  }
  Order order{found->second, {}};
  for (std::string_view part = take_word(line); !part.empty(); part = take_word(line)) {
    const std::size_t equals = part.find('=');
    if (order.kind != Kind::kPlay || equals == std::string_view::npos) {
      error = fmt::format("'{}' is one word too many", printable(part));
      return std::nullopt;
    }
    const std::string_view lacks =
        take_field(part.substr(0, equals), part.substr(equals + 1), order.wish);
    if (lacks.empty()) continue;
    error = fmt::format("'{}' needs {}", printable(part), lacks);
    return std::nullopt;
  }
  return order;
}

}  // namespace takt
