// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/compiled.h"

#include "takt/core/base/bytes.h"
#include "takt/core/base/crc32.h"
#include "takt/core/base/utf8.h"
#include "takt/core/json/names.h"
#include "takt/core/pattern/palette.h"
#include "takt/core/program/limits.h"

namespace takt {
namespace {

constexpr std::size_t kCrcBytes = 4;

/// Reads a compiled program from front to back. After the first fault every read gives zero, so
/// callers need not look after each; loops end because their counts do.
class Decoder {
 public:
  /// `builder` null: only measures.
  Decoder(std::string_view bytes, ProgramBuilder* builder, Reporter& reporter)
      : bytes_(bytes), builder_(builder), reporter_(reporter) {}

  Status run();

  const ProgramSize& size() const { return size_; }
  Program finish() const { return builder_->finish(name_, repeats_); }

 private:
  bool check_frame();
  void fail(Status status, std::string_view what);
  std::uint64_t number(std::uint64_t least, std::uint64_t most, std::string_view what);
  std::size_t count(std::size_t most, std::string_view what);
  bool flag() { return number(0, 1, "a flag") == 1; }
  std::uint8_t index();
  Micros time(Micros least = Micros{});
  std::string_view text(bool is_identifier);
  template <typename Enum>
  Enum kind(Enum last, std::string_view what) {
    return static_cast<Enum>(number(0, static_cast<std::uint64_t>(last), what));
  }

  void output();
  void interlock();
  void phase();
  Condition condition(std::string_view sensor);
  void component();
  void points(std::size_t rows);
  void loop();
  void pattern();
  void bilateral(Pattern& row);
  void segments(Pattern& row);
  void segment(std::uint32_t& at_ms);
  Look look();
  std::uint8_t percent(std::string_view what);
  SideOutputs side();

  bool good() const { return status_ == Status::kOk; }

