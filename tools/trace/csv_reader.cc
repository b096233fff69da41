// SPDX-License-Identifier: Apache-2.0
#include "tools/trace/csv_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "takt/core/program/limits.h"

namespace takt {
namespace {

constexpr std::string_view kHeader = "time_us,output,value";

template <typename... Parts>
FixedText<240> message_of(const Parts&... parts) {
  FixedText<240> text;
  (text.append(parts), ...);
  return text;
}

class Reader {
 public:
  Reader(std::string_view text, std::span<const Output> outputs, Diagnostic& wrong)
      : rest_(text), wrong_(wrong), knows_outputs_(!outputs.empty()) {
    trace_.outputs.assign(outputs.begin(), outputs.end());
  }

  Result<PlayedTrace> read() {
    const std::optional<std::string_view> header = take_record();
    if (header != kHeader) {
      fail(1, message_of("a trace begins with the line '", kHeader, "'"));
      return Status::kCorrupt;
    }
    while (const std::optional<std::string_view> record = take_record()) {
      if (!read_change(*record)) return Status::kCorrupt;
    }
    if (!wrong_.message.empty()) return Status::kCorrupt;
    add_rows();
    return std::move(trace_);
  }

 private:
  struct Change {
    Micros at;
    std::uint16_t value;
    std::uint8_t output;
  };

  bool fail(std::size_t column, const FixedText<240>& message) {
    wrong_ = {};
    wrong_.line = line_;
    wrong_.column = static_cast<std::uint32_t>(column);
    wrong_.message = message;
    return false;
  }

  /// The next line, or several with quotes around their ends, without its own end.
  std::optional<std::string_view> take_record() {
    line_ = next_line_;
    if (rest_.empty()) return std::nullopt;
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest_.size() && (quoted || rest_[end] != '\n'); ++end) {
      if (rest_[end] == '"') quoted = !quoted;
      if (rest_[end] == '\n') ++next_line_;
    }
    if (end == rest_.size()) {
      if (next_line_ != line_) fail(1, message_of("a quote that begins here does not end"));
      trace_.cut_line = line_;
      rest_ = {};
      return std::nullopt;
    }
    ++next_line_;
    std::string_view record = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (record.ends_with('\r')) record.remove_suffix(1);
    return record;
  }

  bool read_change(std::string_view record) {
    Change change{};
    const std::size_t time_end = record.find(',');
    const std::optional<std::int64_t> time = number(record.substr(0, time_end), kMaxRun.count());
    if (time_end == std::string_view::npos || !time) {
      return fail(1, message_of("a line is time, output, value; the time is 0 to ", kMaxRun.count(),
                                " microseconds"));
    }
    change.at = Micros{*time};
    if (!changes_.empty() && change.at < changes_.back().at) {
      return fail(1, message_of("the time goes back, from ", changes_.back().at.count(), " to ",
                                change.at.count()));
    }
    const std::size_t name_begin = time_end + 1;
    const std::optional<std::size_t> name_size = take_name(record.substr(name_begin));
    if (!name_size) return fail(name_begin + 1, message_of("this is no name of an output"));
    const std::size_t value_begin = name_begin + *name_size + 1;
    const std::optional<std::int64_t> value = number(record.substr(value_begin), 0xFFFF);
    if (!value) return fail(value_begin + 1, message_of("a value is a number from 0 to 65535"));
    change.value = static_cast<std::uint16_t>(*value);
    if (!find_output(change.output)) return fail(name_begin + 1, refusal_);
    if (!allow(trace_.outputs[change.output], change.value)) return fail(value_begin + 1, refusal_);
    changes_.push_back(change);
    return true;
  }

  static std::optional<std::int64_t> number(std::string_view text, std::int64_t most) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value > static_cast<std::uint64_t>(most)) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
  }

  /// Sets name_ to the name that `text` begins with; how many bytes it has, with its quotes. A
  /// comma follows.
  std::optional<std::size_t> take_name(std::string_view text) {
    name_.clear();
    std::size_t end = 0;
    if (!text.starts_with('"')) {
      end = text.find(',');
      if (end == std::string_view::npos) return std::nullopt;
      name_ = text.substr(0, end);
    } else {
      for (end = 1; end < text.size(); ++end) {
        if (text[end] == '"' && !text.substr(end + 1).starts_with('"')) break;
        if (text[end] == '"') ++end;  // Two of them stand for one.
        name_ += text[end];
      }
      ++end;
    }
    const bool is_followed = end < text.size() && text[end] == ',';
    if (!is_followed || name_.empty() || name_.size() > kMaxNameBytes) return std::nullopt;
    return end;
  }

  bool refuse(const FixedText<240>& why) {
    refusal_ = why;
    return false;
  }

  /// The output called name_; a new one where no program has named them.
  bool find_output(std::uint8_t& index) {
    std::vector<Output>& outputs = trace_.outputs;
    const auto found = std::find_if(outputs.begin(), outputs.end(),
                                    [this](const Output& output) { return output.id == name_; });
    index = static_cast<std::uint8_t>(found - outputs.begin());
    if (found != outputs.end()) return true;
    if (knows_outputs_) return refuse(message_of("the program has no output '", name_, "'"));
    if (outputs.size() == kMaxOutputs) {
      return refuse(message_of("a trace has at most ", std::int64_t{kMaxOutputs}, " outputs"));
    }
    Output output;
    output.id = trace_.names.emplace_back(name_);
    outputs.push_back(output);
    return true;
  }

  bool allow(Output& output, std::uint16_t value) {
    const std::uint16_t most = output.kind == OutputKind::kAnalog ? output.range : 1;
    if (value <= most) return true;
    if (knows_outputs_) {
      return refuse(message_of("'", name_, "' takes 0 to ", std::int64_t{most}, ", not ",
                               std::int64_t{value}));
    }
    if (output.kind != OutputKind::kAnalog) {
      if (analog_ == kMaxAnalogOutputs) {
        return refuse(message_of("'", name_, "' would be analog output ",
                                 std::int64_t{kMaxAnalogOutputs} + 1, ", and there are at most ",
                                 std::int64_t{kMaxAnalogOutputs}));
      }
      output.kind = OutputKind::kAnalog;
      output.channel = static_cast<std::uint8_t>(analog_++);
    }
    output.range = value;
    return true;
  }

  void add_rows() {
    Levels levels;
    for (const Change& change : changes_) {
      const Output& output = trace_.outputs[change.output];
      const std::uint32_t bit = std::uint32_t{1} << change.output;
      if (output.kind == OutputKind::kAnalog) {
        levels.analog[output.channel] = change.value;
      } else {
        levels.on = change.value != 0 ? levels.on | bit : levels.on & ~bit;
      }
      if (trace_.rows.empty() || trace_.rows.back().at != change.at) {
        trace_.rows.push_back({change.at, {}});
      }
      trace_.rows.back().levels = levels;
    }
  }

  std::string_view rest_;
  Diagnostic& wrong_;
  const bool knows_outputs_;
  PlayedTrace trace_;
  std::vector<Change> changes_;
  std::string name_;
  FixedText<240> refusal_;
  std::size_t analog_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t next_line_ = 1;
};

}  // namespace

bool is_csv_trace(std::string_view text) {
  return text.starts_with(kHeader.substr(0, kHeader.find(',')));
}

Result<PlayedTrace> read_csv_trace(std::string_view text, std::span<const Output> outputs,
                                   Diagnostic& wrong) {
  wrong = {};
  return Reader{text, outputs, wrong}.read();
}

}  // namespace takt
