// SPDX-License-Identifier: Apache-2.0
// From bytes to a Program and back: takt's own JSON, CycleOptima's JSON, and the compiled form.
// What the forms mean: docs/program.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "takt/core/base/status.h"
#include "takt/core/base/text_out.h"
#include "takt/core/json/diagnostic.h"
#include "takt/core/json/json_text.h"
#include "takt/core/json/locate.h"
#include "takt/core/program/builder.h"
#include "takt/core/program/model.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// Of CycleOptima documents: a name that they use for a component (`compId`), and the id of the
/// output that is meant.
struct NameMapping {
  std::string_view from;
  std::string_view to;
};

class Loader;

/// Reads the forms that are text, for a Loader.
struct TextForms {
  Status (*scan)(Loader& loader, Reporter& reporter);
  Status (*measure)(Loader& loader, std::span<std::byte> scratch, Reporter& reporter);
  Result<Program> (*build)(Loader& loader, ProgramBuilder& builder, Reporter& reporter);
  Result<Timeline> (*check)(Loader& loader, const Program& program);
};

/// takt's own form and that of CycleOptima. A device can be built to read compiled programs alone:
/// if it never names this, it links no JSON, which is half the code of a small device.
extern const TextForms kJson;

struct LoadOptions {
  /// Null: only compiled programs are read.
  const TextForms* text = nullptr;
  std::span<const NameMapping> map{};
  /// Plays a one-step "Toggle Direction" pattern of a CycleOptima document as two steps, there and
  /// back, with half the repeats; else it turns one way only, with a warning.
  bool expand_toggle = false;
};

/// Makes a Program from a source of any form, in memory that the caller gives once its size is
/// known. Take these steps, each once and in this order:
///
///   Loader loader{source, options, sink};
///   loader.scan();            then loader.scratch_bytes() is known
///   loader.measure(scratch);  then loader.program_bytes() is known
///   loader.build(block);      then the scratch memory is free again
///   loader.check(program);    gives the Timeline that plays
///
/// Never truncates and never guesses: what cannot be kept exactly is an error. Faults go to the
/// sink with pointer, line and column: the first one in the syntax, up to 32 others of a kind.
/// Cost: six passes over the source; no recursion, about 6 KiB of stack on a Cortex-M.
///
/// Errors of every step: kCorrupt (malformed, or a wrong checksum), kTooLarge (a limit of
/// limits.h), kUnsupported (a form or version that this build does not know), kOutOfRange (anything
/// else that was reported).
class Loader {
 public:
  /// All views must outlive the Loader; the program keeps none of them.
  Loader(std::string_view source, const LoadOptions& options, DiagnosticSink& sink)
      : source_(source), options_(options), sink_(sink) {}

  /// Recognises the form by content.
  Status scan();
  Format format() const { return format_; }
  /// At most kMaxJsonStringBytes and a little.
  std::size_t scratch_bytes() const { return scratch_bytes_; }

  /// `scratch` must be aligned for std::uint64_t, hold scratch_bytes(), and stay until build().
  Status measure(std::span<std::byte> scratch);
  std::size_t program_bytes() const { return size_.bytes(); }

  /// `block` as for ProgramBuilder. The program is not checked yet: only check() makes it playable.
  Result<Program> build(std::span<std::byte> block);

  /// As takt::check(); faults have the place in the source that they have there.
  Result<Timeline> check(const Program& program);

  /// For the places of diagnostics of check(), see LocatingSink.
  SourceMap source_map() const { return {source_, format_}; }

 private:
  friend class JsonForms;

  std::string_view source_;
  LoadOptions options_;
  DiagnosticSink& sink_;
  Format format_ = Format::kTakt;
  json::Extent extent_;
  std::size_t scratch_bytes_ = 0;
  std::span<std::byte> scratch_;
  ProgramSize size_;
  bool wrapped_ = false;  ///< Of a CycleOptima document: its phases are in `data`.
};

/// takt's own form, pretty and stable. Loading it gives an equal program, provided that `program`
/// was loaded from JSON (in particular, each component has the largest tick that fits).
/// `program` must have passed check().
void encode_json(const Program& program, TextOut& out);

/// The compiled form: compact, versioned, with a CRC-32 at its end. Equal programs give equal
/// bytes. `program` must have passed check().
void encode_compiled(const Program& program, TextOut& out);

}  // namespace takt
