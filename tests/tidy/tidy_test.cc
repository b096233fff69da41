// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/tidy/rules.h"
#include "tests/tidy/source.h"

namespace takt::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kLicence = "// SPDX-License-Identifier: Apache-2.0\n";

// Puts `text` into a small tree and gives what all rules say about it, as lines "LINE: what".
std::vector<std::string> judge(const std::string& path, const std::string& text) {
  Tree tree;
  const auto add = [&tree](const std::string& file, const std::string& content) {
    tree[file] = parse(file, content);
  };
  for (const char* header :
       {"core/base/time.h", "core/program/model.h", "core/playback/player.h", "core/sync/clock.h",
        "ports/api/bank.h", "ports/linux/bank.h", "tests/support/rig.h"}) {
    add(header, std::string{kLicence} + "#pragma once\n");
  }
  add("tests/uses.cc", std::string{kLicence} + "int used = try_push(kTable, kRow, kA, kB);\n");
  add("CMakeLists.txt",
      "# SPDX-License-Identifier: Apache-2.0\nlibrary(x.cc player_test.cc uses.cc)\n");
  add("docs/timing.md", "# Timing\n");
  EXPECT_THAT(check_tree(tree), IsEmpty());
  add(path, text);
  std::vector<std::string> found = check_tree(tree);
  for (std::string& line : found) {
    EXPECT_TRUE(line.starts_with(path + ':')) << line;
    line.erase(0, path.size() + 1);
  }
  return found;
}

// The same for C++ that has its licence line; `text` starts in line 2.
std::vector<std::string> judge_cpp(const std::string& path, const std::string& text) {
  return judge(path, std::string{kLicence} + text);
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "  f();\n";
  return text;
}

TEST(Arrows, WhatOthersCanIncludeIsWrittenAsTheyWriteIt) {
  EXPECT_THAT(judge_cpp("core/playback/x.cc", "#include \"core/base/time.h\"\n"),
              ElementsAre("2: core/base/time.h is included as takt/core/base/time.h"));
  EXPECT_THAT(judge_cpp("tests/support/x.cc", "#include \"takt/tests/support/rig.h\"\n"),
              ElementsAre("2: tests/support/rig.h is included as tests/support/rig.h"));
}

TEST(Arrows, PointDownAndMaySkipLayers) {
  EXPECT_THAT(
      judge_cpp(
          "core/playback/x.cc",
          "#include <array>\n#include \"takt/core/base/time.h\"\n"
          "#include \"takt/core/program/model.h\"\n#include \"takt/core/playback/player.h\"\n"),
      IsEmpty());
  EXPECT_THAT(
      judge_cpp("app/playback/x.cc",
                "#include \"takt/core/playback/player.h\"\n#include \"takt/ports/api/bank.h\"\n"),
      IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "#include \"takt/ports/linux/bank.h\"\n"), IsEmpty());
}

TEST(Arrows, NeverPointUpOrSideways) {
  EXPECT_THAT(judge_cpp("core/base/x.cc", "\n#include \"takt/core/program/model.h\"\n"),
              ElementsAre("3: core/base may not include core/program/model.h"));
  EXPECT_THAT(judge_cpp("core/playback/x.cc", "#include \"takt/core/sync/clock.h\"\n"),
              ElementsAre("2: core/playback may not include core/sync/clock.h"));
  EXPECT_THAT(judge_cpp("core/engine/x.cc", "#include \"takt/ports/api/bank.h\"\n"),
              ElementsAre("2: core/engine may not include ports/api/bank.h"));
  EXPECT_THAT(judge_cpp("ports/linux/x.cc", "#include \"takt/core/playback/player.h\"\n"),
              ElementsAre("2: ports/linux may not include core/playback/player.h"));
  EXPECT_THAT(judge_cpp("app/playback/x.cc", "#include \"takt/ports/linux/bank.h\"\n"),
              ElementsAre("2: app/playback may not include ports/linux/bank.h"));
}

TEST(Arrows, OnlyTestsLeadToTheSupportOfTests) {
  const std::string include = "#include \"tests/support/rig.h\"\n";
  EXPECT_THAT(judge_cpp("core/playback/player_test.cc", include), IsEmpty());
  EXPECT_THAT(judge_cpp("core/playback/x.cc", include),
              ElementsAre("2: core/playback may not include tests/support/rig.h"));
}

