// SPDX-License-Identifier: Apache-2.0
#include "takt/core/playback/window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace takt {
namespace {

Frame frame_number(std::uint32_t number) {
  Frame frame;
  frame.at = LocalTime{Micros{std::int64_t{number} << 20}};
  frame.entry = number;
  frame.levels.on = ~number;
  for (std::size_t i = 0; i < kMaxAnalogOutputs; ++i) {
    frame.levels.analog[i] = static_cast<std::uint16_t>(number + i);
  }
  return frame;
}

class WindowTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  bool is_frame(const Frame& frame, std::uint32_t number) const {
    Frame expected = frame_number(number);
    for (std::size_t i = GetParam(); i < kMaxAnalogOutputs; ++i) {
      expected.levels.analog[i] = 0;
    }
    return frame.at == expected.at && frame.entry == expected.entry &&
           frame.levels == expected.levels;
  }

  std::vector<Window::Slot> slots_ = std::vector<Window::Slot>(16);
  std::vector<std::uint16_t> analog_ = std::vector<std::uint16_t>(16 * GetParam());
  Window window_{slots_, analog_, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(AnalogOutputs, WindowTest, ::testing::Values(0, 1, 4, 8));

TEST_P(WindowTest, BehavesAsAQueueThatCanBeReplaced) {
  std::mt19937 random{7};
  std::deque<std::uint32_t> shadow;  // What the consumer may still see.
  std::uint32_t untaken = 0;         // The same with voided frames that it has not passed yet.
  std::uint32_t number = 0;
  std::uint32_t cuts = 0;
  for (int step = 0; step < 200'000; ++step) {
    const bool can_cut = untaken < 16;
    ASSERT_EQ(window_.can_cut(), can_cut);
    ASSERT_EQ(window_.room(), untaken + Window::kReservedForCuts < 16 ? 12 - untaken : 0);
    ASSERT_EQ(window_.queued(), shadow.size());
    switch (random() % 16) {
      case 0:
        if (!can_cut) break;
        window_.cut_to(frame_number(++number));
        shadow = {number};
        ++untaken;
        ++cuts;
        break;
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        if (window_.room() == 0) break;
        window_.push(frame_number(++number));
        window_.publish();
        shadow.push_back(number);
        ++untaken;
        break;
      default: {
        const LocalTime at = window_.front_at();
        ASSERT_EQ(at, shadow.empty() ? kNever : frame_number(shadow.front()).at);
        untaken = static_cast<std::uint32_t>(shadow.size());
        if (shadow.empty()) break;
        Frame frame;
        ASSERT_EQ(window_.pop(frame), shadow.size() == 1 ? kNever : frame_number(shadow[1]).at);
        ASSERT_TRUE(is_frame(frame, shadow.front()));
        shadow.pop_front();
        --untaken;
      }
    }
    if (!shadow.empty()) {
      const auto back = static_cast<std::uint32_t>(random() % shadow.size());
      ASSERT_EQ(window_.newest_but(back), frame_number(shadow[shadow.size() - 1 - back]).at);
    }
  }
  EXPECT_GT(number, 0x1'0000U) << "positions must have wrapped";
  EXPECT_GT(cuts, 2'000U);
}

TEST_P(WindowTest, HidesFramesUntilTheyArePublished) {
  ASSERT_GT(window_.room(), 0U);
  window_.push(frame_number(1));
  EXPECT_EQ(window_.front_at(), kNever);
  window_.publish();
  EXPECT_EQ(window_.front_at(), frame_number(1).at);
}

TEST_P(WindowTest, NeverShowsAnOldFrameAfterANewerOneAcrossThreads) {
  constexpr std::uint32_t kFrames = 20'000;
  std::thread producer{[this] {
    std::mt19937 random{1};
    for (std::uint32_t number = 1; number <= kFrames;) {
      if (random() % 8 == 0 && window_.can_cut()) {
        window_.cut_to(frame_number(number++));
      } else if (window_.room() > 0) {
        window_.push(frame_number(number++));
        window_.publish();
      } else {
        std::this_thread::yield();
      }
    }
  }};
  std::uint32_t newest = 0;
  bool sound = true;
  Frame frame;
  while (newest < kFrames) {
    if (window_.front_at() == kNever) {
      std::this_thread::yield();
      continue;
    }
    window_.pop(frame);
    sound = sound && frame.entry > newest && is_frame(frame, frame.entry);
    newest = frame.entry;
  }
  producer.join();
  EXPECT_TRUE(sound);
}

}  // namespace
}  // namespace takt
