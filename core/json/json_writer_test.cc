// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_writer.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace takt::json {
namespace {

using Layout = Writer::Layout;

template <typename Write>
std::string written(Write write, Layout layout = Layout::kCompact) {
  std::string text;
  TextInto out{text};
  Writer writer{out, layout};
  write(writer);
  return text;
}

void write_all_kinds(Writer& out) {
  out.begin_object();
  out.field("a", 1);
  out.field("b", "x");
  out.begin_array("c");
  out.value(true);
  out.null();
  out.begin_object();
  out.end_object();
  out.end_array();
  out.field("d", false);
  out.end_object();
}

TEST(JsonWriter, CommasStandBetweenValuesAndNowhereElse) {
  EXPECT_EQ(written(write_all_kinds), R"({"a":1,"b":"x","c":[true,null,{}],"d":false})");
}

TEST(JsonWriter, TheSpacedLayoutHasASpaceBehindColonsAndCommas) {
  EXPECT_EQ(written(write_all_kinds, Layout::kSpaced),
            R"({"a": 1, "b": "x", "c": [true, null, {}], "d": false})");
}

TEST(JsonWriter, ALineBreakStandsBehindTheCommaAndLeavesNoBlankThere) {
  const auto rows = [](Writer& out) {
    out.begin_array();
    for (int i = 0; i < 2; ++i) out.new_line(2), out.value(i);
    out.new_line();
    out.end_array();
  };
  EXPECT_EQ(written(rows), "[\n  0,\n  1\n]");
  EXPECT_EQ(written(rows, Layout::kSpaced), "[\n  0,\n  1\n]");
}

TEST(JsonWriter, NumbersKeepTheirExtremes) {
  const auto extremes = [](Writer& out) {
    out.begin_array();
    out.value(std::numeric_limits<std::int64_t>::min());
    out.value(std::numeric_limits<std::int64_t>::max());
    out.value(std::numeric_limits<std::uint32_t>::max());
    out.value(std::uint8_t{255});
    out.end_array();
  };
  EXPECT_EQ(written(extremes), "[-9223372036854775808,9223372036854775807,4294967295,255]");
}

TEST(JsonWriter, AnyTextComesBackAsItWas) {
  std::vector<std::string> texts{"", "\"", "\\", "\\\\\"\"", "a\"", "\"a", "\n", "\x7f", "ä€𝄞"};
  for (char c = 1; c < 0x7F; ++c) texts.push_back(std::string{"<"} + c + ">");
  texts.emplace_back("a\0b", 3);
  std::mt19937 random;  // The default seed, so always the same ones.
  for (int i = 0; i < 1'000; ++i) {
    std::string text;
    for (auto left = random() % 20; left > 0; --left) text += static_cast<char>(random() % 0x7F);
    texts.push_back(std::move(text));
  }
  for (const std::string& text : texts) {
    const std::string json = written([&](Writer& out) {
      out.begin_object();
      out.field(text, text);
      out.end_object();
    });
    rapidjson::Document read;
    read.Parse<rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
    ASSERT_FALSE(read.HasParseError()) << json;
    ASSERT_EQ(read.MemberCount(), 1U) << json;
    const auto member = read.MemberBegin();
    EXPECT_EQ(std::string(member->name.GetString(), member->name.GetStringLength()), text);
    EXPECT_EQ(std::string(member->value.GetString(), member->value.GetStringLength()), text);
  }
}

}  // namespace
}  // namespace takt::json