TEST(Arrows, EveryFileLiesInALayer) {
  EXPECT_THAT(judge_cpp("utils/x.cc", ""),
              ElementsAre("0: lies in no layer of tests/tidy/arrows.cc"));
  EXPECT_THAT(judge_cpp("core/baseline/x.cc", ""),
              ElementsAre("0: lies in no layer of tests/tidy/arrows.cc"));
}

TEST(Includes, AreWrittenFromTheRootBetweenQuotes) {
  EXPECT_THAT(judge_cpp("core/playback/x.cc", "#include \"player.h\"\n"),
              ElementsAre(HasSubstr("2: player.h does not exist")));
  EXPECT_THAT(judge_cpp("core/playback/x.cc", "#include <takt/core/base/time.h>\n"),
              ElementsAre("2: core/base/time.h is ours and stands between quotes"));
}

TEST(Functions, OfSeventyLinesPassAndOfSeventyOneDoNot) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "void f() {\n" + lines(68) + "}\n"), IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "void f() {\n" + lines(69) + "}\n"),
              ElementsAre("2: function of 71 lines"));
}

TEST(Functions, AreFoundWhereverTheyStand) {
  // Each ends in the first two lines of a function.
  for (const std::string start : {
           "class B final : public C {\n public:\n  int f() const\n      override {\n",
           "template <typename T, typename U = A<T>>\nclass B {\n  B& operator=(\n      B b) {\n",
           "template <typename T>\nT f(T t) {\n",
           "struct A {\n  int a[2] = {1, 2};\n  A(int x)\n      : b{x}, c{x} {\n",
           "enum class E { kA, kB };\nauto f()\n    -> int {\n",
           "constexpr Table kTable{{1, 2}, {3}};\nbool operator==(A a,\n                A b) {\n",
           "#define BRACE { \\\n  {\nTEST(A,\n     Brace) {\n",
           "// a comment with a {\n/* and { */\nvoid f(char c = '{',\n       int n = 1'000) {\n",
           "auto text = R\"(\n{\"a\": [)\";\nvoid f(A a = {},\n       B b = B{}) {\n",
           "const auto kRow = f(1,\n                    [] {\n",
       }) {
    const auto line = 1 + std::ranges::count(start, '\n') - 1;
    EXPECT_THAT(judge_cpp("tools/cli/x.cc", start + lines(67) + "}\n"), IsEmpty()) << start;
    EXPECT_THAT(judge_cpp("tools/cli/x.cc", start + lines(69) + "}\n"),
                ElementsAre(std::to_string(line) + ": function of 72 lines"))
        << start;
  }
}

TEST(Functions, TablesAndClassesAreNotFunctions) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "class A {\n" + lines(100) + "};\n"), IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "struct alignas(8) A {\n" + lines(100) + "};\n"),
              IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "const auto kTable = f({\n" + lines(100) + "});\n"),
              IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "const Table kTable = {\n" + lines(100) + "};\n"),
              IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "const A<void()> kTable = {\n" + lines(100) + "};\n"),
              IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "const Table kTable{\n" + lines(100) + "};\n"),
              IsEmpty());
}

TEST(Files, OfFiveHundredLinesPassAndLongerOnesDoNot) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", std::string(499, '\n')), IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", std::string(500, '\n')), ElementsAre("0: 501 lines"));
}

TEST(Files, StartWithTheirLicence) {
  EXPECT_THAT(judge("tools/cli/x.cc", "int x;\n"), ElementsAre(HasSubstr("1: first line is not")));
  EXPECT_THAT(judge("tools/cli/x.cc", ""), ElementsAre(HasSubstr("1: first line is not")));
  EXPECT_THAT(judge("run", "#!/bin/bash\n"), ElementsAre(HasSubstr("2: first line is not")));
  EXPECT_THAT(judge("run", "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n"), IsEmpty());
}

TEST(Files, HeadersHaveTheirPragma) {
  EXPECT_THAT(judge_cpp("tools/cli/x.h", "int x;\n"), ElementsAre("0: has not one '#pragma once'"));
}

TEST(Lines, EndAtColumnOneHundredCountedInCharacters) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", std::string(100, '/') + '\n'), IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "//" + std::string(97, '/') + "\xC2\xB5\n"), IsEmpty());
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", std::string(101, '/') + '\n'),
              ElementsAre("2: 101 columns"));
}