  std::string_view bytes_;
  ProgramBuilder* builder_;
  Reporter& reporter_;
  std::size_t at_ = 0;
  Status status_ = Status::kOk;
  ProgramSize size_;
  std::string_view name_;
  std::uint32_t repeats_ = 0;
};

Status Decoder::run() {
  if (!check_frame()) return status_;
  name_ = text(false);
  repeats_ = static_cast<std::uint32_t>(number(1, 0xFFFF'FFFFU, "the number of repeats"));
  for (std::size_t n = count(kMaxOutputs, "outputs"); n > 0 && good(); --n) output();
  for (std::size_t n = count(kMaxInterlocks, "interlocks"); n > 0 && good(); --n) interlock();
  for (std::size_t n = count(kMaxPhases, "phases"); n > 0 && good(); --n) phase();
  for (std::size_t n = count(kMaxLoops, "loops"); n > 0 && good(); --n) loop();
  if (flag()) pattern();
  if (good() && at_ != bytes_.size()) fail(Status::kCorrupt, "unexpected bytes after the end");
  return status_;
}

bool Decoder::check_frame() {
  TAKT_ASSERT(is_compiled(bytes_));
  at_ = kCompiledMagic.size();
  if (bytes_.size() < at_ + 1 + kCrcBytes) {
    fail(Status::kCorrupt, "the compiled program is cut off");
    return false;
  }
  if (static_cast<std::uint8_t>(bytes_[at_]) != kCompiledVersion) {
    fail(Status::kUnsupported, "the compiled program is of a version that is not known here");
    return false;
  }
  at_ += 1;
  const std::size_t end = bytes_.size() - kCrcBytes;
  const auto expected =
      ByteReader{std::as_bytes(std::span{bytes_.substr(end)})}.number<std::uint32_t>();
  bytes_ = bytes_.substr(0, end);
  if (crc32(bytes_) == expected) return true;
  at_ = end;
  fail(Status::kCorrupt, "the checksum is wrong: the compiled program is damaged or cut off");
  return false;
}

void Decoder::fail(Status status, std::string_view what) {
  if (!good()) return;
  status_ = status;
  reporter_.error(message_of("byte ", at_, ": ", what).view());
}

std::uint64_t Decoder::number(std::uint64_t least, std::uint64_t most, std::string_view what) {
  if (!good()) return 0;
  const std::size_t first = at_;
  std::uint64_t value = 0;
  // Bounded: by the bits of a number, and by the bytes there are.
  for (unsigned shift = 0;; shift += 7) {
    if (at_ == bytes_.size()) {
      fail(Status::kCorrupt, "the compiled program is cut off");
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
    const std::uint64_t part = byte & 0x7FU;
    // One encoding for one number, so that equal programs stay equal bytes.
    const bool padded = part == 0 && byte < 0x80 && shift > 0;
    if (shift > 63 || (shift == 63 && part > 1) || padded) {
      at_ = first;
      fail(Status::kCorrupt, "not a number");
      return 0;
    }
    value |= part << shift;
    if (byte < 0x80) break;
  }
  if (value >= least && value <= most) return value;
  at_ = first;
  fail(Status::kCorrupt, message_of(what, " is out of range").view());
  return 0;
}

std::size_t Decoder::count(std::size_t most, std::string_view what) {
  const std::size_t first = at_;
  const std::uint64_t value = number(0, std::numeric_limits<std::uint64_t>::max(), what);
  if (value <= most) return static_cast<std::size_t>(value);
  at_ = first;
  fail(Status::kTooLarge, message_of("too many ", what, "; the limit is ", most).view());
  return 0;
}

std::uint8_t Decoder::index() {
  return static_cast<std::uint8_t>(number(0, kMaxOutputs, "the index of an output") - 1);
}

Micros Decoder::time(Micros least) {
  return Micros{
      static_cast<std::int64_t>(number(static_cast<std::uint64_t>(least.count()),
                                       static_cast<std::uint64_t>(kMaxRun.count()), "a duration"))};
}

std::string_view Decoder::text(bool is_identifier) {
  const std::size_t length = count(kMaxNameBytes, "bytes in a name");
  if (!good()) return {};
  if (length > bytes_.size() - at_) {
    fail(Status::kCorrupt, "the compiled program is cut off");
    return {};
  }
  const std::string_view text = bytes_.substr(at_, length);
  if (!is_utf8(text) || has_control(text) || (is_identifier && !is_id(text))) {
    fail(Status::kCorrupt, "a name contains what no name may contain");
    return {};
  }
  at_ += length;
  size_.text_bytes += length;
  return builder_ == nullptr ? text : builder_->add_text(text);
}

void Decoder::output() {
  Output row;
  row.id = text(true);
  row.kind = kind(OutputKind::kAnalog, "the kind of an output");
  row.active_low = flag();
  row.direction = index();
  row.channel = static_cast<std::uint8_t>(number(0, kMaxAnalogOutputs - 1, "an analog channel"));
  row.range = static_cast<std::uint16_t>(number(0, 0xFFFF, "the range of an output"));
  row.highest = static_cast<std::uint16_t>(number(0, 0xFFFF, "the highest level of an output"));
  row.pin = static_cast<std::int16_t>(static_cast<std::int32_t>(number(0, 0x8000, "a pin")) - 1);
  row.longest_on = time();
  row.shortest_on = time();
  row.shortest_off = time();
  size_.outputs += 1;
  if (builder_ != nullptr) builder_->add_output() = row;
}

void Decoder::interlock() {
  Interlock row;
  row.kind = kind(InterlockKind::kReversal, "the kind of an interlock");
  row.motor = index();
  row.outputs = static_cast<std::uint32_t>(number(0, 0xFFFF'FFFFU, "a set of outputs"));
  row.dead_time = time();
  size_.interlocks += 1;
  if (builder_ != nullptr) builder_->add_interlock() = row;
}

void Decoder::phase() {
  Phase row;
  row.name = text(false);
  row.delay = time();
  const std::string_view sensor = text(true);
  if (!sensor.empty()) row.end = condition(sensor);
  size_.phases += 1;
  if (builder_ != nullptr) {
    Phase& stored = builder_->add_phase();
    row.first_component = stored.first_component;
    stored = row;
  }
  for (std::size_t n = count(kMaxComponentsPerPhase, "components in one phase"); n > 0 && good();
       --n) {
    component();
  }
}

Condition Decoder::condition(std::string_view sensor) {
  constexpr std::int64_t kShift = std::numeric_limits<std::int32_t>::min();
  Condition row;
  row.sensor = sensor;
  row.threshold = static_cast<std::int32_t>(
      static_cast<std::int64_t>(number(0, 0xFFFF'FFFFU, "a threshold")) + kShift);
  row.above = flag();
  row.fault_on_timeout = flag();
  row.hold = time();
  row.arm_after = time();
  row.timeout = time();
  return row;
}

void Decoder::component() {
  Component row;
  row.kind = kind(ComponentKind::kRamp, "the kind of a component");
  row.output = index();
  row.direction = index();
  row.value = static_cast<std::uint16_t>(number(0, 0xFFFF, "the value of a ramp"));
  row.repeats = static_cast<std::uint32_t>(number(0, 0xFFFF'FFFFU, "the number of repeats"));
  row.tick = time(Micros{1});
  row.start = time();
  row.period = time();
  row.ramp_in = time();
  row.ramp_out = time();
  size_.components += 1;
  if (builder_ != nullptr) {
    Component& stored = builder_->add_component();
    row.first_point = stored.first_point;
    stored = row;
  }
  points(count(kMaxPoints - size_.points, "steps and edges"));
}

void Decoder::points(std::size_t rows) {
  for (; rows > 0 && good(); --rows) {
    Point point;
    point.at = static_cast<std::uint32_t>(number(0, 0xFFFF'FFFFU, "the time of a point"));
    point.value = static_cast<std::uint32_t>(number(0, 0xFFFF'FFFFU, "the value of a point"));
    size_.points += 1;
    if (builder_ != nullptr) builder_->add_point() = point;
  }
}

void Decoder::loop() {
  Loop row;
  row.first = static_cast<std::uint16_t>(number(0, kMaxPhases - 1, "the first phase of a loop"));
  row.last = static_cast<std::uint16_t>(number(0, kMaxPhases - 1, "the last phase of a loop"));
  row.times = static_cast<std::uint32_t>(number(1, 0xFFFF'FFFFU, "the runs of a loop"));
  size_.loops += 1;
  if (builder_ != nullptr) builder_->add_loop() = row;
}

void Decoder::pattern() {
  Pattern row;
  if (flag()) {
    bilateral(row);
  } else {
    segments(row);
  }
  row.score.dead_time = time();
  row.soft_start = time();
  row.soft_stop = time();
  for (SideOutputs& outputs : row.sides) outputs = side();
  size_.patterns += 1;
  if (builder_ != nullptr) builder_->add_pattern() = row;
}

void Decoder::bilateral(Pattern& row) {
  row.score.exclusive = true;
  row.score.bilateral.cycle = time();
  row.score.bilateral.duty_percent = percent("a duty");
  row.score.bilateral.look = look();
  row.score.bilateral.alternate_direction = flag();
  row.research = flag();
  row.length = time();
}

void Decoder::segments(Pattern& row) {
  const std::size_t rows = count(kMaxSegments, "segments");
  if (rows == 0) fail(Status::kCorrupt, "a pattern has at least one segment");
  std::uint32_t at_ms = 0;
  for (std::size_t n = rows; n > 0 && good(); --n) segment(at_ms);
  row.score.exclusive = flag();
  row.flashing_acknowledged = flag();
  row.length = row.score.length = time();
}

/// `at_ms`: of the segment before; becomes that of this one.
void Decoder::segment(std::uint32_t& at_ms) {
  Segment row;
  at_ms += static_cast<std::uint32_t>(number(0, 0xFFFF'FFFFU - at_ms, "the time of a segment"));
  row.at_ms = at_ms;
  row.rate_mhz = static_cast<std::uint16_t>(number(0, 0xFFFF, "a rate"));
  row.fade_ms = static_cast<std::uint16_t>(number(0, 0xFFFF, "a fade"));
  row.duty_percent = percent("a duty");
  row.look = look();
  row.mode = kind(SideMode::kRight, "the sides of a segment");
  row.flipped = flag();
  size_.segments += 1;
  if (builder_ != nullptr) builder_->add_segment() = row;
}

std::uint8_t Decoder::percent(std::string_view what) {
  return static_cast<std::uint8_t>(number(0, 100, what));
}

Look Decoder::look() {
  Look row;
  row.intensity = percent("an intensity");
  row.brightness = percent("a brightness");
  row.colour = static_cast<std::uint8_t>(number(0, kColourCount - 1, "a colour"));
  return row;
}

SideOutputs Decoder::side() {
  SideOutputs row;
  row.motor = index();
  row.drive = index();
  row.light = index();
  row.brightness = index();
  row.colour = index();
  return row;
}

}  // namespace

Result<ProgramSize> measure_compiled(std::string_view bytes, Reporter& reporter) {
  Decoder decoder{bytes, nullptr, reporter};
  const Status status = decoder.run();
  if (status != Status::kOk) return status;
  return decoder.size();
}

Result<Program> build_compiled(std::string_view bytes, ProgramBuilder& builder,
                               Reporter& reporter) {
  Decoder decoder{bytes, &builder, reporter};
  const Status status = decoder.run();
  if (status != Status::kOk) return status;
  return decoder.finish();
}

}  // namespace takt
