// SPDX-License-Identifier: Apache-2.0
// Every example on every board that it may play on, in that board's memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "takt/firmware/examples/play.h"
#include "tests/support/device_rig.h"

namespace takt {
namespace {

using firmware::ScriptedReading;

std::string read(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> examples() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{"examples"}) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(DeviceBoards, PlayEveryExampleToItsEndWithinTheirMemory) {
  constexpr std::array kReadings{ScriptedReading{seconds(40), "pressure", 20'000}};
  ASSERT_GE(examples().size(), 9U);
  for (const Board& board : all_boards()) {
    if (!board.limited) continue;
    for (const std::filesystem::path& file : examples()) {
      World world;
      testing::RecordingPorts ports{world, board};
      ports.bank.forgets = true;
      EXPECT_TRUE(firmware::play(ports, board, read(file), kReadings))
          << board.name << ", " << file << ":\n"
          << ports.printed();
      EXPECT_FALSE(ports.starved()) << board.name << ", " << file;
      EXPECT_EQ(ports.printed().find("TRIPWIRE"), std::string::npos) << ports.printed();
    }
  }
}

/// A row of so many different pulses.
std::string long_program(int pulses) {
  std::string text = R"({"takt": 1, "outputs": [{"id": "a"}], "phases": [{"name": "p",
      "components": [{"output": "a", "steps": [)";
  for (int i = 0; i < pulses; ++i) {
    text += (i == 0 ? "" : ",") + std::string{R"({"on": ")"} + std::to_string(10 + i) +
            R"(ms", "pause": "10ms"})";
  }
  return text + "]}]}]}";
}

TEST(DeviceBoards, AProgramThatIsTooLargeIsRefusedWithItsSize) {
  for (const char* const name : {"esp32-c3", "mps2-an385"}) {
    const Board& board = *find_board(name);
    World world;
    testing::DeviceRig rig{world, board};
    ASSERT_EQ(rig.device.boot(), Status::kOk);
    const auto too_many = static_cast<int>(board.program_bytes() / sizeof(Point));
    EXPECT_EQ(rig.load(long_program(too_many)), Status::kTooLarge) << board.name;
    const std::string reason =
        " B, and this board has " + std::to_string(board.program_bytes()) + " B for it\n";
    EXPECT_NE(rig.ports.printed().find("[Program] not loaded: it takes "), std::string::npos)
        << rig.ports.printed();
    EXPECT_NE(rig.ports.printed().find(reason), std::string::npos) << rig.ports.printed();
    EXPECT_EQ(rig.load(long_program(too_many / 4)), Status::kOk) << board.name;
  }
}

TEST(DeviceBoards, AreWithinTheirAcceptanceWhileTheyPlay) {
  for (const Board& board : all_boards()) {
    if (!board.limited) continue;
    World world;
    testing::DeviceRig rig{world, board};
    ASSERT_EQ(rig.device.boot(), Status::kOk);
    ASSERT_EQ(rig.load(read("examples/washer.json")), Status::kOk);
    ASSERT_EQ(rig.order(Command::Kind::kPlay).status, Status::kOk);
    rig.run_for(seconds(60));
    ASSERT_EQ(rig.load(read("examples/bilateral.json")), Status::kOk);
    const MemorySnapshot snapshot = rig.device.memory().snapshot();
    EXPECT_GE(snapshot.hin, board.acceptance.internal_min_bytes) << board.name;
    EXPECT_LT(snapshot.frag, board.acceptance.fragmentation_below_percent) << board.name;
  }
}

}  // namespace
}  // namespace takt
