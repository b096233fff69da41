// SPDX-License-Identifier: Apache-2.0
// All that was reported, for tests.
#pragma once

#include <vector>

#include "takt/core/json/diagnostic.h"

namespace takt {

class CollectingSink final : public DiagnosticSink {
 public:
  void report(const Diagnostic& diagnostic) override { all.push_back(diagnostic); }

  std::vector<Diagnostic> all;
};

}  // namespace takt
