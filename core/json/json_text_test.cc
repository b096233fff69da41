// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/json_text.h"

#include <gtest/gtest.h>

#include <string>

#include "takt/core/json/limits.h"
#include "tests/support/collecting_sink_for_test.h"

namespace takt::json {
namespace {

Status scanned(std::string_view text) {
  CollectingSink sink;
  Reporter reporter{text, sink};
  const Result<Extent> extent = scan(text, reporter);
  EXPECT_EQ(sink.all.size(), extent.ok() ? 0U : 1U);
  return extent.status();
}

std::string decoded(std::string_view raw) {
  StringDecoder decoder{raw};
  std::string text;
  while (const std::optional<char> c = decoder.next()) text += *c;
  return text;
}

TEST(Scan, AcceptsEveryLengthOfUtf8) {
  EXPECT_EQ(scanned("\"a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\""), Status::kOk);
}

TEST(Scan, RejectsWhatIsNotUtf8) {
  for (const char* bytes : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                            "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8", "\xFF", "\xE2\x82"}) {
    EXPECT_EQ(scanned("\"" + std::string{bytes} + "\""), Status::kCorrupt) << bytes;
  }
  EXPECT_EQ(scanned("\xC3\xA4"), Status::kCorrupt);
}

TEST(Scan, RejectsHalfSurrogatePairs) {
  EXPECT_EQ(scanned(R"("\uD83D\uDE00")"), Status::kOk);
  for (const char* text : {R"("\uD83D")", R"("\uDE00")", R"("\uD83Dx")", R"("\uD83D\u0041")",
                           R"("\uDE00\uD83D")", R"("\uD83D\uD83D")"}) {
    EXPECT_EQ(scanned(text), Status::kCorrupt) << text;
  }
}

TEST(Scan, RejectsUnknownEscapesAndControlCharacters) {
  for (const char* text :
       {R"("\x41")", R"("\u12")", R"("\u12G4")", R"("\)", "\"\n\"", "\"\x01\""}) {
    EXPECT_EQ(scanned(text), Status::kCorrupt) << text;
  }
}

TEST(Scan, RejectsNulBytesEverywhere) {
  using namespace std::string_view_literals;
  EXPECT_EQ(scanned("\"\0\""sv), Status::kCorrupt);
  EXPECT_EQ(scanned("{}\0"sv), Status::kCorrupt);
  EXPECT_EQ(scanned("\0{}"sv), Status::kCorrupt);
}

TEST(Scan, LimitsAreReachedButNotExceeded) {
  EXPECT_EQ(scanned(std::string(kMaxJsonDepth, '[')), Status::kOk);
  EXPECT_EQ(scanned(std::string(kMaxJsonDepth + 1, '[')), Status::kTooLarge);
  EXPECT_EQ(scanned('"' + std::string(kMaxJsonStringBytes, 'x') + '"'), Status::kOk);
  EXPECT_EQ(scanned('"' + std::string(kMaxJsonStringBytes + 1, 'x') + '"'), Status::kTooLarge);
  EXPECT_EQ(scanned(std::string(kMaxJsonStringBytes + 1, '1')), Status::kTooLarge);
}

TEST(StringDecoder, GivesTheBytesThatAreMeant) {
  EXPECT_EQ(decoded(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(decoded(R"(\u0041\u00e4\u20AC\uD83D\ude00)"), "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(StringDecoder, EqualStringsAreEqualHoweverWritten) {
  constexpr std::string_view kText = R"("ab" "\u0061b" "aB" "abc")";
  EXPECT_TRUE(strings_equal(kText, 0, 5));
  EXPECT_FALSE(strings_equal(kText, 0, 17));
  EXPECT_TRUE(string_equals(kText, 5, "ab", Case::kExact));
  EXPECT_FALSE(string_equals(kText, 17, "ab", Case::kExact));
  EXPECT_FALSE(string_equals(kText, 15, "ab", Case::kExact));
  EXPECT_TRUE(string_equals(kText, 15, "ab", Case::kIgnored));
}

TEST(FindMember, StepsOverWhateverStandsBefore) {
  constexpr std::string_view kText = R"( {"x" : {"y":"}"} , "z\"":[1,{"y":2}], "y" : true})";
  const auto member = find_member(kText, 1, "y", Case::kExact);
  ASSERT_TRUE(member);
  EXPECT_EQ(kText.substr(member->value), "true}");
  EXPECT_FALSE(find_member(kText, 1, "Y", Case::kExact));
  EXPECT_TRUE(find_member(kText, 1, "Y", Case::kIgnored));
}

TEST(FindElement, CountsFromZero) {
  constexpr std::string_view kText = R"([ [1,2] , "a,b", {"c":[]}, null])";
  EXPECT_EQ(kText[*find_element(kText, 0, 0)], '[');
  EXPECT_EQ(kText[*find_element(kText, 0, 1)], '"');
  EXPECT_EQ(kText[*find_element(kText, 0, 2)], '{');
  EXPECT_EQ(kText[*find_element(kText, 0, 3)], 'n');
  EXPECT_FALSE(find_element(kText, 0, 4));
}

}  // namespace
}  // namespace takt::json
