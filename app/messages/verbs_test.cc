// SPDX-License-Identifier: Apache-2.0
#include "takt/app/messages/verbs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "takt/core/base/utf8.h"

namespace takt {
namespace {

/// Fails the test if it is none.
Order order_of(std::string_view text) {
  OrderFault fault;
  const Result<Order> order = parse_order(text, fault);
  EXPECT_TRUE(order.ok()) << text << ": " << fault.text.view();
  return order.ok() ? order.value() : Order{};
}

/// "5: what is wrong", with its place.
std::string fault_of(std::string_view text) {
  OrderFault fault;
  EXPECT_FALSE(parse_order(text, fault).ok()) << text;
  return std::to_string(fault.at) + ": " + std::string{fault.text.view()};
}

Order random_order(std::mt19937& random) {
  const Verb& verb = kVerbs[random() % kVerbs.size()];
  Order order{verb.order, {}};
  if (verb.order != Order::Kind::kCommand) return order;
  order.command.kind = verb.command;
  if (verb.command == Command::Kind::kSkipTo) {
    order.command.phase = static_cast<std::uint16_t>(random() % 0xFFFF);
  }
  const bool must = verb.command == Command::Kind::kSet;
  if (verb.command != Command::Kind::kPlay && !must) return order;
  SettingWish& wish = order.command.wish;
  const auto percent = [&random] { return static_cast<std::uint8_t>(random() % 101); };
  if (must || random() % 2 == 0)
    wish.cycle = Micros{static_cast<std::int64_t>(random() % 3'600'000'001)};
  if (random() % 2 == 0) wish.duty = percent();
  if (random() % 2 == 0) wish.intensity = percent();
  if (random() % 2 == 0) wish.brightness = percent();
  if (random() % 2 == 0) wish.alternate = random() % 2 == 0;
  return order;
}

TEST(Verbs, EachIsUnderstoodAsItsExampleAndItsNameSay) {
  std::set<std::string_view> names;
  for (const Verb& verb : kVerbs) {
    EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    const Order order = order_of(example_of(verb).view());
    EXPECT_EQ(order.kind, verb.order);
    if (verb.order == Order::Kind::kCommand) {
      EXPECT_EQ(order.command.kind, verb.command);
    }
    EXPECT_EQ(text_of(order).view(), example_of(verb).view());
    if (verb.least == 0) {
      EXPECT_EQ(order_of(verb.name).kind, verb.order);
    }
    EXPECT_EQ(verb.key != 0, !verb.on_key.empty()) << verb.name;
    EXPECT_FALSE(usage_of(verb).view().ends_with("..."));
    EXPECT_TRUE(usage_of(verb).view().starts_with(verb.name));
  }
}

TEST(Verbs, AnOrderThatIsWrittenAndReadAgainIsTheSame) {
  for (unsigned seed = 1; seed <= 5'000; ++seed) {
    std::mt19937 random{seed};
    const Order order = random_order(random);
    const OrderText text = text_of(order);
    ASSERT_EQ(order_of(text.view()), order) << "seed " << seed << ": " << text.view();
  }
}

TEST(Verbs, AnOrderSaysOnlyWhatIsToBeDifferent) {
  EXPECT_TRUE(order_of("play").command.wish.is_empty());
  const Command full =
      order_of("  play cycle=800ms duty=80\tintensity=60 brightness=20 alternate=on\r").command;
  EXPECT_EQ(full.kind, Command::Kind::kPlay);
  EXPECT_EQ(full.wish, (SettingWish{millis(800), 80, 60, 20, true}));
  const Command one = order_of("set alternate=off").command;
  EXPECT_EQ(one.kind, Command::Kind::kSet);
  EXPECT_EQ(one.wish, (SettingWish{{}, {}, {}, {}, false}));
}

TEST(Verbs, APhaseStandsBehindABlankOrAColon) {
  for (const std::string_view text : {"skip-to 2", "skip-to:2", " skip-to   2 "}) {
    const Command command = order_of(text).command;
    EXPECT_EQ(command.kind, Command::Kind::kSkipTo);
    EXPECT_EQ(command.phase, 1);
  }
}

TEST(Verbs, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_EQ(fault_of("dance"), "0: there is no order 'dance'; try help");
  EXPECT_EQ(fault_of(" stop:now"), "1: there is no order 'stop:now'; try help");
  EXPECT_EQ(fault_of("stop now"), "5: 'now' is one word too many");
  EXPECT_EQ(fault_of("play fast"), "5: 'fast' is one word too many");
  EXPECT_EQ(fault_of("play duty=101"), "5: 'duty=101' needs a percentage, 0 to 100");
  EXPECT_EQ(fault_of("play duty=8x"), "5: 'duty=8x' needs a percentage, 0 to 100");
  EXPECT_EQ(fault_of("play duty=-1"), "5: 'duty=-1' needs a percentage, 0 to 100");
  EXPECT_EQ(fault_of("play cycle=fast"),
            "5: 'cycle=fast' needs a time of 60m at most, as in cycle=800ms");
  EXPECT_EQ(fault_of("play cycle=61m"),
            "5: 'cycle=61m' needs a time of 60m at most, as in cycle=800ms");
  EXPECT_EQ(fault_of("play alternate=yes"), "5: 'alternate=yes' needs on or off");
  EXPECT_EQ(
      fault_of("play speed=2"),
      "5: 'speed=2' needs one of cycle, duty, intensity, brightness, alternate in front of =");
  EXPECT_EQ(fault_of("play duty=50 duty=60"), "13: 'duty=60' is one word too many");
  EXPECT_EQ(fault_of("set"),
            "3: 'set' needs one of cycle, duty, intensity, brightness, alternate, as in set "
            "cycle=800ms duty=80 intensity=60 brightness=20 alternate=on");
  EXPECT_EQ(fault_of("skip-to"),
            "7: 'skip-to' needs the number of a phase, 1 to 65535, as in skip-to:2");
  for (const std::string_view phase : {"0", "x", "65536", "99999999999999999999"}) {
    EXPECT_EQ(fault_of("skip-to:" + std::string{phase}),
              "8: '" + std::string{phase} + "' needs the number of a phase, 1 to 65535");
  }
  EXPECT_EQ(fault_of("skip-to 2 3"), "10: '3' is one word too many");
  EXPECT_EQ(fault_of(""), "0: there is no order ''; try help");
}

TEST(Verbs, WhatWasProbablyMeantIsSuggested) {
  for (const auto& [typed, meant] :
       {std::pair{"skp", "skip"}, std::pair{"puase", "pause"}, std::pair{"rel", "release"},
        std::pair{"Stop", "stop"}, std::pair{"skipto", "skip-to"}, std::pair{"exit", ""},
        std::pair{"x", ""}, std::pair{"estopp", "estop"}}) {
    const std::string wanted =
        *meant == '\0' ? "'; try help" : "'; did you mean '" + std::string{meant} + "'?";
    EXPECT_EQ(fault_of(typed), "0: there is no order '" + (typed + wanted));
  }
}

TEST(Verbs, OnlyAConsoleHasWhatDoesNotGoOverTheBus) {
  for (const Verb& verb : kVerbs) {
    OrderFault fault;
    const Result<Command> command = parse_command(example_of(verb).view(), fault);
    EXPECT_EQ(command.ok(), verb.order == Order::Kind::kCommand);
    if (command.ok()) continue;
    EXPECT_EQ(command.status(), Status::kUnsupported);
    EXPECT_EQ(fault.text.view(), "'" + std::string{verb.name} +
                                     "' is for a console only; there are play, set, stop, pause, "
                                     "resume, skip, skip-to, estop, release");
  }
  OrderFault fault;
  EXPECT_FALSE(parse_command("jump", fault).ok());
  EXPECT_EQ(fault.text.view(),
            "there is no order 'jump'; there are play, set, stop, pause, resume, skip, skip-to, "
            "estop, release");
}

TEST(Verbs, WhateverIsTypedEitherIsAnOrderOrHasAReasonThatCanBeShown) {
  std::mt19937 random{7};
  constexpr std::string_view kPieces[] = {
      "play", "stop", "=",    "duty=",   "cycle=", "1s", " ",   "\t", ":",
      "200",  "\x80", "help", "skip-to", "\x1b",   "Ü",  "set", "\0", "alternate=on"};
  for (int i = 0; i < 20'000; ++i) {
    std::string line;
    for (auto count = random() % 8; count > 0; --count) {
      line += kPieces[random() % std::size(kPieces)];
    }
    OrderFault fault;
    const Result<Order> order = parse_order(line, fault);
    ASSERT_NE(order.ok(), !fault.text.empty()) << line;
    ASSERT_LE(fault.at, line.size()) << line;
    std::string_view rest = fault.text.view();
    EXPECT_TRUE(is_utf8(rest)) << line;
    EXPECT_EQ(rest.find('\x1b'), std::string_view::npos);
    if (order.ok()) {
      EXPECT_EQ(order_of(text_of(order.value()).view()), order.value()) << line;
    }
  }
}

TEST(Verbs, AKeyGivesTheFirstVerbThatAViewHasAUseFor) {
  constexpr VerbSet kPlaying{"pause", "skip", "estop", "quit"};
  constexpr VerbSet kPaused{"resume", "skip", "estop", "quit"};
  ASSERT_NE(verb_of_key(' ', kPlaying), nullptr);
  EXPECT_EQ(verb_of_key(' ', kPlaying)->name, "pause");
  EXPECT_EQ(verb_of_key(' ', kPaused)->name, "resume");
  EXPECT_EQ(verb_of_key('n', kPlaying)->name, "skip");
  EXPECT_EQ(verb_of_key('R', kPlaying), nullptr);
  EXPECT_EQ(verb_of_key('\0', VerbSet{"set", "status"}), nullptr);
  EXPECT_EQ(keys_of(kPlaying).view(), "space pause   n next phase   e emergency stop   q quit");
}

TEST(Verbs, TheDocumentHasThem) {
  std::ifstream file{"docs/orders.md"};
  ASSERT_TRUE(file.good());
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `") && !line.starts_with("| `takt ")) rows.push_back(line);
  }
  std::vector<std::string> wanted;
  for (const Verb& verb : kVerbs) {
    const std::string key = verb.key == ' ' ? "space" : std::string(verb.key != 0, verb.key);
    wanted.push_back("| `" + std::string{usage_of(verb).view()} + "` | " + std::string{verb.help} +
                     " | " + key + " |");
  }
  EXPECT_EQ(rows, wanted);
}

}  // namespace
}  // namespace takt
