// SPDX-License-Identifier: Apache-2.0
// A shelf for devices of one session.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "takt/core/engine/lockstep.h"
#include "takt/core/program/codec.h"

namespace takt::testing {

/// Holds one program, from the beginning or once all its bytes have come.
class OneProgram final : public ProgramShelf {
 public:
  explicit OneProgram(const Timeline& timeline, bool is_here = true) : timeline_(timeline) {
    std::string compiled;
    TextInto out{compiled};
    encode_compiled(timeline.program(), out);
    hash_ = sync::hash_of(compiled);
    size_ = static_cast<std::uint32_t>(compiled.size());
    if (is_here) bytes_ = std::move(compiled);
  }

  sync::ProgramHash hash() const { return hash_; }
  /// Of the whole program.
  std::uint32_t bytes() const { return size_; }

  Result<Timeline> find(sync::ProgramHash program) override {
    if (program != hash_ || bytes_.size() < size_) return Status::kNotLoaded;
    return timeline_;
  }
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override {
    if (!find(program).ok() || offset >= size_) return 0;
    const std::size_t size = std::min<std::size_t>(to.size(), size_ - offset);
    std::ranges::copy(std::as_bytes(std::span{bytes_}).subspan(offset, size), to.begin());
    return size;
  }
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override {
    if (offset == 0) bytes_.clear();
    if (offset != bytes_.size()) return Status::kCorrupt;
    for (const std::byte byte : bytes) bytes_ += static_cast<char>(byte);
    if (bytes_.size() < size || sync::hash_of(bytes_) == program) return Status::kOk;
    bytes_.clear();
    return Status::kCorrupt;
  }

 private:
  const Timeline timeline_;
  sync::ProgramHash hash_ = 0;
  std::uint32_t size_ = 0;
  std::string bytes_;
};

}  // namespace takt::testing