TEST(Lines, HaveNoBlanksAtTheEndAndNoTabs) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "int x; \n"),
              ElementsAre("2: white space at the end of the line"));
  EXPECT_THAT(judge("docs/x.md", "a\r\n"), ElementsAre("1: white space at the end of the line"));
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "\tint x;\n"), ElementsAre("2: tab"));
}

TEST(Lines, HoldNoReminders) {
  const std::string word =
      "TO"
      "DO";
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "// " + word + ": more\n"),
              ElementsAre("2: work undone is an issue, not a " + word));
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "// PHOTO" + word + "\n"), IsEmpty());
}

TEST(Core, HasNoHeapClockThreadsExceptionsOrStreams) {
  for (const std::string code :
       {"auto* p = new int;", "auto* p = new int[3];", "void* p = malloc(3);",
        "void* p = std::malloc(3);", "void* p = calloc(3, 3);", "void* p = realloc(p, 3);",
        "std::mutex lock;", "std::thread thread;", "std::function<void()> f;",
        "auto now = std::chrono::steady_clock::now();", "goto end;", "throw 1;", "try {",
        "#include <iostream>", "#include <chrono>", "assert(x);", "std::cout << 1;"}) {
    EXPECT_THAT(judge_cpp("core/base/x.cc", code + '\n'), ElementsAre(HasSubstr("2: "))) << code;
    EXPECT_THAT(judge_cpp("tools/cli/x.cc", code + '\n'), IsEmpty()) << code;
  }
}

TEST(Core, MaySpeakOfWhatItMayNotUse) {
  for (const std::string code :
       {"// A new frame.", "int new_frame = 0;", "auto* t = new (place) T;", "::new (place) T;",
        "TAKT_ASSERT(x);", "static_assert(x);", "f(\"a new try\");", "heap.free(p);",
        "bool try_push();", "/* goto\n throw */"}) {
    EXPECT_THAT(judge_cpp("core/base/x.cc", code + '\n'), IsEmpty()) << code;
  }
  EXPECT_THAT(judge_cpp("core/playback/player_test.cc", "auto* p = new int;\n"), IsEmpty());
}

TEST(Place, ATestStandsBesideItsUnit) {
  EXPECT_THAT(judge_cpp("core/playback/player_test.cc", ""), IsEmpty());
  EXPECT_THAT(judge_cpp("core/program/player_test.cc", ""),
              ElementsAre("0: stands beside no unit that its name starts with"));
}

TEST(Place, ASourceThatNobodyBuildsIsDead) {
  EXPECT_THAT(judge_cpp("tools/cli/forgotten.cc", ""),
              ElementsAre("0: is built by no CMakeLists.txt"));
}

TEST(Place, WhatIsForTestsOnlyLiesWithThem) {
  const std::string header = "#pragma once\n";
  for (const std::string path : {"ports/linux/fake_pins.h", "core/playback/rig_for_test.h"}) {
    EXPECT_THAT(judge_cpp(path, header),
                ElementsAre("0: is for tests only: it belongs into tests/support"));
  }
  EXPECT_THAT(judge_cpp("tests/support/fake_pins.h", header), IsEmpty());
}

TEST(Names, OfOursAreUsedSomewhere) {
  for (const std::string text :
       {"int forgotten();", "const char* forgotten() const {", "A<B>& forgotten(int a,",
        "  static constexpr int forgotten(", "template <typename T> T forgotten(T t) {",
        "  void f(); std::uint64_t forgotten() { return f(); }"}) {
    EXPECT_THAT(judge_cpp("core/base/x.h", "#pragma once\nf(); " + text + '\n'),
                ElementsAre("3: forgotten is not used"))
        << text;
    EXPECT_THAT(judge_cpp("firmware/linux/x.cc", text + '\n'),
                testing::Contains("2: forgotten is not used"))
        << text;
    EXPECT_THAT(judge_cpp("tools/cli/x.cc", text + "\nforgotten(); f();\n"), IsEmpty()) << text;
    EXPECT_THAT(judge_cpp("tests/x.cc", text + '\n'), IsEmpty()) << text;
  }
  EXPECT_THAT(
      judge_cpp("app/bus/x.cc", "int count_ = 0;\nenum E { kForgotten };\nint g_left;\n"),
      ElementsAre("2: count_ is not used", "3: kForgotten is not used", "4: g_left is not used"));
  EXPECT_THAT(judge_cpp("ports/linux/x.cc", "#define TAKT_LEFT 1\n#ifdef TAKT_ON\n#endif\n"),
              ElementsAre("2: TAKT_LEFT is not used"));
}

