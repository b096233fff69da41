// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "takt/core/base/exclusion.h"

namespace takt {

/// Exclusion between threads.
class MutexExclusion final : public Exclusion {
 public:
  void enter() override { mutex_.lock(); }
  void leave() override { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

}  // namespace takt
