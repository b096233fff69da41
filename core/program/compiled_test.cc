// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/compiled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "takt/core/base/crc32.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

std::string sample() {
  const Loaded loaded = load_for_test(
      R"({"takt":1,"name":"n","outputs":[{"id":"m","direction":"d","pin":0})"
      R"(,{"id":"d","kind":"direction"},)"
      R"({"id":"a","kind":"analog"}],"interlocks":[{"motor":"m","reversal_dead_time":"1s"}])"
      R"(,"phases":[)"
      R"({"name":"\u00e4","components":[{"output":"m","repeat":5)"
      R"(,"steps":[{"on":"1h","direction":"cw"}]},)"
      R"({"output":"a","value":5,"on":"1s"}],"end":{"sensor":"s","below":-2147483648}}],)"
      R"("loops":[{"from":"\u00e4","to":"\u00e4","times":4294967295}]})");
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
  return compiled_for_test(loaded.program);
}

std::string with_checksum(std::string bytes) {
  std::uint32_t crc = crc32(bytes);
  for (int i = 0; i < 4; ++i, crc >>= 8U) bytes += static_cast<char>(crc & 0xFFU);
  return bytes;
}

TEST(Compiled, ReadingIsInverseOfWriting) {
  const std::string bytes = sample();
  const Loaded loaded = load_for_test(bytes);
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.format, Format::kCompiled);
  EXPECT_EQ(compiled_for_test(loaded.program), bytes);
  EXPECT_EQ(loaded.program.phases[0].end.threshold, -2147483647 - 1);
  EXPECT_EQ(loaded.program.outputs[0].pin, 0);
  EXPECT_EQ(loaded.program.outputs[1].pin, -1);
  EXPECT_EQ(loaded.program.outputs[1].direction, kNoOutput);
}

TEST(Compiled, CutOffAnywhereIsAnError) {
  const std::string bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(load_for_test(bytes.substr(0, size)).ok()) << size;
    // Even where the checksum fits the part.
    if (size < kCompiledMagic.size() + 1 || size + 4 >= bytes.size()) continue;
    const Loaded part = load_for_test(with_checksum(bytes.substr(0, size)));
    EXPECT_EQ(part.status, Status::kCorrupt) << size;
  }
}

TEST(Compiled, EveryFlippedBitIsAnError) {
  const std::string bytes = sample();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(load_for_test(damaged).ok()) << bit;
  }
}

TEST(Compiled, AnotherVersionIsUnsupported) {
  for (const char version : {'\x01', '\x04'}) {
    std::string bytes = sample();
    bytes[4] = version;
    EXPECT_EQ(load_for_test(bytes).status, Status::kUnsupported);
  }
}

std::string labelled() {
  const Loaded loaded = load_for_test(
      R"({"takt":1,"name":"n","outputs":[{"id":"a","label":"La"}],"phases":[{"name":"p"}]})");
  EXPECT_TRUE(loaded.ok()) << first_error(loaded);
  std::string bytes = compiled_for_test(loaded.program);
  bytes.resize(bytes.size() - 4);
  return bytes;
}

TEST(Compiled, OnlyAProgramWithATaggedFieldIsOfTheVersionThatHasThem) {
  using namespace std::string_literals;
  EXPECT_EQ(sample().substr(0, 5), "TAKT\x02"s);
  // An output: id a, ten numbers, then tag 1 with the label, and 0; the phase p ends with a 0 too.
  EXPECT_EQ(labelled(), "TAKT\x03\x01n\x01\0\x01\x01"s + "a\0\0\0\0\0\0\0\0\0\0"s +
                            "\x01\x02La\0"s + "\0\x01\x01p\0\0\0\0\0\0"s);
  const Loaded loaded = load_for_test(with_checksum(labelled()));
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.outputs[0].label, "La");
  EXPECT_EQ(compiled_for_test(loaded.program), with_checksum(labelled()));
}

TEST(Compiled, ATagIsKnownAndInItsPlaceAndSaysSomething) {
  using namespace std::string_literals;
  const auto with_tags = [](const std::string& tags) {
    std::string bytes = labelled();
    bytes.replace(bytes.find("\x01\x02La"), 4, tags);
    return load_for_test(with_checksum(bytes));
  };
  EXPECT_TRUE(with_tags("\x01\x01L").ok());
  EXPECT_EQ(with_tags("\x02\x01L").status, Status::kUnsupported);
  EXPECT_THAT(first_error(with_tags("\x02\x01L")),
              HasSubstr("an output has a field that is not known here: 2"));
  EXPECT_EQ(with_tags("\x01\0"s).status, Status::kCorrupt);
  EXPECT_EQ(with_tags("\x01\x01L\x01\x01M").status, Status::kCorrupt);
  EXPECT_EQ(with_tags("\x01\x3D" + std::string(61, 'L')).status, Status::kTooLarge);
  EXPECT_THAT(first_error(with_tags("")), HasSubstr("version"));
}

TEST(Compiled, BytesBehindTheEndAreAnError) {
  std::string bytes = sample();
  bytes.resize(bytes.size() - 4);
  EXPECT_THAT(first_error(load_for_test(with_checksum(bytes + '\0'))),
              HasSubstr("unexpected bytes"));
}

TEST(Compiled, CountsAreNotTrusted) {
  using namespace std::string_literals;
  const std::string head = "TAKT\x02"s + "\x01n"s + "\x01"s;  // One run of a program named n.
  EXPECT_EQ(load_for_test(with_checksum(head + "\xFF\xFF\xFF\xFF\x0F"s)).status, Status::kTooLarge);
  EXPECT_EQ(load_for_test(with_checksum(head + "\x20"s)).status, Status::kCorrupt);
  // Eleven bytes of a number, and one written longer than need be.
  for (const std::string& number : {std::string(11, '\xFF'), "\x80\x00"s}) {
    const Loaded loaded = load_for_test(with_checksum(head + number));
    EXPECT_EQ(loaded.status, Status::kCorrupt);
    EXPECT_THAT(first_error(loaded), HasSubstr("byte 8: not a number"));
  }
}

TEST(Compiled, NamesHoldWhatNamesMayHold) {
  const std::string bytes = sample();
  const std::size_t name = bytes.find("\xC3\xA4");
  ASSERT_NE(name, std::string::npos);
  for (const char* text : {"\xC3\x28", "\x01x", "x\x7F"}) {
    std::string damaged = bytes.substr(0, bytes.size() - 4);
    damaged.replace(name, 2, text);
    EXPECT_THAT(first_error(load_for_test(with_checksum(damaged))), HasSubstr("a name")) << text;
  }
}

}  // namespace
}  // namespace takt
