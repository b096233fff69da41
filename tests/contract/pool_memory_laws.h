// SPDX-License-Identifier: Apache-2.0
// What every PoolMemory must do; see law.h for the form.
//
// A port under test has
//   bus::PoolMemory& memory();     nothing is taken, 16 KiB at least and 1 MiB at most are there
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/bus/pool_memory.h"
#include "tests/contract/law.h"

namespace takt::contract {

/// More than there is.
inline constexpr std::size_t kTooManyBytes = std::size_t{4} << 20U;

using Piece = std::span<std::byte>;
using Pieces = std::array<Piece, 64>;

/// What a piece holds: by its number, so that pieces that overlap spoil each other.
inline std::byte mark_of(std::size_t number, std::size_t at) {
  return static_cast<std::byte>(number * 37 + at);
}

inline void fill(Piece piece, std::size_t number) {
  for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = mark_of(number, i);
}

inline bool holds(Piece piece, std::size_t number) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (piece[i] != mark_of(number, i)) return false;
  }
  return true;
}

/// Takes pieces until there is none, or 64 are taken: how many.
inline std::size_t take_all(bus::PoolMemory& memory, std::size_t bytes, Pieces& pieces) {
  std::size_t count = 0;
  while (count < pieces.size()) {
    pieces[count] = memory.take(bytes);
    if (pieces[count].empty()) break;
    ++count;
  }
  return count;
}

inline std::size_t largest_piece(bus::PoolMemory& memory) {
  std::size_t least = 0;
  std::size_t most = kTooManyBytes;
  while (most - least > 1) {
    const std::size_t middle = least + (most - least) / 2;
    const Piece piece = memory.take(middle);
    if (!piece.empty()) memory.give_back(piece);
    (piece.empty() ? most : least) = middle;
  }
  return least;
}

template <typename Port>
const char* a_piece_is_as_large_as_asked_and_aligned(Port& port) {
  for (std::size_t bytes = 1; bytes < 3'000; bytes += bytes < 70 ? 1 : 129) {
    const Piece piece = port.memory().take(bytes);
    if (piece.size() != bytes) return "it has another size";
    if (reinterpret_cast<std::uintptr_t>(piece.data()) % alignof(std::max_align_t) != 0) {
      return "it is not aligned";
    }
    port.memory().give_back(piece);
  }
  return nullptr;
}

template <typename Port>
const char* pieces_keep_what_is_written_until_they_are_given_back(Port& port) {
  Random random(kSeeds[1]);
  Pieces pieces{};
  const char* broken = nullptr;
  for (int step = 0; step < 3'000 && broken == nullptr; ++step) {
    const std::size_t number = random.below(pieces.size());
    Piece& piece = pieces[number];
    if (piece.empty()) {
      piece = port.memory().take(1 + random.below(900));
      fill(piece, number);
      continue;
    }
    if (!holds(piece, number)) broken = "something was written into a piece";
    port.memory().give_back(piece);
    piece = {};
  }
  for (const Piece piece : pieces) {
    if (!piece.empty()) port.memory().give_back(piece);
  }
  return broken;
}

template <typename Port>
const char* without_room_nothing_is_taken(Port& port) {
  Pieces pieces{};
  const std::size_t bytes = largest_piece(port.memory()) / 10;
  const std::size_t count = take_all(port.memory(), bytes, pieces);
  const char* broken = count == 0 ? "there is no room at all" : nullptr;
  for (std::size_t i = 0; i < count; ++i) fill(pieces[i], i);
  if (!port.memory().take(kTooManyBytes).empty()) broken = "it gives what it does not have";
  for (std::size_t i = 0; i < count; ++i) {
    if (!holds(pieces[i], i)) broken = "a refusal spoilt a piece";
    port.memory().give_back(pieces[i]);
  }
  return broken;
}

template <typename Port>
const char* what_was_given_back_can_be_taken_again_in_any_order(Port& port) {
  Random random(kSeeds[2]);
  const std::size_t largest = largest_piece(port.memory());
  if (largest < 16 * 1'024) return "there is too little";
  for (int round = 0; round < 50; ++round) {
    Pieces pieces{};
    const std::size_t count = take_all(port.memory(), largest / (2 + random.below(40)), pieces);
    for (auto i = static_cast<std::uint32_t>(count); i > 1; --i) {
      std::swap(pieces[i - 1], pieces[random.below(i)]);
    }
    for (std::size_t i = 0; i < count; ++i) port.memory().give_back(pieces[i]);
    const Piece all = port.memory().take(largest);
    if (all.empty()) return "something was not given back";
    port.memory().give_back(all);
  }
  return nullptr;
}

template <typename Port>
inline constexpr std::array kPoolMemoryLaws{
    Law<Port>{"a piece is as large as asked, and aligned",
              a_piece_is_as_large_as_asked_and_aligned},
    Law<Port>{"pieces keep what is written until they are given back",
              pieces_keep_what_is_written_until_they_are_given_back},
    Law<Port>{"without room nothing is taken", without_room_nothing_is_taken},
    Law<Port>{"what was given back can be taken again, in any order",
              what_was_given_back_can_be_taken_again_in_any_order},
};

}  // namespace takt::contract
