// SPDX-License-Identifier: Apache-2.0
// The orders that a person may give, in one table: parser, help, completion, keys and documents all
// come from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "takt/app/messages/command.h"
#include "takt/core/base/assert.h"
#include "takt/core/base/status.h"
#include "takt/core/base/text.h"

namespace takt {

/// A command as a person types it, or what a console answers by itself.
struct Order {
  enum class Kind : std::uint8_t { kCommand, kStatus, kHelp, kQuit };
  Kind kind = Kind::kHelp;
  Command command{};  ///< Of kCommand.

  bool operator==(const Order&) const = default;
};

/// What a verb takes.
struct Argument {
  enum class Field : std::uint8_t { kPhase, kCycle, kDuty, kIntensity, kBrightness, kAlternate };
  enum class Type : std::uint8_t { kPhase, kTime, kPercent, kSwitch };

  std::string_view name;  ///< In front of '='; of kPhase it is not typed.
  Field field;
  Type type;
  std::int64_t least;  ///< Microseconds, percent, 0 or 1, or a phase as people count.
  std::int64_t most;
  std::string_view example;  ///< A value.
};

namespace detail {

inline constexpr Argument kPhaseArguments[] = {
    {"PHASE", Argument::Field::kPhase, Argument::Type::kPhase, 1, 0xFFFF, "2"}};
inline constexpr Argument kSettingArguments[] = {
    // A program's own rules say what it allows; these limits are wider than any of them.
    {"cycle", Argument::Field::kCycle, Argument::Type::kTime, 0, seconds(3'600).count(), "800ms"},
    {"duty", Argument::Field::kDuty, Argument::Type::kPercent, 0, 100, "80"},
    {"intensity", Argument::Field::kIntensity, Argument::Type::kPercent, 0, 100, "60"},
    {"brightness", Argument::Field::kBrightness, Argument::Type::kPercent, 0, 100, "20"},
    {"alternate", Argument::Field::kAlternate, Argument::Type::kSwitch, 0, 1, "on"}};

}  // namespace detail

struct Verb {
  std::string_view name;
  Order::Kind order;      ///< Not kCommand: it does not go over the bus.
  Command::Kind command;  ///< If it does.
  std::uint8_t least;     ///< How many of its arguments it needs.
  std::span<const Argument> arguments;
  std::string_view help;    ///< What it does.
  char key;                 ///< On a terminal; 0: none.
  std::string_view on_key;  ///< What the key does, in two words.
};

/// In the order in which help shows them. Verbs may share a key: it gives the first one that
/// applies in a view.
inline constexpr std::array kVerbs{
    Verb{"play", Order::Kind::kCommand, Command::Kind::kPlay, 0, detail::kSettingArguments,
         "begin, or change what plays", ' ', "play"},
    Verb{"set", Order::Kind::kCommand, Command::Kind::kSet, 1, detail::kSettingArguments,
         "change what plays, from the next boundary on", 0, ""},
    Verb{"stop",
         Order::Kind::kCommand,
         Command::Kind::kStop,
         0,
         {},
         "end it, on all devices that play together",
         ' ',
         "stop"},
    Verb{"pause",
         Order::Kind::kCommand,
         Command::Kind::kPause,
         0,
         {},
         "switch everything off and keep the place",
         ' ',
         "pause"},
    Verb{"resume",
         Order::Kind::kCommand,
         Command::Kind::kResume,
         0,
         {},
         "go on after a pause",
         ' ',
         "resume"},
    Verb{"skip",
         Order::Kind::kCommand,
         Command::Kind::kSkip,
         0,
         {},
         "go on with the next phase",
         'n',
         "next phase"},
    Verb{"skip-to", Order::Kind::kCommand, Command::Kind::kSkipTo, 1, detail::kPhaseArguments,
         "go on with this phase; the first is 1", 0, ""},
    Verb{"estop",
         Order::Kind::kCommand,
         Command::Kind::kEmergencyStop,
         0,
         {},
         "switch everything off at once; nothing begins until release",
         'e',
         "emergency stop"},
    Verb{"release",
         Order::Kind::kCommand,
         Command::Kind::kRelease,
         0,
         {},
         "take an emergency stop back",
         'R',
         "release"},
    Verb{"status", Order::Kind::kStatus, {}, 0, {}, "say what plays", 0, ""},
    Verb{"help", Order::Kind::kHelp, {}, 0, {}, "say which orders there are", 0, ""},
    Verb{"quit", Order::Kind::kQuit, {}, 0, {}, "end it, and this process too", 'q', "quit"},
};

/// Some of the verbs, by their names.
class VerbSet {
 public:
  constexpr VerbSet(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      const std::uint32_t bit = bit_of(name);
      TAKT_ASSERT(bit != 0);
      bits_ |= bit;
    }
  }
  constexpr bool has(const Verb& verb) const { return (bits_ & bit_of(verb.name)) != 0; }

 private:
  static constexpr std::uint32_t bit_of(std::string_view name) {
    for (std::size_t i = 0; i < kVerbs.size(); ++i) {
      if (kVerbs[i].name == name) return 1U << i;
    }
    return 0;
  }

  std::uint32_t bits_ = 0;
};

/// What is wrong with an order.
struct OrderFault {
  std::size_t at = 0;   ///< Where in the text, in bytes from 0.
  FixedText<192> text;  ///< For people; valid UTF-8 without control characters.
};

/// One order: the verb and its arguments with blanks between, "play cycle=800ms duty=80". For a
/// verb whose argument has no name, "skip-to:2" is the same as "skip-to 2". Cost: grows with the
/// text, which is the caller's to bound.
/// - kUnsupported: no such verb.
/// - kOutOfRange: its arguments are wrong.
Result<Order> parse_order(std::string_view text, OrderFault& fault);

/// The same where there is no console: for scripts, requests and macros. The fault then names all
/// verbs.
/// - kUnsupported: no such verb, or one that only a console has.
/// - kOutOfRange: its arguments are wrong.
Result<Command> parse_command(std::string_view text, OrderFault& fault);

using OrderText = FixedText<128>;

/// The order as text: parse_order() of it gives `order` again, except for the command's number.
OrderText text_of(const Order& order);

/// "play [cycle=800ms] [duty=80] ...", "skip-to:PHASE".
OrderText usage_of(const Verb& verb);

/// An order with all its arguments.
OrderText example_of(const Verb& verb);

/// The names of those that are commands: "play, set, ...".
FixedText<96> command_names();

/// The first verb with this key that `of` has; nullptr: none.
const Verb* verb_of_key(char key, VerbSet of);

/// One line for people: "space pause   n next phase", of those in `of` that have a key.
FixedText<160> keys_of(VerbSet of);

}  // namespace takt
