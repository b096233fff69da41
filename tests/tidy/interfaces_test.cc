// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tidy/rules.h"
#include "tests/tidy/source.h"

namespace takt::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A tree in which one interface of a port is as it should be.
class Interfaces : public ::testing::Test {
 protected:
  Interfaces() {
    put("ports/api/bell.h",
        "class Bell {\n public:\n  virtual int ring(\n      int times) const = 0;\n};\n");
    put("ports/linux/bell.h", "class LinuxBell final : public Bell {\n};\n");
    put("tests/contract/bell_laws.h", "#include \"ports/api/bell.h\"\n");
    put("tests/contract/bell_test.cc",
        "#include \"tests/contract/bell_laws.h\"\nLinuxBell g_bell;\n");
    put("docs/porting.md",
        "| Interface | Laws | linux |\n"
        "| [`Bell`](../ports/api/bell.h) | [laws](../tests/contract/bell_laws.h) | `LinuxBell` "
        "|\n");
  }

  void put(const std::string& path, const std::string& text) { tree_[path] = parse(path, text); }

  std::vector<std::string> judge() const {
    std::vector<std::string> found;
    for (const auto& [path, source] : tree_) {
      for (const Violation& violation : check_interfaces(path, source, tree_)) {
        found.push_back(path + ':' + std::to_string(violation.line) + ": " + violation.what);
      }
    }
    return found;
  }

  Tree tree_;
};

TEST_F(Interfaces, WithARowLawsAndATestPass) { EXPECT_THAT(judge(), IsEmpty()); }

TEST_F(Interfaces, OfAPortHaveARow) {
  const std::string text = "\nclass Horn {\n  virtual void blow() = 0;\n};\n";
  put("ports/api/horn.h", text);
  put("core/base/horn.h", text);
  EXPECT_THAT(judge(), ElementsAre("core/base/horn.h:2: Horn has no row in docs/porting.md",
                                   "ports/api/horn.h:2: Horn has no row in docs/porting.md"));
}

TEST_F(Interfaces, OfOthersNeedNone) {
  put("ports/api/runner.h", "class Work {\n  virtual void run() = 0;\n};\n");
  put("ports/api/pins.h", "class Pins {\n  int i = 0;\n};\nclass Pin;\nclass Plain {\n};\n");
  EXPECT_THAT(judge(), IsEmpty());
}

TEST_F(Interfaces, HaveLaws) {
  tree_.erase("tests/contract/bell_laws.h");
  EXPECT_THAT(judge(), ElementsAre("docs/porting.md:2: Bell has no laws in "
                                   "'tests/contract/bell_laws.h'"));
  put("tests/contract/bell_laws.h", "#include \"ports/api/horn.h\"\n");
  EXPECT_THAT(judge(), ElementsAre("docs/porting.md:2: Bell has no laws in "
                                   "'tests/contract/bell_laws.h'"));
}

TEST_F(Interfaces, StandWhereTheirRowSays) {
  put("ports/api/bell.h", "class Gong;\n");
  EXPECT_THAT(judge(), ElementsAre("docs/porting.md:2: Bell is not in 'ports/api/bell.h'"));
}

TEST_F(Interfaces, HaveTheirImplementationsInTheirRow) {
  put("ports/virtual/bell.h", "class VirtualBell final : public Bell, private Work {\n};\n");
  EXPECT_THAT(judge(), ElementsAre("ports/virtual/bell.h:1: VirtualBell is not in the row of Bell "
                                   "in docs/porting.md"));
}

TEST_F(Interfaces, HaveEveryImplementationHeldToTheirLaws) {
  put("tests/contract/bell_test.cc", "LinuxBell g_bell;\n");
  const std::string untested =
      "docs/porting.md:2: no test holds LinuxBell to tests/contract/bell_laws.h";
  EXPECT_THAT(judge(), ElementsAre(untested));
  put("tests/contract/bell_test.cc",
      "#include \"tests/contract/bell_laws.h\"\nLinuxBells g_bells;  // LinuxBell\n");
  EXPECT_THAT(judge(), ElementsAre(untested));
}

}  // namespace
}  // namespace takt::tidy
