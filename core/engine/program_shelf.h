// SPDX-License-Identifier: Apache-2.0
// Where a device of a session keeps its programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/status.h"
#include "takt/core/program/timeline.h"
#include "takt/core/sync/plan.h"

namespace takt {

/// Keeps programs by their hash, sync::hash_of() of their compiled form. Lockstep finds here the
/// programs that were agreed on, and puts here those that come over the link.
///
/// No port implements it, because it deals in timelines, which no port knows. The bytes may lie in
/// a folder, a partition, or memory. Context: called by Lockstep from its own members only.
class ProgramShelf {
 public:
  /// The program, whose tables stay in place while an engine uses them.
  /// - kNotLoaded: it is not here. - Any other error: it is, and this device cannot take it.
  virtual Result<Timeline> find(sync::ProgramHash program) = 0;

  /// Copies bytes of a program from `offset` on, as many as `to` holds or there are; returns how
  /// many. 0: the program ends there, or is not here.
  virtual std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                           std::span<std::byte> to) = 0;

  /// Takes bytes of a program of `size`, in order; an `offset` of 0 begins anew, whatever has come
  /// of it. The program is here once its last byte is.
  /// - kCorrupt: not in order, or not what the hash promises: all over again. - Any other error:
  ///   never; find() refuses the program from now on.
  virtual Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
                       std::span<const std::byte> bytes) = 0;

 protected:
  ~ProgramShelf() = default;
};

}  // namespace takt
