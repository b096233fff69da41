// SPDX-License-Identifier: Apache-2.0
#include "takt/app/record/record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <limits>
#include <system_error>

#include "takt/core/base/clock_map.h"

namespace takt::sim {
namespace {

/// By place in the variant.
constexpr std::array<std::string_view, std::variant_size_v<Event>> kEvents{
    "boot", "output", "clock", "plan", "heard", "state", "down"};

/// No line that we write is longer.
constexpr std::size_t kLongestLine = 256;

constexpr std::uint32_t kMostGrowth = 1'000'000'000;
constexpr std::size_t kHashDigits = 16;

/// Both ways of a record see the same fields in the same order.
template <typename Form>
void describe(Form& form, Booted& event) {
  form.number(event.side, 0, 1);
}
template <typename Form>
void describe(Form& form, Switched& event) {
  form.truth(event.on);
}
template <typename Form>
void describe(Form& form, Believed& event) {
  form.instant(event.session);
  form.number(event.rate_ppb, -ClockMap::kMaxRatePpb, ClockMap::kMaxRatePpb);
  form.duration(event.bound);
  form.number(event.growth_ppb, 0, kMostGrowth);
  form.truth(event.settled);
}
template <typename Form>
void describe(Form& form, Planned& event) {
  form.number(event.revision, 0, std::numeric_limits<std::uint32_t>::max());
  form.hash(event.program);
  form.instant(event.epoch);
  form.instant(event.effective);
  form.duration(event.pulse);
  form.truth(event.exclusive);
}
template <typename Form>
void describe(Form& /*form*/, Heard& /*event*/) {}
template <typename Form>
void describe(Form& form, Stated& event) {
  form.word(event.role, sync::Role::kLeading);
  form.word(event.reason, sync::kLastReason);
  form.number(event.heard, 0, std::numeric_limits<std::uint32_t>::max());
  form.number(event.silenced, 0, std::numeric_limits<std::uint32_t>::max());
  form.duration(event.latest);
  form.number(event.lost, 0, std::numeric_limits<std::uint32_t>::max());
}
template <typename Form>
void describe(Form& /*form*/, Down& /*event*/) {}

class Writer {
 public:
  explicit Writer(const Entry& entry) {
    digits(entry.at.since_zero().count());
    field(kEvents[entry.event.index()]);
    std::visit([this](auto event) { describe(*this, event); }, entry.event);
    line_ += '\n';
  }
  std::string take() { return std::move(line_); }

  template <std::integral Number>
  void number(Number value, std::int64_t /*least*/, std::int64_t /*most*/) {
    line_ += ',';
    digits(value);
  }
  void truth(bool value) { field(value ? "1" : "0"); }
  void instant(SessionTime value) { number(value.since_zero().count(), 0, 0); }
  void duration(Micros value) { number(value.count(), 0, 0); }
  void hash(sync::ProgramHash value) {
    std::array<char, kHashDigits> text;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
    const auto size = static_cast<std::size_t>(end - text.data());
    line_ += ',' + std::string(kHashDigits - size, '0');
    line_.append(text.data(), size);
  }
  template <typename Enum>
  void word(Enum value, Enum /*last*/) {
    field(name_of(value));
  }

 private:
  void field(std::string_view text) { (line_ += ',') += text; }
  void digits(std::int64_t value) { line_ += std::to_string(value); }

  std::string line_;
};

/// Reads one line, without its end. After the first fault nothing changes any more.
class Parser {
 public:
  explicit Parser(std::string_view line) : line_(line) {}

  std::optional<Entry> parse() {
    Entry entry;
    std::int64_t at = 0;
    next_field();
    value(at, 0, kMostRecorded.count());
    entry.at = TrueTime{Micros{at}};
    const std::string_view name = next_field();
    if (bad()) return std::nullopt;
    const auto* const found = std::ranges::find(kEvents, name);
    if (found == kEvents.end()) {
      fail("there is no such event");
      return std::nullopt;
    }
    make<0>(entry.event, static_cast<std::size_t>(found - kEvents.begin()));
    std::visit([this](auto& event) { describe(*this, event); }, entry.event);
    if (!bad() && end_ < line_.size()) {
      begin_ = end_;
      fail("nothing more belongs here");
    }
    return bad() ? std::nullopt : std::optional{entry};
  }

