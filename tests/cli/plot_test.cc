// SPDX-License-Identifier: Apache-2.0
// takt plot: what pictures say, and traces beside their programs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kExamples = "examples";
const std::string kHead = "time_us,output,value\n";
constexpr const char* kProgram = R"({"takt":1,"name":"Two","outputs":[{"id":"pump","pin":1},
  {"id":"fan","pin":2,"kind":"analog","range":900}],"phases":[{"name":"p","components":[
  {"output":"pump","at":"1s","on":"8s"},{"output":"fan","at":"2s","on":"2s","value":600},
  {"output":"fan","at":"6s","on":"3s","value":300}]}]})";

/// A text of an .svg: where it is, and how wide about.
struct Word {
  std::string text;
  double left, right, top, bottom;
};

double attribute(const std::string& tag, const std::string& name) {
  const std::size_t at = tag.find(" " + name + "=\"");
  return at == std::string::npos ? 0 : std::stod(tag.substr(at + name.size() + 3));
}

/// With half of an em for each character, as narrow fonts have it.
std::vector<Word> words_of(const std::string& svg) {
  std::vector<Word> words;
  for (std::size_t at = svg.find("<text"); at != std::string::npos;
       at = svg.find("<text", at + 1)) {
    const std::size_t open = svg.find('>', at);
    const std::string tag = svg.substr(at, open - at);
    const std::string text = svg.substr(open + 1, svg.find("</text>", open) - open - 1);
    std::size_t characters = 0;
    for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    const double size = attribute(tag, "font-size");
    const double width = 0.5 * size * static_cast<double>(characters);
    double left = attribute(tag, "x");
    if (tag.find("\"middle\"") != std::string::npos) left -= width / 2;
    if (tag.find("\"end\"") != std::string::npos) left -= width;
    const double y = attribute(tag, "y");
    words.push_back({text, left, left + width, y - 0.7 * size, y + 0.1 * size});
  }
  return words;
}

void expect_apart(const std::string& svg, double width) {
  const std::vector<Word> words = words_of(svg);
  ASSERT_GT(words.size(), 4U);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& a = words[i];
    EXPECT_GE(a.left, 0) << a.text;
    EXPECT_LE(a.right, width) << a.text;
    for (std::size_t j = 0; j < i; ++j) {
      const Word& b = words[j];
      const bool meets =
          a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      EXPECT_FALSE(meets) << "'" << a.text << "' and '" << b.text << "'";
    }
  }
}

TEST(Plot, NoWordsOverprintOrLeaveThePicture) {
  const Folder folder;
  const std::string path = folder.path("out.svg");
  const std::vector<std::vector<std::string>> parts{
      {}, {"--from", "1s", "--to", "3s"}, {"--from", "15s", "--to", "15.0011s"}};
  for (const auto& entry : std::filesystem::directory_iterator{kExamples}) {
    if (entry.path().extension() != ".json") continue;
    for (const int width : {400, 700, 2'400}) {
      for (const std::vector<std::string>& part : parts) {
        SCOPED_TRACE(fmt::format("{} {} {}", entry.path().string(), width, part.size()));
        std::vector<std::string> words{"plot", entry.path(), "-o",
                                       path,   "--width",    std::to_string(width)};
        words.insert(words.end(), part.begin(), part.end());
        ASSERT_EQ(takt(words).exit, 0);
        expect_apart(read_file(path), width);
      }
    }
  }
}

TEST(Plot, TotalsAreOfWhatIsShown) {
  const Folder folder;
  const std::string path = folder.path("out.svg");
  ASSERT_EQ(takt({"plot", "-", "-o", path, "--from", "5s", "--to", "7.5s"}, kProgram).exit, 0);
  const std::string svg = read_file(path);
  EXPECT_THAT(svg, HasSubstr("5 s to 7.5 s shown   ·   1 edge<"));
  EXPECT_THAT(svg, HasSubstr(">2.5 s</text>"));
  EXPECT_THAT(svg, HasSubstr(">1.5 s</text>"));
  EXPECT_THAT(svg, HasSubstr(">1×, up to 300</text>"));
  ASSERT_EQ(takt({"plot", "-", "-o", path}, kProgram).exit, 0);
  EXPECT_THAT(read_file(path), HasSubstr(">2×, up to 600</text>"));
}

TEST(Plot, WhatIsOnThroughoutAPartIsUsedAndNeitherRisesNorFallsAtItsEnds) {
  const Folder folder;
  const std::string path = folder.path("out.svg");
  constexpr const char* kSteady = R"({"takt": 1,
    "outputs": [{"id": "lamp", "kind": "analog", "range": 1000}, {"id": "fan"}],
    "phases": [{"name": "on", "components": [{"output": "lamp", "value": 500, "on": "9s"},
                                             {"output": "fan", "on": "9s"}]}]})";
  ASSERT_EQ(takt({"plot", "-", "-o", path, "--from", "2s", "--to", "3s"}, kSteady).exit, 0);
  const std::string part = read_file(path);
  const std::string used = "fill=\"#262b33\">";
  EXPECT_THAT(part, HasSubstr(used + "lamp</text>"));
  EXPECT_THAT(part, HasSubstr(used + "fan</text>"));
  // The colour of the first output, as a line.
  EXPECT_THAT(part, Not(HasSubstr("stroke=\"#1f778c\"")));
  ASSERT_EQ(takt({"plot", "-", "-o", path}, kSteady).exit, 0);
  EXPECT_THAT(read_file(path), HasSubstr("stroke=\"#1f778c\""));
}

