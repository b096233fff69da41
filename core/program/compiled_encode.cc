// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "takt/core/base/bytes.h"
#include "takt/core/base/crc32.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/compiled.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

class Encoder {
 public:
  /// `out` null: only finds out of which version the program is.
  Encoder(TextOut* out, std::uint8_t version) : out_(out), version_(version) {}

  void run(const Program& program) {
    put(kCompiledMagic);
    byte(version_);
    fields(kRootShape, &program);
    number(program.outputs.size());
    for (const Output& row : program.outputs) fields(kOutputShape, &row);
    number(program.interlocks.size());
    for (const Interlock& row : program.interlocks) fields(kInterlockShape, &row);
    number(program.phases.size());
    for (const Phase& row : program.phases) phase(program, row);
    number(program.loops.size());
    for (const Loop& row : program.loops) fields(kLoopShape, &row);
    flag(program.pattern != nullptr);
    if (program.pattern != nullptr) pattern(*program.pattern);
    std::array<std::byte, sizeof crc_> crc{};
    ByteWriter{crc}.number(crc_);
    for (const std::byte part : crc) byte(std::to_integer<std::uint8_t>(part));
  }

  bool has_tags() const { return has_tags_; }

 private:
  void put(std::string_view bytes) {
    if (out_ == nullptr) return;
    crc_ = crc32(bytes, crc_);
    out_->write(bytes);
  }

  void byte(std::uint8_t value) {
    const char c = static_cast<char>(value);
    put({&c, 1});
  }

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(0x80U | (value & 0x7FU)));
    byte(static_cast<std::uint8_t>(value));
  }

  void flag(bool value) { number(value ? 1 : 0); }

  void text(std::string_view value) {
    number(value.size());
    put(value);
  }

  void field(const BoundShape& shape, const json::Field& field, const void* object) {
    const Member& member = shape.member_of(field);
    if (member.type() == Member::Type::kText) return text(member.text(object));
    number(stored_number(shape, field, object));
  }

  void fields(const BoundShape& shape, const void* object) {
    for (const std::uint8_t index : shape.in_order) field(shape, shape.all[index], object);
    if (version_ == kTaggedVersion) tagged(shape, object);
  }

  void tagged(const BoundShape& shape, const void* object) {
    // Rows with a tag stand in the order of their tags.
    for (const json::Field& one : shape.all) {
      const std::uint8_t tag = shape.bindings[one.id].tag;
      if (tag == 0 || shape.has_default(one, object)) continue;
      has_tags_ = true;
      number(tag);
      field(shape, one, object);
    }
    number(0);
  }

  void phase(const Program& program, const Phase& row) {
    fields(kPhaseShape, &row);
    text(row.end.sensor);
    if (row.end.exists()) fields(kEndShape, &row.end);
    number(row.component_count);
    for (const Component& c : program.components_of(row)) component(program, c);
  }

  void component(const Program& program, const Component& row) {
    ComponentDraft draft;
    draft.row = row;
    fields(kComponentShape, &draft);
    number(row.point_count);
    for (const Point& point : program.points_of(row)) {
      number(point.at);
      number(point.value);
    }
  }

  void pattern(const Pattern& row) {
    flag(row.is_bilateral());
    if (row.is_bilateral()) {
      fields(kBilateralShape, &row);
    } else {
      segments(row);
      fields(kPatternShape, &row);
    }
    for (const SideOutputs& outputs : row.sides) fields(kLeftShape, &outputs);
  }

  void segments(const Pattern& row) {
    number(row.score.segments.size());
    std::uint32_t before_ms = 0;
    for (Segment segment : row.score.segments) {
      segment.at_ms -= before_ms;
      before_ms += segment.at_ms;
      fields(kSegmentShape, &segment);
    }
  }

  TextOut* out_;
  std::uint8_t version_;
  std::uint32_t crc_ = 0;
  bool has_tags_ = false;
};

}  // namespace

void encode_compiled(const Program& program, TextOut& out) {
  Encoder probe{nullptr, kTaggedVersion};
  probe.run(program);
  Encoder{&out, probe.has_tags() ? kTaggedVersion : kPlainVersion}.run(program);
}

}  // namespace takt
