// SPDX-License-Identifier: Apache-2.0
#include "takt/app/boards/pins.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace takt {
namespace {

constexpr int kMostPins = std::numeric_limits<PinSet>::digits;

bool has(PinSet set, int number) { return number < kMostPins && (set & pin(number)) != 0; }

/// What `board` does with a pin that it has; empty: nothing that an output could disturb.
std::string_view hazard_of(const Board& board, int number) {
  if (has(board.strapping, number)) {
    return "is a strapping pin: what is connected there can keep the chip from starting";
  }
  if (has(board.usb, number))
    return "belongs to the chip's USB, which is lost, and it moves at start";
  if (has(board.console, number)) return "is the serial console's, which switches it at start";
  return {};
}

void append_pins(FixedText<240>& text, PinSet set) {
  std::string_view before = " ";
  for (int first = 0; first < kMostPins; ++first) {
    if (!has(set, first)) continue;
    int last = first;
    while (has(set, last + 1)) ++last;
    text.append(before).append(std::int64_t{first});
    if (last > first) text.append(" to ").append(std::int64_t{last});
    before = ", ";
    first = last;
  }
}

}  // namespace

Status check_pins(const Program& program, const Board& board, DiagnosticSink& sink) {
  Status status = Status::kOk;
  for (std::size_t i = 0; i < program.outputs.size(); ++i) {
    const int number = program.outputs[i].pin;
    if (number < 0 || !board.limited) continue;
    Diagnostic diagnostic;
    diagnostic.pointer.append("/outputs/").append(static_cast<std::int64_t>(i)).append("/pin");
    if (!has(board.pins, number)) {
      diagnostic.message.append(board.name).append(" has no pin ").append(std::int64_t{number});
      diagnostic.message.append("; there are");
      append_pins(diagnostic.message, board.pins);
      status = Status::kOutOfRange;
    } else if (const std::string_view hazard = hazard_of(board, number); !hazard.empty()) {
      diagnostic.severity = Severity::kWarning;
      diagnostic.message.append("pin ").append(std::int64_t{number}).append(" of ");
      diagnostic.message.append(board.name).append(" ").append(hazard);
    } else {
      continue;
    }
    sink.report(diagnostic);
  }
  return status;
}

}  // namespace takt
