// SPDX-License-Identifier: Apache-2.0
#include "takt/app/record/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace takt::sim {

void PrintTo(const Entry& entry, std::ostream* out) { *out << line_of(entry); }

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kSeeds = 300;

struct Random {
  explicit Random(std::uint64_t seed) : engine(seed) {}

  std::uint64_t bits() { return engine(); }
  bool chance(double probability) { return std::bernoulli_distribution{probability}(engine); }
  std::uint32_t below(std::size_t count) { return static_cast<std::uint32_t>(engine() % count); }

  std::mt19937_64 engine;
};

/// Often the least or the most that there is.
std::int64_t number(Random& random, std::int64_t least, std::int64_t most) {
  if (random.chance(0.1)) return random.chance(0.5) ? least : most;
  const auto range = static_cast<std::uint64_t>(most - least);
  return least + static_cast<std::int64_t>(range == 0 ? 0 : random.bits() % range);
}

Micros duration(Random& random) { return Micros{number(random, 0, kMostRecorded.count())}; }
SessionTime instant(Random& random) {
  return SessionTime{Micros{number(random, -kMostRecorded.count(), kMostRecorded.count())}};
}
std::uint32_t count(Random& random) {
  return static_cast<std::uint32_t>(number(random, 0, std::numeric_limits<std::uint32_t>::max()));
}

Event any_event(Random& random) {
  switch (random.below(std::variant_size_v<Event>)) {
    case 0: return Booted{static_cast<std::uint8_t>(random.below(2))};
    case 1: return Switched{random.chance(0.5)};
    case 2:
      return Believed{
          instant(random), static_cast<std::int32_t>(number(random, -1'000'000, 1'000'000)),
          duration(random), static_cast<std::uint32_t>(number(random, 0, 1'000'000'000)),
          random.chance(0.5)};
    case 3:
      return Planned{count(random),   random.bits(),    instant(random),
                     instant(random), duration(random), random.chance(0.5)};
    case 4: return Heard{};
    case 5:
      return Stated{static_cast<sync::Role>(random.below(3)),
                    static_cast<sync::Reason>(random.below(12)),
                    count(random),
                    count(random),
                    duration(random),
                    count(random)};
    default: return Down{};
  }
}

std::vector<Entry> any_record(Random& random) {
  std::vector<Entry> entries;
  TrueTime at;
  for (std::uint32_t i = random.below(30); i-- > 0;) {
    at += random.chance(0.3) ? Micros{0} : Micros{number(random, 0, seconds(1'000).count())};
    entries.push_back({at, any_event(random)});
  }
  return entries;
}

std::string text_of(const std::vector<Entry>& entries) {
  std::string text{kRecordHeader};
  for (const Entry& entry : entries) text += line_of(entry);
  return text;
}

struct Read {
  std::vector<Entry> entries;
  std::optional<RecordReader::Fault> fault;
  bool in_part = false;
};

/// In pieces of any size.
Read read(std::string_view text, Random random = Random{1}) {
  RecordReader reader;
  Read read;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random.below(100));
    reader.add(text.substr(0, size));
    text.remove_prefix(size);
    while (const auto entry = reader.next()) read.entries.push_back(*entry);
  }
  read.fault = reader.fault();
  read.in_part = reader.in_part();
  return read;
}

TEST(Record, IsReadAsItWasWrittenInPiecesOfAnySize) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    const std::vector<Entry> entries = any_record(random);
    const Read got = read(text_of(entries), random);
    ASSERT_FALSE(got.fault) << got.fault->what;
    ASSERT_FALSE(got.in_part);
    ASSERT_EQ(got.entries, entries);
  }
}

TEST(Record, EachEventHasOneLine) {
  const auto line = [](const Event& event) { return line_of({TrueTime{Micros{12}}, event}); };
  EXPECT_EQ(line(Booted{1}), "12,boot,1\n");
  EXPECT_EQ(line(Switched{true}), "12,output,1\n");
  EXPECT_EQ(line(Believed{SessionTime{Micros{-5}}, -20, Micros{150}, 800, true}),
            "12,clock,-5,-20,150,800,1\n");
  EXPECT_EQ(
      line(Planned{3, 0xAB, SessionTime{Micros{7}}, SessionTime{Micros{8}}, millis(499), true}),
      "12,plan,3,00000000000000ab,7,8,499000,1\n");
  EXPECT_EQ(line(Heard{}), "12,heard\n");
  EXPECT_EQ(line(Stated{sync::Role::kLeading, sync::Reason::kInDoubt, 1, 2, Micros{90}, 3}),
            "12,state,leading,in-doubt,1,2,90,3\n");
  EXPECT_EQ(line(Down{}), "12,down\n");
}

TEST(Record, WhateverIsDamagedIsRefusedOrAnEventThatCanBeWritten) {
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds * 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    std::string text = text_of(any_record(random));
    for (std::uint32_t i = 1 + random.below(3); i-- > 0;) {
      const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
      switch (random.below(4)) {
        case 0: text[at] = static_cast<char>(random.bits()); break;
        case 1: text.erase(at, 1 + random.below(5)); break;
        case 2:
          text.insert(at, text.substr(random.below(static_cast<std::uint32_t>(at + 1)), 9));
          break;
        default: text.insert(at, 1, "0123456789,-\n"[random.below(13)]);
      }
    }
    const Read got = read(text, random);
    if (got.fault) {
      ++refused;
      EXPECT_GE(got.fault->line, 1U);
      EXPECT_GE(got.fault->column, 1U);
      EXPECT_FALSE(got.fault->what.empty());
    }
    const Read again = read(text_of(got.entries), random);
    ASSERT_FALSE(again.fault) << again.fault->what;
    ASSERT_EQ(again.entries, got.entries);
  }
  EXPECT_GT(refused, kSeeds * 5);
}

