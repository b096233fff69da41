// SPDX-License-Identifier: Apache-2.0
// The programs of a device on Linux: those that it was started with, and those that came over the
// link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/core/engine/lockstep.h"

namespace takt {

/// Keeps programs in memory and, where there is a folder, those that came over the link in
/// FOLDER/HASH.takt as well, so that a restart does not have to ask for them again.
///
/// Context: the control half, or a thread that holds its mutex.
class HostShelf final : public ProgramShelf {
 public:
  /// The largest program that is taken over a link, in compiled form: minutes over slow ones.
  static constexpr std::uint32_t kMostBytes = 64U << 10U;
  /// Programs at a time: more than a session needs, and few enough that a flood of them does no
  /// harm.
  static constexpr std::size_t kMostPrograms = 64;

  /// Reads what the folder holds; empty: none. Throws Failure if the folder cannot be read.
  explicit HostShelf(std::string folder);

  struct Title {
    sync::ProgramHash hash = 0;
    std::uint32_t bytes = 0;
  };
  /// Adds a checked program. Throws Failure if it has no compiled form.
  Title add(const Timeline& timeline);

  /// From now on programs with other sides or outputs are refused: these are wired.
  void wire(const Program& program) { wired_ = &program; }

  Result<Timeline> find(sync::ProgramHash program) override;
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override;
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override;

  /// Why the latest program that came could not be kept in the folder, for people; empty: it was
  /// kept. Forgets the reason.
  std::string take_error() { return std::exchange(error_, {}); }

 private:
  struct Volume {
    std::string compiled;
    std::vector<std::max_align_t> block;
    Result<Timeline> timeline = Status::kNotLoaded;
  };

  Status put(sync::ProgramHash hash, std::string compiled);
  std::string path_of(sync::ProgramHash hash) const;

  const std::string folder_;
  const Program* wired_ = nullptr;
  std::map<sync::ProgramHash, std::unique_ptr<Volume>> volumes_;
  sync::ProgramHash coming_ = 0;
  std::string coming_bytes_;
  std::string error_;
};

}  // namespace takt
