// SPDX-License-Identifier: Apache-2.0
// Runs tables of laws on the emulated board, and prints what became of each.
#pragma once

#include <array>
#include <cstddef>

#include "takt/core/base/text.h"
#include "takt/ports/cortex_m/console.h"
#include "tests/contract/law.h"

namespace takt::contract {

class Suite {
 public:
  template <typename Port, std::size_t kCount>
  void run(const char* what, const std::array<Law<Port>, kCount>& laws, Port& port) {
    for (const Law<Port>& law : laws) {
      const char* const broken = law.check(port);
      FixedText<160> line{broken == nullptr ? "holds   " : "BROKEN  "};
      line.append(what).append(": ").append(law.name);
      if (broken != nullptr) line.append(": ").append(broken);
      console_.write(line.append("\n").view());
      good_ = good_ && broken == nullptr;
    }
  }
  /// Whether all held so far.
  bool good() const { return good_; }

 private:
  Console console_{mps2::uart0()};
  bool good_ = true;
};

}  // namespace takt::contract
