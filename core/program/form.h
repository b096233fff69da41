// SPDX-License-Identifier: Apache-2.0
// What the two JSON forms of a program have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "takt/core/base/text.h"
#include "takt/core/json/json_walk.h"
#include "takt/core/program/builder.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/point_row.h"

namespace takt {

/// A name that fits, copied out of the parser's scratch memory.
using NameText = FixedText<kMaxNameBytes>;

/// A document is walked once to measure, then once for each kind of thing that others refer to. So
/// every name is resolved where it stands, whatever the order of the keys, and a wrong one is
/// reported at its place.
enum class Pass : std::uint8_t {
  kMeasure,  ///< Counts, and reports every fault that can be seen without resolving names.
  kOutputs,
  kLinks,  ///< Between outputs: directions of motors, interlocks.
  kPhases,
  kLast,  ///< What refers to phases, and texts that are chosen at the end.
};

/// Makes the rows of a program from the objects of a document.
class Form : public json::Visitor {
 public:
  virtual json::Walker::Root root() const = 0;

  /// `builder` is null in Pass::kMeasure only; it must be made for what that pass measured.
  void begin_pass(Pass pass, ProgramBuilder* builder) {
    pass_ = pass;
    builder_ = builder;
    size_ = {};
    components_ = 0;
    start();
  }

  void end_pass() {
    count_text(program_name());
    if (is(Pass::kLast)) stored_name_ = builder_->add_text(program_name());
  }

  /// Valid after Pass::kMeasure, if it reported no error.
  const ProgramSize& size() const { return size_; }
  /// Valid after Pass::kLast.
  Program finish() const { return builder_->finish(stored_name_, repeats_); }

 protected:
  ~Form() = default;

  virtual void start() = 0;
  /// How far the pass has come.
  virtual std::string_view program_name() const = 0;

  bool is(Pass pass) const { return pass_ == pass; }
  ProgramBuilder& builder() { return *builder_; }
  ProgramBuilder* builder_in(Pass pass) { return is(pass) ? builder_ : nullptr; }

  /// Counts one more row; says so when it is the first beyond `limit`.
  void count(const json::Walker& at, std::size_t& rows, std::size_t limit, std::string_view what);
  void count_phase(const json::Walker& at);
  void count_component(const json::Walker& at);
  /// The points of row_, at the end of their component.
  void count_points(const json::Walker& at);
  void count_text(std::string_view text) { size_.text_bytes += text.size(); }

  /// Whether `start` and all repeats of `period` stay within a run; reports if not.
  bool fits_run(const json::Walker& at, Micros start, Micros period, std::uint32_t repeats);

  /// Faults that are seen in every pass are reported in the first; no later one follows an error.
  void error(const json::Walker& at, const Where& where, const MessageText& message) const {
    at.reporter().error(where, message);
  }
  void warn_once(const json::Walker& at, const Where& where, const MessageText& message) const {
    if (is(Pass::kMeasure)) at.reporter().warn(where, message);
  }

  ProgramSize size_;
  std::uint32_t repeats_ = 1;
  PointRow row_;

 private:
  Pass pass_ = Pass::kMeasure;
  ProgramBuilder* builder_ = nullptr;
  std::string_view stored_name_;
  std::size_t components_ = 0;  ///< Of the phase.
};

}  // namespace takt
