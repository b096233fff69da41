// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/compiled.h"

#include <algorithm>

#include "takt/core/base/bytes.h"
#include "takt/core/base/crc32.h"
#include "takt/core/base/utf8.h"
#include "takt/core/json/names.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

constexpr std::size_t kCrcBytes = 4;
constexpr std::uint32_t kMost32 = std::numeric_limits<std::uint32_t>::max();

/// A phase has it before its end condition, which is there if this is not empty.
constexpr const json::Field& kSensor = kEndShape.all[id_of(shapes::kEndRows, "sensor")];

/// What a member may hold as far as the compiled form cares; -1 is an output that is not there.
struct NumberRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

NumberRange range_of(const BoundShape& shape, const json::Field& field) {
  const Member& member = shape.member_of(field);
  switch (field.type) {
    case json::FieldType::kId: return {-1, kMaxOutputs - 1};
    case json::FieldType::kName: return {0, kMaxPhases - 1};
    case json::FieldType::kChoice:
    case json::FieldType::kNumbered:
      return {0, static_cast<std::int64_t>(field.choices.size()) - 1};
    case json::FieldType::kDuration: return {0, std::min(member.most(), kMaxRun.count())};
    case json::FieldType::kInteger:
      // A signed number that is not there has a default below its least.
      return {member.least() == 0 ? 0 : std::min(field.least, member.number(shape.defaults)),
              std::min(member.most(), field.most)};
    default: return {0, member.most()};
  }
}

/// Reads a compiled program from front to back. After the first fault every read gives zero, so
/// callers need not look after each; loops end because their counts do.
class Decoder {
 public:
  /// `builder` null: only measures.
  Decoder(std::string_view bytes, ProgramBuilder* builder, Reporter& reporter)
      : bytes_(bytes), builder_(builder), reporter_(reporter) {}

  Status run();

  const ProgramSize& size() const { return size_; }
  Program finish() const { return builder_->finish(root_.name, root_.repeats); }

 private:
  bool check_frame();
  void fail(Status status, std::string_view what);
  std::uint64_t number();
  /// `of`: the object whose field `what` is; empty: it is no field.
  std::uint64_t number(std::uint64_t most, std::string_view what, std::string_view of = {});
  std::size_t count(std::size_t most, std::string_view what);
  std::string_view text(const json::Field& field);

  void field(const BoundShape& shape, const json::Field& field, void* object);
  void fields(const BoundShape& shape, void* object);
  void tagged(const BoundShape& shape, void* object);

  void outputs();
  void interlocks();
  void phase();
  void components();
  void points(std::size_t rows);
  void loops();
  void pattern();
  void segments();

  bool good() const { return status_ == Status::kOk; }

  std::string_view bytes_;
  ProgramBuilder* builder_;
  Reporter& reporter_;
  std::size_t at_ = 0;
  Status status_ = Status::kOk;
  ProgramSize size_;
  Program root_;
  std::uint8_t version_ = kPlainVersion;
  bool has_tags_ = false;
};

Status Decoder::run() {
  if (!check_frame()) return status_;
  fields(kRootShape, &root_);
  outputs();
  interlocks();
  for (std::size_t n = count(kMaxPhases, "phases"); n > 0 && good(); --n) phase();
  loops();
  if (number(1, "a flag") == 1) pattern();
  if (good() && at_ != bytes_.size()) fail(Status::kCorrupt, "unexpected bytes after the end");
  // One encoding for one program, so that equal programs stay equal bytes.
  if (version_ == kTaggedVersion && !has_tags_)
    fail(Status::kCorrupt, "the program needs no such version");
  return status_;
}

