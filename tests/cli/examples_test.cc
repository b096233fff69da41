// SPDX-License-Identifier: Apache-2.0
// What stands in examples/, played as a user plays it.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/cli/run.h"

namespace takt::testing {
namespace {

constexpr int kLow = -2'147'483'647;
constexpr int kHigh = 2'147'483'647;

std::vector<std::string> examples() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator("examples")) {
    if (file.path().extension() == ".json") files.push_back(file.path().string());
  }
  EXPECT_GE(files.size(), 9U);
  return files;
}

/// What a program waits for, as its text says.
struct Wait {
  int met = kHigh;           ///< A reading that ends all phases which wait for the sensor.
  int unmet = kLow;          ///< A reading that ends none.
  bool has_timeout = false;  ///< In that case there is a fault.
};

std::map<std::string, Wait> waits_of(const std::string& file) {
  std::map<std::string, Wait> waits;
  rapidjson::Document document;
  const std::string text = read_file(file);
  document.Parse(text.c_str(), text.size());
  EXPECT_FALSE(document.HasParseError()) << file;
  if (document.HasMember("data")) {  // The older form has no timeouts.
    return {{"pressure", {}}, {"rpm", {}}};
  }
  if (!document.HasMember("phases")) return waits;
  for (const auto& phase : document["phases"].GetArray()) {
    if (!phase.HasMember("end")) continue;
    const auto& end = phase["end"];
    Wait& wait = waits[end["sensor"].GetString()];
    if (end.HasMember("below")) std::tie(wait.met, wait.unmet) = std::pair{kLow, kHigh};
    const bool may_fail = !end.HasMember("on_timeout") || end["on_timeout"] == "fault";
    wait.has_timeout = wait.has_timeout || (end.HasMember("timeout") && may_fail);
  }
  return waits;
}

TEST(Examples, AreValidWithoutAWarning) {
  for (const std::string& file : examples()) {
    const Outcome checked = takt({"check", file, "--strict"});
    EXPECT_EQ(checked.exit, 0) << file << checked.err;
  }
}

TEST(Examples, EndWithTheFaultOrAsTheirAuthorWantsWithAnySensorStuck) {
  unsigned faults = 0;
  for (const std::string& file : examples()) {
    const auto waits = waits_of(file);
    for (const auto& [stuck, how] : waits) {
      for (const int value : {kLow, kHigh}) {
        std::vector<std::string> words{"play", file, "--virtual"};
        for (const auto& [sensor, wait] : waits) {
          words.insert(words.end(), {"--sensor", sensor + "=" + std::to_string(wait.met)});
        }
        words.insert(words.end(), {"--sensor", stuck + "=" + std::to_string(value)});
        const bool fails = value == how.unmet && how.has_timeout;
        const Outcome played = takt(words);
        EXPECT_EQ(played.exit, fails ? 1 : 0) << file << " " << stuck << "=" << value << played.err;
        EXPECT_EQ(played.out.find("Fault ") != std::string::npos, fails) << played.out;
        faults += fails ? 1 : 0;
      }
    }
  }
  EXPECT_GE(faults, 1U);
}

TEST(Examples, TheWasherKeepsItsDoorLockedUntilItIsDone) {
  const Folder folder;
  const std::string trace = folder.path("trace.csv");
  ASSERT_EQ(takt({"play", "examples/washer.json", "--virtual", "--sensor", "pressure=20000@40s",
                  "--sensor", "rpm=1500", "--at", "100s=skip", "--trace", trace})
                .exit,
            0);
  std::istringstream rows{read_file(trace)};
  std::vector<std::string> lock;
  for (std::string row; std::getline(rows, row);) {
    if (row.find(",door_lock,") != std::string::npos) lock.push_back(row);
  }
  ASSERT_EQ(lock.size(), 2U);
  EXPECT_EQ(lock[0], "2000000,door_lock,1");
}

}  // namespace
}  // namespace takt::testing
