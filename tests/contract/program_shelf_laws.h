// SPDX-License-Identifier: Apache-2.0
// What every ProgramShelf must do; see law.h for the form.
//
// A port under test has
//   ProgramShelf& shelf();                     without the program
//   std::span<const std::byte> compiled();     the program: more than 64 bytes, and
//   sync::ProgramHash hash();                  their hash
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/engine/program_shelf.h"
#include "tests/contract/law.h"

namespace takt::contract {

template <typename Port>
bool is_absent(Port& port) {
  std::array<std::byte, 16> bytes;
  return port.shelf().find(port.hash()).status() == Status::kNotLoaded &&
         port.shelf().read(port.hash(), 0, bytes) == 0;
}

/// Writes bytes of the program from `from` up to `to`, in pieces as links cut them.
template <typename Port>
Status write_part(Port& port, Random& random, std::size_t from, std::size_t to) {
  Status status = Status::kOk;
  while (from < to && status == Status::kOk) {
    const std::size_t size = std::min<std::size_t>(1 + random.below(200), to - from);
    status =
        port.shelf().write(port.hash(), static_cast<std::uint32_t>(port.compiled().size()),
                           static_cast<std::uint32_t>(from), port.compiled().subspan(from, size));
    from += size;
  }
  return status;
}

/// Whether it is there, and every part of it can be read.
template <typename Port>
const char* is_whole(Port& port, Random& random) {
  if (!port.shelf().find(port.hash()).ok()) return "a whole program is not found";
  const std::span<const std::byte> compiled = port.compiled();
  for (int i = 0; i < 200; ++i) {
    std::array<std::byte, 250> bytes;
    const auto wanted = std::span{bytes}.first(1 + random.below(bytes.size()));
    const std::uint32_t offset = random.below(static_cast<std::uint32_t>(compiled.size()) + 100);
    const std::size_t rest = offset < compiled.size() ? compiled.size() - offset : 0;
    const std::size_t size = port.shelf().read(port.hash(), offset, wanted);
    if (size != std::min(wanted.size(), rest)) return "another number of bytes was read";
    if (size > 0 && !std::ranges::equal(wanted.first(size), compiled.subspan(offset, size))) {
      return "what is read is not what was written";
    }
  }
  return nullptr;
}

template <typename Port>
const char* a_program_is_absent_until_its_last_byte_has_come(Port& port) {
  Random random(kSeeds[0]);
  const std::size_t size = port.compiled().size();
  if (!is_absent(port)) return "it is there already";
  if (write_part(port, random, 0, size - 1) != Status::kOk) return "it is refused";
  if (!is_absent(port)) return "it is there before its last byte";
  if (write_part(port, random, size - 1, size) != Status::kOk) return "it is refused";
  return is_whole(port, random);
}

template <typename Port>
const char* a_program_that_comes_again_begins_anew(Port& port) {
  Random random(kSeeds[1]);
  const std::size_t size = port.compiled().size();
  for (int i = 0; i < 10; ++i) {
    if (write_part(port, random, 0, 1 + random.below(static_cast<std::uint32_t>(size) - 1)) !=
        Status::kOk) {
      return "it is refused";
    }
  }
  if (!is_absent(port)) return "parts were taken for a program";
  if (write_part(port, random, 0, size) != Status::kOk) return "it is refused after a part of it";
  return is_whole(port, random);
}

template <typename Port>
const char* a_gap_is_corrupt_and_all_over_again_is_good(Port& port) {
  Random random(kSeeds[2]);
  const std::size_t size = port.compiled().size();
  if (write_part(port, random, 0, size / 2) != Status::kOk) return "it is refused";
  if (write_part(port, random, size / 2 + 1, size) != Status::kCorrupt) return "a gap is no error";
  if (!is_absent(port)) return "a program with a gap is there";
  if (write_part(port, random, 0, size) != Status::kOk) return "it is refused after a gap";
  return is_whole(port, random);
}

template <typename Port>
const char* what_is_not_what_its_hash_promises_is_corrupt(Port& port) {
  Random random(kSeeds[0]);
  const auto size = static_cast<std::uint32_t>(port.compiled().size());
  for (std::uint32_t bad = 0; bad < size; bad += 1 + size / 16) {
    Status status = Status::kOk;
    for (std::uint32_t i = 0; i < size && status == Status::kOk; ++i) {
      const std::byte byte = port.compiled()[i] ^ std::byte{static_cast<std::uint8_t>(i == bad)};
      status = port.shelf().write(port.hash(), size, i, std::span{&byte, 1});
      if (status != Status::kOk && i + 1 < size) return "it is refused before it is whole";
    }
    if (status != Status::kCorrupt) return "it was taken";
    if (!is_absent(port)) return "it is there";
  }
  if (write_part(port, random, 0, size) != Status::kOk) return "the right one is refused";
  return is_whole(port, random);
}

template <typename Port>
inline constexpr std::array kProgramShelfLaws{
    Law<Port>{"a program is absent until its last byte has come",
              a_program_is_absent_until_its_last_byte_has_come},
    Law<Port>{"a program that comes again begins anew", a_program_that_comes_again_begins_anew},
    Law<Port>{"a gap is corrupt, and all over again is good",
              a_gap_is_corrupt_and_all_over_again_is_good},
    Law<Port>{"what is not what its hash promises is corrupt",
              what_is_not_what_its_hash_promises_is_corrupt},
};

}  // namespace takt::contract
