// SPDX-License-Identifier: Apache-2.0
// Where a pool gets its memory from.
#pragma once

#include <cstddef>
#include <span>

namespace takt::bus {

/// A source of pieces for pools: a region of the board's memory, as a rule.
///
/// An application implements it, not a port: only an application knows both the bus and the
/// regions. Context: the control half. A piece stays in place until it is given back.
class PoolMemory {
 public:
  /// A piece of exactly `bytes`, more than 0, aligned for any type. Its contents mean nothing.
  /// Empty: there is no such piece, and nothing was taken.
  virtual std::span<std::byte> take(std::size_t bytes) = 0;

  /// Takes back a piece, whole, as take() gave it. In any order.
  virtual void give_back(std::span<std::byte> memory) = 0;

 protected:
  ~PoolMemory() = default;
};

}  // namespace takt::bus
