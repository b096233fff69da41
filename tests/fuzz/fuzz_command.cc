// SPDX-License-Identifier: Apache-2.0
// Whatever is typed is an order or has a reason that can be shown; an order that is written and
// read again is the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/app/messages/verbs.h"
#include "takt/core/base/assert.h"
#include "takt/core/base/utf8.h"

namespace {

using namespace takt;

void check_fault(const OrderFault& fault, std::string_view text) {
  TAKT_ASSERT(!fault.text.empty() && fault.at <= text.size());
  for (std::string_view rest = fault.text.view(); !rest.empty();) {
    const std::string_view before = rest;
    TAKT_ASSERT(before.starts_with(take_printable(rest)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  OrderFault fault;
  const Result<Order> order = parse_order(text, fault);
  if (!order.ok()) {
    check_fault(fault, text);
    TAKT_ASSERT(!parse_command(text, fault).ok());
    check_fault(fault, text);
    return 0;
  }
  TAKT_ASSERT(fault.text.empty());
  const OrderText written = text_of(order.value());
  const Result<Order> again = parse_order(written.view(), fault);
  TAKT_ASSERT(again.ok() && again.value() == order.value());
  const Result<Command> command = parse_command(text, fault);
  const bool is_command = order.value().kind == Order::Kind::kCommand;
  TAKT_ASSERT(command.ok() == is_command);
  TAKT_ASSERT(!is_command || command.value() == order.value().command);
  return 0;
}
