// SPDX-License-Identifier: Apache-2.0
// Orders that a person or a script gives on standard input, a line each.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "takt/app/messages/verbs.h"

namespace takt {

/// Cuts the typed text into lines, and keeps no more than a line.
class OrderLines {
 public:
  static constexpr std::size_t kLongest = 256;

  struct Line {
    std::string text;       ///< Without its end.
    bool too_long = false;  ///< Longer than kLongest; then there is no text.
  };

  void add(std::string_view typed) { typed_ += typed; }
  /// The next whole line; nothing: none yet. To be called until then.
  std::optional<Line> take();

 private:
  std::string typed_;
  bool skips_ = false;  ///< Until the end of a line that is too long.
};

/// Standard input as a source of orders. If there is none, or it has ended, no orders come; that is
/// no reason to end.
class OrderInput {
 public:
  /// The descriptor to wait for; -1: nothing can be read, for now or for good. A terminal is left
  /// to others while this process is in its background.
  int descriptor() const;

  /// Once the descriptor is readable, or has ended. Never waits then.
  void read();

  /// The next order; nothing: none yet. To be called until then. A wrong order goes to `complain`
  /// and is left out.
  template <typename Complain>
  std::optional<Order> take(Complain&& complain) {
    while (const std::optional<OrderLines::Line> line = lines_.take()) {
      std::string fault;
      if (const std::optional<Order> order = order_of(*line, fault)) return order;
      if (!fault.empty()) complain(fault);
    }
    return std::nullopt;
  }

 private:
  /// Nothing and no fault: an empty line.
  static std::optional<Order> order_of(const OrderLines::Line& line, std::string& fault);

  OrderLines lines_;
  bool ended_ = false;
};

/// For people, with its place.
std::string sentence_of(const OrderFault& fault);

/// The orders that there are, a line each.
std::string orders_for_people();

}  // namespace takt