TEST(Names, MayBeUsedByATemplateOfASource) {
  Tree tree;
  const auto add = [&tree](const std::string& file, const std::string& text) {
    tree[file] = parse(file, std::string{kLicence} + text);
  };
  add("tools/cli/x.h", "#pragma once\nint remembered();\n");
  EXPECT_THAT(check_tree(tree), ElementsAre("tools/cli/x.h:3: remembered is not used"));
  add("tools/cli/y.cc.in", "int @NAME@ = remembered();\n");
  EXPECT_THAT(check_tree(tree), IsEmpty());
}

TEST(Names, OfOthersAreTakenOverForAUse) {
  EXPECT_THAT(judge_cpp("bench/x.cc", "using std::vector;\n  using a::b::f;\nf();  // vector\n"),
              ElementsAre("2: using std::vector is not used"));
  EXPECT_THAT(
      judge_cpp("bench/x.cc", "using namespace std;\nusing namespace a::b;\nusing A = b::B;\n"),
      IsEmpty());
}

TEST(Names, InCommentsTextsAndIncludesAreNoUses) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc",
                        "#include <forgotten.h>\n// forgotten()\n/* forgotten */\n"
                        "int forgotten();  ///< See forgotten.\nauto text = \"forgotten\";\n"),
              ElementsAre("5: forgotten is not used"));
  EXPECT_THAT(judge_cpp("tools/cli/x.cc", "int remembered();\n#define X \\\n  remembered()\n"),
              IsEmpty());
}

TEST(Names, OfOthersAndForOthersMayStandOnce) {
  for (const std::string text :
       {"return library_call(1);", "  library_call(1);", "int n = library_call(1);",
        "bool b = n && library_call(1);", "int n = b * library_call(1);", "else library_call(1);",
        "int n = a.library_call(b->library_member(c));", "void SetUp();", "void _sbrk();",
        "void called_by_base() override {", "bool called_by_base(int a,\n  int b) final override;",
        "static const bool kNeedFree = true;", "std::vector<int> local{1};",
        "[[gnu::used]] const int kVectors = 0;", "throw library_call(1);",
        "int n = library::kFlag;"}) {
    EXPECT_THAT(judge_cpp("tools/cli/x.cc", text + '\n'), IsEmpty()) << text;
  }
}

TEST(Comments, BehindSomethingEndWithAFullStop) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc",
                        "int a = 1;  ///< Of the first,\nint b = 2;  ///< and of the last.\n"
                        "int c = 3;  ///< Of all that\n            ///< there are.\n"
                        "int d = 4;  // not told\nauto e = \"///< a text\";\n"),
              ElementsAre("2: a comment behind something ends with a full stop"));
}

TEST(Comments, DoNotBeginWithWho) {
  EXPECT_THAT(judge_cpp("tools/cli/x.cc",
                        "// Who comes first waits.\n/// Who's there?\nint a = 1;  ///< Who has "
                        "it.\n/* Who knows. */\n// Whoever. Who.\nauto e = \"// Who \";\n"),
              ElementsAre("2: a comment begins with 'Who'", "3: a comment begins with 'Who'",
                          "4: a comment begins with 'Who'", "5: a comment begins with 'Who'"));
}

TEST(Links, LeadSomewhere) {
  EXPECT_THAT(judge("README.md", "[a](docs/timing.md#law) [b](docs) [c](https://x.org) [d](#e)\n"),
              IsEmpty());
  EXPECT_THAT(judge("docs/x.md", "[a](timing.md) [b](../run) [c](../core/base/)\n"),
              ElementsAre("1: ../run is missing"));
  EXPECT_THAT(judge("README.md", "\n![picture](docs/cycle.svg)\n"),
              ElementsAre("2: docs/cycle.svg is missing"));
}

TEST(Tree, KeepsEveryRule) {
  const Tree tree = read_tree(".");
  ASSERT_TRUE(tree.contains("core/base/time.h")) << "not run in the root of the tree";
  for (const std::string& violation : check_tree(tree)) ADD_FAILURE() << violation;
}

}  // namespace
}  // namespace takt::tidy
