// SPDX-License-Identifier: Apache-2.0
// What the outputs did, as a file.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/program/model.h"
#include "tools/trace/output_file.h"

namespace takt {

/// Writes changes of levels as they come. Of several changes at one microsecond only the last
/// counts, so that what is off and on again at one instant is no change.
///
/// Cost: tens of nanoseconds for each change. Not for the realtime half: where the file cannot keep
/// up, it waits.
class TraceWriter {
 public:
  virtual ~TraceWriter() = default;

  /// From `at`, counted from the start of the run, the outputs are `levels`. `at` never goes back;
  /// all outputs are off before the first call. What comes before zero counts as at zero.
  /// - kIo: a write failed; the trace ends there. See error().
  Status note(Micros at, const Levels& levels) {
    at = at < Micros{0} ? Micros{0} : at;
    if (at != at_) write_pending();
    at_ = at;
    levels_ = levels;
    return file_.status();
  }

  /// A line for people, where the format has a place for one: at the end.
  void remark(std::string_view text) { write_remark(text); }

  /// Says that nothing before `now` will be noted any more. What was noted gets into the file
  /// within a second, even if nothing ever changes again. - kIo: see error().
  Status pass(Micros now) {
    if (at_ < now) write_pending();
    file_.flush();
    return file_.status();
  }

  /// Ends the trace at `at`, not before the last change. - kIo: see error().
  Status close(Micros at);

  const std::string& error() const { return file_.error(); }

 protected:
  struct Signal {
    std::string name;
    bool analog = false;
    std::uint8_t channel = 0;
  };

  explicit TraceWriter(std::span<const Output> outputs);

  OutputFile& file() { return file_; }
  const std::vector<Signal>& signals() const { return signals_; }
  /// Levels of `signal`, number `index` of signals().
  std::uint16_t value(const Levels& levels, std::size_t index) const {
    const Signal& signal = signals_[index];
    return signal.analog ? levels.analog[signal.channel]
                         : levels.is_on(static_cast<unsigned>(index));
  }

 private:
  friend Result<std::unique_ptr<TraceWriter>> open_trace(const std::string& path,
                                                         std::span<const Output> outputs,
                                                         std::string& error);

  virtual void write_header() = 0;
  /// `changed` has bit i set if signal i is not what it was; it is not 0.
  virtual void write(Micros at, const Levels& levels, std::uint32_t changed) = 0;
  virtual void write_remark(std::string_view /*text*/) {}
  virtual void write_end(Micros at) = 0;

  void write_pending();
  std::uint32_t changes() const;

  OutputFile file_;
  std::vector<Signal> signals_;
  std::uint32_t analog_ = 0;  ///< The signals that are analog; bit i is signal i.
  Micros at_;
  Levels levels_;   ///< From at_ on.
  Levels written_;  ///< Before at_.
};

/// Opens a trace in the format that the end of `path` names: .csv or .vcd.
/// - kUnsupported: it names another. - kIo: the file cannot be written. Both: `error` says why.
Result<std::unique_ptr<TraceWriter>> open_trace(const std::string& path,
                                                std::span<const Output> outputs,
                                                std::string& error);

}  // namespace takt
