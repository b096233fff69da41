// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "takt/core/base/bytes.h"
#include "takt/core/base/crc32.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/compiled.h"

namespace takt {
namespace {

class Encoder {
 public:
  explicit Encoder(TextOut& out) : out_(out) {}

  void run(const Program& program) {
    put(kCompiledMagic);
    byte(kCompiledVersion);
    text(program.name);
    number(program.repeats);
    number(program.outputs.size());
    for (const Output& row : program.outputs) output(row);
    number(program.interlocks.size());
    for (const Interlock& row : program.interlocks) interlock(row);
    number(program.phases.size());
    for (const Phase& row : program.phases) phase(program, row);
    number(program.loops.size());
    for (const Loop& row : program.loops) loop(row);
    flag(program.pattern != nullptr);
    if (program.pattern != nullptr) pattern(*program.pattern);
    std::array<std::byte, sizeof crc_> crc{};
    ByteWriter{crc}.number(crc_);
    for (const std::byte part : crc) byte(std::to_integer<std::uint8_t>(part));
  }

 private:
  void put(std::string_view bytes) {
    crc_ = crc32(bytes, crc_);
    out_.write(bytes);
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

  void time(Micros value) {
    TAKT_ASSERT(value >= Micros{});
    number(static_cast<std::uint64_t>(value.count()));
  }

  void text(std::string_view value) {
    number(value.size());
    put(value);
  }

  void index(std::uint8_t output) { number(static_cast<std::uint8_t>(output + 1)); }

  void output(const Output& row) {
    text(row.id);
    number(static_cast<std::uint64_t>(row.kind));
    flag(row.active_low);
    index(row.direction);
    number(row.channel);
    number(row.range);
    number(row.highest);
    number(static_cast<std::uint16_t>(row.pin + 1));
    time(row.longest_on);
    time(row.shortest_on);
    time(row.shortest_off);
  }

  void interlock(const Interlock& row) {
    number(static_cast<std::uint64_t>(row.kind));
    index(row.motor);
    number(row.outputs);
    time(row.dead_time);
  }

  void phase(const Program& program, const Phase& row) {
    text(row.name);
    time(row.delay);
    text(row.end.sensor);
    if (row.end.exists()) condition(row.end);
    number(row.component_count);
    for (const Component& c : program.components_of(row)) component(program, c);
  }

  void condition(const Condition& row) {
    number(static_cast<std::uint64_t>(std::int64_t{row.threshold} -
                                      std::numeric_limits<std::int32_t>::min()));
    flag(row.above);
    flag(row.fault_on_timeout);
    time(row.hold);
    time(row.arm_after);
    time(row.timeout);
  }

  void component(const Program& program, const Component& row) {
    number(static_cast<std::uint64_t>(row.kind));
    index(row.output);
    index(row.direction);
    number(row.value);
    number(row.repeats);
    time(row.tick);
    time(row.start);
    time(row.period);
    time(row.ramp_in);
    time(row.ramp_out);
    number(row.point_count);
    for (const Point& point : program.points_of(row)) {
      number(point.at);
      number(point.value);
    }
  }

  void loop(const Loop& row) {
    number(row.first);
    number(row.last);
    number(row.times);
  }

  void pattern(const Pattern& row) {
    flag(row.is_bilateral());
    if (row.is_bilateral()) {
      bilateral(row);
    } else {
      segments(row);
    }
    time(row.score.dead_time);
    time(row.soft_start);
    time(row.soft_stop);
    for (const SideOutputs& outputs : row.sides) side(outputs);
  }

  void bilateral(const Pattern& row) {
    const Bilateral& setting = row.score.bilateral;
    time(setting.cycle);
    number(setting.duty_percent);
    look(setting.look);
    flag(setting.alternate_direction);
    flag(row.research);
    time(row.length);
  }

  void segments(const Pattern& row) {
    number(row.score.segments.size());
    std::uint32_t before_ms = 0;
    for (const Segment& segment : row.score.segments) {
      number(segment.at_ms - before_ms);
      before_ms = segment.at_ms;
      number(segment.rate_mhz);
      number(segment.fade_ms);
      number(segment.duty_percent);
      look(segment.look);
      number(static_cast<std::uint64_t>(segment.mode));
      flag(segment.flipped);
    }
    flag(row.score.exclusive);
    flag(row.flashing_acknowledged);
    time(row.length);
  }

  void look(const Look& row) {
    number(row.intensity);
    number(row.brightness);
    number(row.colour);
  }

  void side(const SideOutputs& row) {
    index(row.motor);
    index(row.drive);
    index(row.light);
    index(row.brightness);
    index(row.colour);
  }

  TextOut& out_;
  std::uint32_t crc_ = 0;
};

}  // namespace

void encode_compiled(const Program& program, TextOut& out) { Encoder{out}.run(program); }

}  // namespace takt
