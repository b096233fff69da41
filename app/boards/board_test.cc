// SPDX-License-Identifier: Apache-2.0
#include "takt/app/boards/board.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "takt/core/base/limits.h"
#include "takt/core/memory/tags.h"
#include "takt/core/memory/tlsf.h"

namespace takt {
namespace {

class EveryBoard : public testing::TestWithParam<Board> {};

INSTANTIATE_TEST_SUITE_P(Boards, EveryBoard, testing::ValuesIn(all_boards()), [](const auto& p) {
  std::string name(p.param.name);
  std::erase(name, '-');
  return name;
});

TEST_P(EveryBoard, IsFoundByItsName) {
  ASSERT_NE(find_board(GetParam().name), nullptr);
  EXPECT_EQ(find_board(GetParam().name)->name, GetParam().name);
}

TEST_P(EveryBoard, FitsWhatTheMemoryModuleCanHold) {
  const Board& board = GetParam();
  EXPECT_LE(board.regions.size(), Memory::kMaxRegions);
  EXPECT_LE(board.tasks.size(), TaskTable::kMaxTasks);
  for (const RegionSpec& region : board.regions) {
    EXPECT_TRUE(is_word(region.name));
    EXPECT_LE(region.bytes, Tlsf::kMaxStorage);
  }
  for (const TaskSpec& task : board.tasks) EXPECT_TRUE(is_word(task.name));
}

TEST_P(EveryBoard, WarnsOnlyOfPinsThatItHas) {
  const Board& board = GetParam();
  EXPECT_NE(board.pins, 0U);
  EXPECT_EQ((board.strapping | board.usb | board.console) & ~board.pins, 0U);
}

TEST_P(EveryBoard, NamesEachTaskOnce) {
  const Board& board = GetParam();
  std::set<std::string_view> names;
  for (const TaskSpec& task : board.tasks) EXPECT_TRUE(names.insert(task.name).second);
}

// With all stacks taken, the acceptance must still be within reach and the tripwire below it.
TEST_P(EveryBoard, CanMeetItsOwnAcceptance) {
  const Board& board = GetParam();
  const std::size_t internal = board.bytes_of(RegionKind::kInternal);
  EXPECT_GT(internal, board.stack_bytes() + board.acceptance.internal_min_bytes);
  EXPECT_LT(board.tripwire_bytes, board.acceptance.internal_min_bytes);
  // A program that takes all it may take does not break it either.
  if (board.bytes_of(RegionKind::kExternal) != 0) return;
  EXPECT_GT(internal,
            board.stack_bytes() + board.program_bytes() + board.acceptance.internal_min_bytes);
}

TEST(Boards, LeaveRoomForASecondProgramAndTimeToErase) {
  EXPECT_EQ(find_board("esp32-c3")->program_bytes(), 78U << 10);
  EXPECT_EQ(find_board("esp32-c6")->program_bytes(), 110U << 10);
  EXPECT_EQ(find_board("jc3636w518")->program_bytes(), 2U << 20);
  EXPECT_EQ(find_board("mps2-an385")->program_bytes(), 80U << 10);
  EXPECT_EQ(find_board("linux")->program_bytes(), 0U);
  EXPECT_EQ(find_board("esp32-c3")->refill_latency, millis(20));
  EXPECT_EQ(find_board("mps2-an385")->refill_latency, millis(5));
}

TEST(Boards, AreTheSixOfTheContract) {
  for (const char* name :
       {"esp32-c3", "cycleoptima", "jc3636w518", "esp32-c6", "mps2-an385", "linux"}) {
    EXPECT_NE(find_board(name), nullptr) << name;
  }
  EXPECT_EQ(all_boards().size(), 6U);
  EXPECT_EQ(find_board("esp8266"), nullptr);
  EXPECT_EQ(find_board("jc3636w518")->bytes_of(RegionKind::kExternal), 8U << 20);
  EXPECT_EQ(find_board("jc3636w518")->bytes_of(RegionKind::kInternal), 320U << 10);
  EXPECT_EQ(find_board("esp32-c3")->bytes_of(RegionKind::kExternal), 0U);
  EXPECT_EQ(find_board("jc3636w518")->find_task("portal")->stack_bytes, 6'144U);
  EXPECT_EQ(find_board("jc3636w518")->find_task("nobody"), nullptr);
}

}  // namespace
}  // namespace takt
