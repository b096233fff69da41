// SPDX-License-Identifier: Apache-2.0
// A whole device in threads of its own, inside the memory of its board.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/firmware/device.h"
#include "takt/firmware/linux/linux_ports.h"

namespace takt {
namespace {

using firmware::Device;
using firmware::DeviceConfig;
using firmware::LinuxPorts;

/// Nobody orders; what is said is kept.
class Kept final : public firmware::Console {
 public:
  int descriptor() const override { return -1; }
  void read() override {}
  std::optional<Order> take() override { return std::nullopt; }
  void say(std::string_view line) override {
    const std::lock_guard lock{mutex_};
    text_.append(line).append("\n");
  }
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Its answer to a command, or to the program that was handed over as `number`.
Status answer_of(LinuxPorts& ports, Device& device, std::uint32_t number) {
  Answer answer;
  const LocalTime latest = ports.clock().now() + seconds(10);
  ports.run_until([&] {
    return (device.take(answer) && answer.number == number) || ports.clock().now() > latest;
  });
  return answer.number == number ? answer.status : Status::kTimeout;
}

struct Leftover {
  std::size_t blocks = 0;
  std::size_t tasks = 0;
};

/// Starts, plays, stops. What it left in the cage.
Leftover cycle(const Board& board, std::string_view source, Kept& console) {
  const auto ports = std::make_unique<LinuxPorts>(LinuxPorts::Config{.board = &board}, console);
  EXPECT_EQ(ports->open(), Status::kOk) << console.text();
  const std::size_t before = ports->memory()->live_blocks();
  const std::size_t tasks = ports->tasks()->worst({});
  const auto device = std::make_unique<Device>(*ports, DeviceConfig{.board = &board});
  EXPECT_EQ(device->boot(), Status::kOk) << console.text();
  EXPECT_EQ(device->load(source, 1), Status::kOk) << console.text();
  EXPECT_EQ(answer_of(*ports, *device, 1), Status::kOk);
  EXPECT_EQ(device->submit({.number = 2, .kind = Command::Kind::kPlay}), Status::kOk);
  EXPECT_EQ(answer_of(*ports, *device, 2), Status::kOk);
  EXPECT_EQ(device->shut_down(), Status::kOk);
  return {ports->memory()->live_blocks() - before, ports->tasks()->worst({}) - tasks};
}

TEST(CagedDevice, LeavesNothingInItsCageHoweverOftenItStartsAndStops) {
#ifdef TAKT_CAGE_CYCLES
  constexpr int kCycles = TAKT_CAGE_CYCLES;
#elif defined(__OPTIMIZE__)
  constexpr int kCycles = 10'000;
#else
  constexpr int kCycles = 1'000;
#endif
  const std::string source = read("examples/rinse.json");
  const Board& board = *find_board("esp32-c3");
  for (int i = 0; i < kCycles; ++i) {
    Kept console;
    const Leftover left = cycle(board, source, console);
    ASSERT_EQ(left.blocks, 0U) << "cycle " << i << '\n' << console.text();
    ASSERT_EQ(left.tasks, 0U) << "cycle " << i;
  }
}

TEST(CagedDevice, BootsOnEachBoardWithRoomToSpare) {
  for (const Board& board : all_boards()) {
    if (!board.limited) continue;
    SCOPED_TRACE(board.name);
    Kept console;
    LinuxPorts ports{{.board = &board}, console};
    ASSERT_EQ(ports.open(), Status::kOk) << console.text();
    const auto device = std::make_unique<Device>(ports, DeviceConfig{.board = &board});
    ASSERT_EQ(device->boot(), Status::kOk) << console.text();
    EXPECT_GE(ports.memory()->snapshot().hin, board.acceptance.internal_min_bytes);
    EXPECT_EQ(ports.tasks()->worst({}), board.tasks.size());
    EXPECT_NE(console.text().find("[Bus] pool entries="), std::string::npos) << console.text();
    EXPECT_NE(console.text().find("[Mem] setup"), std::string::npos) << console.text();
  }
}

TEST(CagedDevice, ABoardWithoutRoomSaysTheBytesItLacks) {
  const Board& whole = *find_board("esp32-c3");
  int refused = 0;
  for (std::size_t kib = 8; kib < 312; kib += 8) {
    const RegionSpec region{"sram", RegionKind::kInternal, true, kib << 10U};
    Board board = whole;
    board.regions = {&region, 1};
    Kept console;
    LinuxPorts ports{{.board = &board}, console};
    Status status = ports.open();
    const auto device = std::make_unique<Device>(ports, DeviceConfig{.board = &board});
    if (status == Status::kOk) status = device->boot();
    if (status == Status::kOk) continue;
    ++refused;
    EXPECT_EQ(status, Status::kNoMemory) << kib;
    EXPECT_NE(console.text().find("[Boot] no room for "), std::string::npos) << kib << '\n'
                                                                             << console.text();
    EXPECT_NE(console.text().find(" B are lacking\n"), std::string::npos) << console.text();
  }
  EXPECT_GE(refused, 5);
}

}  // namespace
}  // namespace takt