TEST(Plot, WhatWasPlayedIsDrawnAsItWasPlanned) {
  const Folder folder;
  const std::string program = folder.file("two.json", kProgram);
  const std::string trace = folder.path("played.csv");
  ASSERT_EQ(takt({"play", program, "--virtual", "--trace", trace}).exit, 0);
  const std::string path = folder.path("out.svg");
  ASSERT_EQ(takt({"plot", trace, program, "-o", path}).exit, 0);
  const std::string svg = read_file(path);
  EXPECT_THAT(svg, HasSubstr("planned 9 s   ·   1 phase   ·   played 9 s"));
  EXPECT_THAT(svg, HasSubstr("6 edges planned   ·   6 edges played"));
  // The same lanes, one below the other: each colour as often in both.
  for (const char* const color : {"#1f778c", "#d6604d"}) {
    std::map<std::string, int> shapes;
    for (std::size_t at = svg.find(color); at != std::string::npos; at = svg.find(color, at + 1)) {
      const std::size_t begin = svg.rfind('<', at);
      ++shapes[svg.substr(begin, svg.find(' ', begin) - begin)];
    }
    EXPECT_FALSE(shapes.empty());
    for (const auto& [shape, count] : shapes) EXPECT_EQ(count % 2, 0) << color << " " << shape;
  }
  // Alone, and by its content, whatever it is called.
  ASSERT_EQ(takt({"plot", "-", "-o", path}, read_file(trace)).exit, 0);
  EXPECT_THAT(read_file(path), HasSubstr("played 9 s   ·   6 edges<"));
  EXPECT_THAT(read_file(path), HasSubstr(">0–600</text>"));
}

TEST(Plot, PeopleReadLabelsAndTracesHoldIds) {
  const Folder folder;
  const std::string labelled =
      R"({"takt":1,"outputs":[{"id":"out_7","label":"Soap & <water>"},{"id":"fan"}],)"
      R"("phases":[{"name":"p","components":[{"output":"out_7","on":"8s"}]}]})";
  const std::string program = folder.file("labelled.json", labelled);
  const std::string trace = folder.path("played.csv");
  ASSERT_EQ(takt({"play", program, "--virtual", "--trace", trace}).exit, 0);
  EXPECT_THAT(read_file(trace), HasSubstr("\n0,out_7,1\n"));
  const std::string vcd = folder.path("played.vcd");
  ASSERT_EQ(takt({"play", program, "--virtual", "--trace", vcd}).exit, 0);
  EXPECT_THAT(read_file(vcd), HasSubstr(" out_7 $end"));
  EXPECT_THAT(read_file(vcd), Not(HasSubstr("Soap")));
  const std::string path = folder.path("out.svg");
  for (const std::vector<std::string>& files : {std::vector{program}, {trace, program}}) {
    std::vector<std::string> words{"plot"};
    words.insert(words.end(), files.begin(), files.end());
    words.insert(words.end(), {"-o", path});
    ASSERT_EQ(takt(words).exit, 0);
    EXPECT_THAT(read_file(path), HasSubstr(">Soap &amp; &lt;water&gt;</text>"));
    EXPECT_THAT(read_file(path), HasSubstr(">fan</text>"));
    EXPECT_THAT(read_file(path), Not(HasSubstr("out_7")));
  }
}

TEST(Plot, ACutLastLineIsNamedAndLeftOut) {
  const Folder folder;
  const std::string path = folder.path("out.svg");
  const Outcome whole = takt({"plot", "-", "-o", path}, kHead + "5,pump,1\n9,pump,0\n");
  EXPECT_EQ(whole.exit, 0);
  EXPECT_THAT(whole.err, Not(HasSubstr("cut")));
  const Outcome cut =
      takt({"plot", "-", "-o", path, "--json"}, kHead + "5,pump,1\n9,pump,0\n20,pu");
  EXPECT_EQ(cut.exit, 0);
  EXPECT_THAT(cut.err, HasSubstr("standard input:4:1: warning: the last line is cut"));
  EXPECT_EQ(cut.json()["warnings"][0]["line"].GetInt(), 4);
  EXPECT_THAT(read_file(path), HasSubstr("played 0.000009 s   ·   2 edges<"));
}

TEST(Plot, ABadTraceIsRefusedWithItsLine) {
  const Folder folder;
  const std::string program = folder.file("two.json", kProgram);
  const std::string path = folder.path("out.svg");
  const std::map<std::string, std::string> says{
      {"time_us,output\n", ":1:1: error: a trace begins with the line 'time_us,output,value'"},
      {kHead + "5,pump,1\nx,pump,0\n", ":3:1: error: a line is time, output, value"},
      {kHead + "5,pump,1\n3,pump,0\n", ":3:1: error: the time goes back, from 5 to 3"},
      {kHead + "5,valve,1\n", ":2:3: error: the program has no output 'valve'"},
      {kHead + "5,fan,901\n", ":2:7: error: 'fan' takes 0 to 900, not 901"},
  };
  for (const auto& [text, message] : says) {
    const std::string trace = folder.file("played.csv", text);
    const Outcome outcome = takt({"plot", trace, program, "-o", path, "--json"});
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_TRUE(outcome.json().HasMember("error"));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_EQ(takt({"plot", program, program, "-o", path}).exit, 2);
  const std::string trace = folder.file("played.csv", kHead + "5,pump,1\n");
  EXPECT_EQ(takt({"plot", trace, "--map", "A=b", "-o", path}).exit, 2);
  EXPECT_EQ(takt({"plot", trace, trace, "-o", path}).exit, 1);
  const std::string named = folder.file("program.svg", kProgram);
  EXPECT_EQ(takt({"plot", trace, named, "-o", named}).exit, 2);
  EXPECT_EQ(read_file(named), kProgram);
}

}  // namespace
}  // namespace takt::testing
