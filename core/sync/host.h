// SPDX-License-Identifier: Apache-2.0
// What a session needs of the device around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/core/base/status.h"
#include "takt/core/base/time.h"
#include "takt/core/sync/plan.h"

namespace takt::sync {

/// Called from within a Peer's members only.
class Host {
 public:
  /// Whether `plan` can be played here: kNone, or why not.
  virtual Reason judge(const Plan& plan) = 0;

  /// Completes a change from `current` to `next`, both of the same program and not refused by
  /// judge(): sets its `effective`, the first instant not before `earliest` at which it may take
  /// effect, and parameters with which it goes on where the present plan is then.
  virtual void place(const Plan& current, Plan& next, SessionTime earliest) = 0;

  /// Copies bytes of a program from `offset` on; returns how many, 0 if it is not here.
  virtual std::size_t read(ProgramHash program, std::uint32_t offset, std::span<std::byte> to) = 0;

  /// Takes bytes of a program of `size`, in order; an offset of 0 begins anew. After the last ones
  /// it checks the hash. - kCorrupt: begin anew. - Any other error: this program can never be
  /// taken, and judge() refuses it from now on.
  virtual Status write(ProgramHash program, std::uint32_t size, std::uint32_t offset,
                       std::span<const std::byte> bytes) = 0;

 protected:
  ~Host() = default;
};

}  // namespace takt::sync
