// SPDX-License-Identifier: Apache-2.0
// Gives diagnostics of a program their places in the document that it was loaded from.
#pragma once

#include <cstdint>
#include <string_view>

#include "takt/core/json/diagnostic.h"
#include "takt/core/json/json_text.h"
#include "takt/core/json/report.h"

namespace takt {

enum class Format : std::uint8_t { kTakt, kCycleOptima, kCompiled };

/// The document that a program was loaded from.
struct SourceMap {
  std::string_view source;  ///< Must outlive all users of the map.
  Format format = Format::kTakt;
};

/// Where the array of phases is in the document.
std::string_view phases_pointer(const SourceMap& map);

/// The place of the value that `pointer` names; of the deepest one around it that exists, with the
/// pointer to that one, if not all of it does. `source` must have been loaded without error.
/// Cost: O(size of the source).
Where locate(std::string_view source, std::string_view pointer, json::Case letters);

/// The pointer to the value or field name at `offset` of a document without syntax errors.
PointerText pointer_to(std::string_view source, std::size_t offset);

/// Translates pointers into takt's own form, as check() gives them, to pointers into the document
/// with line and column, and hands the diagnostics on.
class LocatingSink final : public DiagnosticSink {
 public:
  LocatingSink(const SourceMap& map, DiagnosticSink& sink) : map_(map), sink_(sink) {}

  void report(const Diagnostic& diagnostic) override;

 private:
  SourceMap map_;
  DiagnosticSink& sink_;
};

}  // namespace takt