bool Decoder::check_frame() {
  TAKT_ASSERT(is_compiled(bytes_));
  at_ = kCompiledMagic.size();
  if (bytes_.size() < at_ + 1 + kCrcBytes) {
    fail(Status::kCorrupt, "the compiled program is cut off");
    return false;
  }
  version_ = static_cast<std::uint8_t>(bytes_[at_]);
  if (version_ != kPlainVersion && version_ != kTaggedVersion) {
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

std::uint64_t Decoder::number() {
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
    // One encoding for one number, for the same reason.
    const bool padded = part == 0 && byte < 0x80 && shift > 0;
    if (shift > 63 || (shift == 63 && part > 1) || padded) {
      at_ = first;
      fail(Status::kCorrupt, "not a number");
      return 0;
    }
    value |= part << shift;
    if (byte < 0x80) return value;
  }
}

std::uint64_t Decoder::number(std::uint64_t most, std::string_view what, std::string_view of) {
  const std::size_t first = at_;
  const std::uint64_t value = number();
  if (value <= most) return value;
  at_ = first;
  const MessageText whose = of.empty() ? message_of(what) : message_of("'", what, "' of ", of);
  fail(Status::kCorrupt, message_of(whose.view(), " is out of range").view());
  return 0;
}

std::size_t Decoder::count(std::size_t most, std::string_view what) {
  const std::size_t first = at_;
  const std::uint64_t value = number();
  if (value <= most) return static_cast<std::size_t>(value);
  at_ = first;
  fail(Status::kTooLarge, message_of("too many ", what, "; the limit is ", most).view());
  return 0;
}

std::string_view Decoder::text(const json::Field& field) {
  const std::size_t most = std::min(kMaxNameBytes, static_cast<std::size_t>(field.most));
  const std::size_t length = count(most, "bytes in a name");
  if (!good()) return {};
  if (length > bytes_.size() - at_) {
    fail(Status::kCorrupt, "the compiled program is cut off");
    return {};
  }
  const std::string_view text = bytes_.substr(at_, length);
  const bool is_identifier = field.type == json::FieldType::kId;
  if (!is_utf8(text) || has_control(text) || (is_identifier && !is_id(text))) {
    fail(Status::kCorrupt, "a name contains what no name may contain");
    return {};
  }
  at_ += length;
  size_.text_bytes += length;
  return builder_ == nullptr ? text : builder_->add_text(text);
}

void Decoder::field(const BoundShape& shape, const json::Field& field, void* object) {
  const Member& member = shape.member_of(field);
  if (member.type() == Member::Type::kText) return member.set_text(object, text(field));
  const std::uint64_t stored = number(largest_stored(shape, field), field.name, shape.what);
  restore_number(shape, field, object, stored);
}

void Decoder::fields(const BoundShape& shape, void* object) {
  for (const std::uint8_t index : shape.in_order) field(shape, shape.all[index], object);
  if (version_ == kTaggedVersion) tagged(shape, object);
}

void Decoder::tagged(const BoundShape& shape, void* object) {
  std::uint64_t last = 0;
  // Bounded: tags ascend, and each is a field of the shape.
  for (std::uint64_t tag = number(); tag != 0 && good(); tag = number()) {
    const auto binding = std::ranges::find(shape.bindings, tag, &Binding::tag);
    if (binding == shape.bindings.end()) {
      fail(Status::kUnsupported,
           message_of(shape.what, " has a field that is not known here: ", tag).view());
      return;
    }
    const json::Field& one = shape.all[static_cast<std::size_t>(binding - shape.bindings.begin())];
    field(shape, one, object);
    if (tag <= last || shape.has_default(one, object)) {
      fail(Status::kCorrupt, message_of("'", one.name, "' is not where it must be").view());
    }
    last = tag;
    has_tags_ = true;
  }
}

void Decoder::outputs() {
  for (std::size_t n = count(kMaxOutputs, "outputs"); n > 0 && good(); --n) {
    Output row;
    fields(kOutputShape, &row);
    size_.outputs += 1;
    if (builder_ != nullptr) builder_->add_output() = row;
  }
}

void Decoder::interlocks() {
  for (std::size_t n = count(kMaxInterlocks, "interlocks"); n > 0 && good(); --n) {
    Interlock row;
    fields(kInterlockShape, &row);
    size_.interlocks += 1;
    if (builder_ != nullptr) builder_->add_interlock() = row;
  }
}

void Decoder::phase() {
  Phase row;
  fields(kPhaseShape, &row);
  row.end.sensor = text(kSensor);
  if (row.end.exists()) fields(kEndShape, &row.end);
  size_.phases += 1;
  if (builder_ != nullptr) {
    Phase& stored = builder_->add_phase();
    row.first_component = stored.first_component;
    stored = row;
  }
  components();
}

void Decoder::components() {
  for (std::size_t n = count(kMaxComponentsPerPhase, "components in one phase"); n > 0 && good();
       --n) {
    ComponentDraft draft;
    fields(kComponentShape, &draft);
    size_.components += 1;
    if (builder_ != nullptr) {
      Component& stored = builder_->add_component();
      draft.row.first_point = stored.first_point;
      stored = draft.row;
    }
    points(count(kMaxPoints - size_.points, "steps and edges"));
  }
}

void Decoder::points(std::size_t rows) {
  for (; rows > 0 && good(); --rows) {
    Point point;
    point.at = static_cast<std::uint32_t>(number(kMost32, "the time of a point"));
    point.value = static_cast<std::uint32_t>(number(kMost32, "the value of a point"));
    size_.points += 1;
    if (builder_ != nullptr) builder_->add_point() = point;
  }
}

void Decoder::loops() {
  for (std::size_t n = count(kMaxLoops, "loops"); n > 0 && good(); --n) {
    Loop row;
    fields(kLoopShape, &row);
    size_.loops += 1;
    if (builder_ != nullptr) builder_->add_loop() = row;
  }
}

void Decoder::pattern() {
  Pattern row;
  if (number(1, "a flag") == 1) {
    row.score.exclusive = true;
    fields(kBilateralShape, &row);
  } else {
    segments();
    fields(kPatternShape, &row);
    row.score.length = row.length;
  }
  for (SideOutputs& outputs : row.sides) fields(kLeftShape, &outputs);
  size_.patterns += 1;
  if (builder_ != nullptr) builder_->add_pattern() = row;
}

void Decoder::segments() {
  const std::size_t rows = count(kMaxSegments, "segments");
  if (rows == 0) fail(Status::kCorrupt, "a pattern has at least one segment");
  std::uint32_t at_ms = 0;
  for (std::size_t n = rows; n > 0 && good(); --n) {
    Segment row;
    fields(kSegmentShape, &row);
    // Stored as the distance to the one before.
    if (row.at_ms > kMost32 - at_ms) {
      fail(Status::kCorrupt, "'at' of a segment is out of range");
    }
    row.at_ms += at_ms;
    at_ms = row.at_ms;
    size_.segments += 1;
    if (builder_ != nullptr) builder_->add_segment() = row;
  }
}

}  // namespace

std::uint64_t stored_number(const BoundShape& shape, const json::Field& field, const void* object) {
  const std::int64_t number = shape.member_of(field).number(object);
  const bool is_output = field.type == json::FieldType::kId;
  const std::int64_t shifted =
      (is_output && number == kNoOutput ? -1 : number) - range_of(shape, field).least;
  TAKT_ASSERT(shifted >= 0);
  return static_cast<std::uint64_t>(shifted);
}

std::uint64_t largest_stored(const BoundShape& shape, const json::Field& field) {
  const NumberRange range = range_of(shape, field);
  return static_cast<std::uint64_t>(range.most - range.least);
}

void restore_number(const BoundShape& shape, const json::Field& field, void* object,
                    std::uint64_t stored) {
  const std::int64_t number = static_cast<std::int64_t>(stored) + range_of(shape, field).least;
  const bool is_output = field.type == json::FieldType::kId;
  shape.member_of(field).set_number(object, is_output && number < 0 ? kNoOutput : number);
}

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