TEST(Record, WhatIsWrongIsSaidWithItsPlace) {
  struct Case {
    std::string line;
    std::size_t column;
    std::string what;
  };
  const std::vector<Case> cases{
      {"", 1, "missing"},
      {"7", 2, "missing"},
      {"x,heard", 1, "whole number"},
      {"-1,heard", 1, "outside of 0"},
      {"1000000000000001,heard", 1, "outside"},
      {"99999999999999999999,heard", 1, "outside"},
      {"7,danced", 3, "no such event"},
      {"7,heard,1", 8, "nothing more"},
      {"7,heard,", 8, "nothing more"},
      {"7,heard\r", 3, "no such event"},
      {"7,boot,2", 8, "outside of 0 to 1"},
      {"7,boot", 7, "missing"},
      {"7,output,2", 10, "neither 0 nor 1"},
      {"7,output, 1", 10, "neither 0 nor 1"},
      {"7,clock,1,1000001,1,1,1", 11, "outside of -1000000"},
      {"7,clock,1,1,-1,1,1", 13, "outside of 0"},
      {"7,clock,1,1,1,1000000001,1", 15, "outside"},
      {"7,clock,1,1,1,1", 16, "missing"},
      {"7,plan,4294967296,0000000000000000,1,1,1,1", 8, "outside"},
      {"7,plan,1,000000000000000,1,1,1,1", 10, "16 hexadecimal"},
      {"7,plan,1,000000000000000g,1,1,1,1", 10, "16 hexadecimal"},
      {"7,state,king,none,1,1,1", 9, "none of the words"},
      {"4,heard", 1, "time goes back"},
      {std::string(300, '7'), 256, "too long"},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.line);
    const Read got = read(std::string{kRecordHeader} + "5,heard\n" + wrong.line + "\n9,heard\n");
    ASSERT_TRUE(got.fault);
    EXPECT_EQ(got.fault->line, 3U);
    EXPECT_EQ(got.fault->column, wrong.column);
    EXPECT_THAT(got.fault->what, HasSubstr(wrong.what));
    EXPECT_THAT(got.entries, ElementsAre(Entry{TrueTime{Micros{5}}, Heard{}}));
  }
}

TEST(Record, BeginsWithItsHeader) {
  for (const char* const text : {"true_us,event\n", "\n", "5,heard\n"}) {
    const Read got = read(text);
    ASSERT_TRUE(got.fault);
    EXPECT_EQ(got.fault->line, 1U);
  }
}

TEST(Record, ALineThatWasCutOffIsNoFaultAndNotRead) {
  const std::string text =
      text_of({{TrueTime{Micros{5}}, Heard{}}, {TrueTime{Micros{67}}, Down{}}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    const Read got = read(text.substr(0, size));
    EXPECT_FALSE(got.fault);
    const std::size_t lines = static_cast<std::size_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    EXPECT_EQ(got.entries.size(), lines == 0 ? 0 : lines - 1);
    EXPECT_EQ(got.in_part, size > 0 && text[size - 1] != '\n');
  }
}

}  // namespace
}  // namespace takt::sim
