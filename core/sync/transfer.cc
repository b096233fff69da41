// SPDX-License-Identifier: Apache-2.0
#include "takt/core/sync/transfer.h"

#include <algorithm>
#include <span>

namespace takt::sync {

void Transfer::fetch(ProgramHash program, std::uint32_t size, std::size_t member, LocalTime now) {
  if (fetch_.program == program) {
    fetch_.from = member;
    return;
  }
  fetch_ = {program, size, 0, member, now, now};
}

void Transfer::find_source(const Members& members, LocalTime now) {
  const Micros patience = std::max(seconds(1), config_.pace.retry() * 4);
  if (fetch_.program == 0 || now - fetch_.since < patience) return;
  fetch_.since = now;
  for (std::size_t i = 1; i <= members.size(); ++i) {
    const std::size_t other = (fetch_.from + i) % members.size();
    if (!members.is_present(members[other], now)) continue;
    fetch_.from = other;
    fetch_.ask_at = now;
    return;
  }
}

void Transfer::take(std::size_t member, const Message& chunk, LocalTime now) {
  if (fetch_.program == 0 || chunk.program != fetch_.program || member != fetch_.from ||
      chunk.number != fetch_.offset || chunk.chunk_size == 0 ||
      chunk.chunk_size > fetch_.size - fetch_.offset) {
    return;
  }
  const Status status = host_.write(fetch_.program, fetch_.size, fetch_.offset,
                                    std::span{chunk.chunk}.first(chunk.chunk_size));
  const bool is_lost = status != Status::kOk && status != Status::kCorrupt;
  fetch_.offset = status == Status::kOk ? fetch_.offset + chunk.chunk_size : 0;
  fetch_.ask_at = fetch_.since = now;
  if (is_lost || fetch_.offset == fetch_.size) fetch_ = {};
}

void Transfer::ask(std::size_t member, const Message& message) {
  asked_[member] = {message.program, message.number, true};
}

bool Transfer::owes(std::size_t member, Message& message, LocalTime now) {
  if (Asked& asked = asked_[member]; asked.is_owed) {
    asked.is_owed = false;
    message.kind = Kind::kChunk;
    message.program = asked.program;
    message.number = asked.offset;
    message.chunk_size =
        static_cast<std::uint8_t>(host_.read(asked.program, asked.offset, message.chunk));
    if (message.chunk_size > 0) return true;
  }
  if (fetch_.program == 0 || member != fetch_.from || now < fetch_.ask_at) return false;
  fetch_.ask_at = now + config_.pace.retry();
  message.kind = Kind::kAskChunk;
  message.program = fetch_.program;
  message.number = fetch_.offset;
  return true;
}

}  // namespace takt::sync
