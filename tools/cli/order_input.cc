// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/order_input.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace takt {

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

int OrderInput::descriptor() const {
  if (ended_) return -1;
  const bool in_background =
      ::isatty(STDIN_FILENO) != 0 && ::tcgetpgrp(STDIN_FILENO) != ::getpgrp();
  return in_background ? -1 : STDIN_FILENO;
}

void OrderInput::read() {
  char bytes[256];
  const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof(bytes));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  ended_ = count <= 0;
  lines_.add(ended_ ? "\n" : std::string_view{bytes, static_cast<std::size_t>(count)});
}

std::optional<Order> OrderInput::order_of(const OrderLines::Line& line, std::string& fault) {
  if (line.too_long) {
    fault = fmt::format("an order has {} characters at most", OrderLines::kLongest);
    return std::nullopt;
  }
  if (line.text.find_first_not_of(" \t\r") == std::string::npos) return std::nullopt;
  OrderFault wrong;
  const Result<Order> order = parse_order(line.text, wrong);
  if (order.ok()) return order.value();
  fault = sentence_of(wrong);
  return std::nullopt;
}

std::string sentence_of(const OrderFault& fault) {
  if (fault.at == 0) return std::string{fault.text.view()};
  return fmt::format("column {}: {}", fault.at + 1, fault.text.view());
}

std::string orders_for_people() {
  std::string text;
  for (const Verb& verb : kVerbs) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", usage_of(verb).view(), verb.help);
  }
  return text;
}

}  // namespace takt