  const std::string& what() const { return what_; }
  std::size_t column() const { return begin_ + 1; }

  template <std::integral Number>
  void number(Number& number, std::int64_t least, std::int64_t most) {
    std::int64_t wide = 0;
    next_field();
    value(wide, least, most);
    number = static_cast<Number>(wide);
  }
  void truth(bool& truth) {
    const std::string_view text = next_field();
    if (text != "0" && text != "1") fail("is neither 0 nor 1");
    truth = text == "1";
  }
  void instant(SessionTime& at) {
    std::int64_t count = 0;
    number(count, -kMostRecorded.count(), kMostRecorded.count());
    at = SessionTime{Micros{count}};
  }
  void duration(Micros& duration) {
    std::int64_t count = 0;
    number(count, 0, kMostRecorded.count());
    duration = Micros{count};
  }
  void hash(sync::ProgramHash& hash) {
    const std::string_view text = next_field();
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
    const bool whole = error == std::errc{} && rest == text.data() + text.size();
    if (!whole || text.size() != kHashDigits) fail("is not 16 hexadecimal digits");
  }
  template <typename Enum>
  void word(Enum& value, Enum last) {
    const std::string_view text = next_field();
    for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
      value = static_cast<Enum>(i);
      if (name_of(value) == text) return;
    }
    fail("is none of the words for this");
  }

 private:
  /// The variant of that index, with nothing in it.
  template <std::size_t kIndex>
  static void make(Event& event, std::size_t index) {
    if (index == kIndex) event.emplace<kIndex>();
    if constexpr (kIndex + 1 < std::variant_size_v<Event>) make<kIndex + 1>(event, index);
  }

  bool bad() const { return !what_.empty(); }
  void fail(std::string_view what) {
    if (!bad()) what_ = what;
  }

  std::string_view next_field() {
    if (bad()) return {};
    if (end_ == line_.size()) {
      begin_ = end_;
      fail("a field is missing");
      return {};
    }
    begin_ = started_ ? end_ + 1 : 0;
    started_ = true;
    end_ = std::min(line_.find(',', begin_), line_.size());
    return field();
  }
  std::string_view field() const { return line_.substr(begin_, end_ - begin_); }

  void value(std::int64_t& number, std::int64_t least, std::int64_t most) {
    if (bad()) return;
    const std::string_view text = field();
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument || rest != text.data() + text.size()) {
      fail("is no whole number");
    } else if (error != std::errc{} || number < least || number > most) {
      fail("lies outside of " + std::to_string(least) + " to " + std::to_string(most));
    }
  }

  const std::string_view line_;
  bool started_ = false;
  std::size_t begin_ = 0;  ///< Where the present field begins.
  std::size_t end_ = 0;    ///< Where the comma after the present field is.
  std::string what_;
};

}  // namespace

std::string line_of(const Entry& entry) { return Writer{entry}.take(); }

/// Without its end; nothing: it has not come whole, or is too long for one of ours.
std::optional<std::string_view> RecordReader::take_line() {
  const std::size_t end = unread_.find('\n', at_);
  const bool whole = end != std::string::npos;
  if ((whole ? end : unread_.size()) - at_ > kLongestLine) {
    fault_ = {line_ + 1, kLongestLine, "the line is too long"};
    return std::nullopt;
  }
  if (!whole) {
    unread_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  const std::string_view line = std::string_view{unread_}.substr(at_, end - at_);
  at_ = end + 1;
  ++line_;
  return line;
}

std::optional<Entry> RecordReader::next() {
  if (fault_) return std::nullopt;
  if (line_ == 0) {
    const std::optional<std::string_view> header = take_line();
    if (!header) return std::nullopt;
    if (*header != kRecordHeader.substr(0, kRecordHeader.size() - 1)) {
      fault_ = {1, 1, "is not the first line of a record"};
      return std::nullopt;
    }
  }
  const std::optional<std::string_view> line = take_line();
  if (!line) return std::nullopt;
  Parser parser{*line};
  const std::optional<Entry> entry = parser.parse();
  if (!entry) {
    fault_ = {line_, parser.column(), parser.what()};
  } else if (entry->at < last_) {
    fault_ = {line_, 1, "time goes back"};
    return std::nullopt;
  } else {
    last_ = entry->at;
  }
  return entry;
}

}  // namespace takt::sim
