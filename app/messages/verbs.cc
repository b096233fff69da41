// SPDX-License-Identifier: Apache-2.0
#include "takt/app/messages/verbs.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "takt/core/base/utf8.h"
#include "takt/core/json/duration_text.h"

namespace takt {
namespace {

using Field = Argument::Field;
using Type = Argument::Type;

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kLongestName = 16;

constexpr bool all_names_are_short() {
  return std::ranges::all_of(kVerbs,
                             [](const Verb& verb) { return verb.name.size() <= kLongestName; });
}
static_assert(all_names_are_short());

bool takes_unnamed(const Verb& verb) {
  return !verb.arguments.empty() && verb.arguments.front().type == Type::kPhase;
}

const Verb* verb_of(std::string_view name) {
  const auto* const found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == kVerbs.end() ? nullptr : found;
}

const Verb& verb_of(const Order& order) {
  const auto* const found = std::ranges::find_if(kVerbs, [&order](const Verb& verb) {
    return verb.order == order.kind &&
           (order.kind != Order::Kind::kCommand || verb.command == order.command.kind);
  });
  TAKT_ASSERT(found != kVerbs.end());
  return *found;
}

/// How many letters to change, add or leave out.
std::size_t distance(std::string_view typed, std::string_view name) {
  std::array<std::size_t, kLongestName + 1> row{};
  for (std::size_t i = 0; i <= name.size(); ++i) row[i] = i;
  for (std::size_t t = 0; t < typed.size(); ++t) {
    std::size_t diagonal = row[0];
    row[0] = t + 1;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const std::size_t changed = diagonal + (typed[t] == name[i] ? 0 : 1);
      diagonal = row[i + 1];
      row[i + 1] = std::min({changed, row[i] + 1, row[i + 1] + 1});
    }
  }
  return row[name.size()];
}

/// What was probably meant; nullptr: nothing comes near.
const Verb* nearest(std::string_view typed) {
  const Verb* best = nullptr;
  if (typed.size() < 2 || typed.size() > kLongestName) return best;
  std::size_t least = typed.size() < 5 ? 2 : 3;
  for (const Verb& verb : kVerbs) {
    const std::size_t away = verb.name.starts_with(typed) ? 1 : distance(typed, verb.name);
    if (away >= least) continue;
    least = away;
    best = &verb;
  }
  return best;
}

/// Between quotation marks, as far as it can be shown.
FixedText<40> quoted(std::string_view word) {
  FixedText<38> shown;
  while (!word.empty()) shown.append(take_printable(word));
  FixedText<40> text{"'"};
  return text.append(shown.view()).append("'");
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

/// The value of an argument; nothing: it is none, or outside its range.
std::optional<std::int64_t> value_of(const Argument& argument, std::string_view text) {
  std::optional<std::int64_t> value;
  switch (argument.type) {
    case Type::kPhase:
    case Type::kPercent: value = whole_number(text); break;
    case Type::kTime:
      if (const auto time = parse_duration(text, Micros{argument.most})) value = time->count();
      break;
    case Type::kSwitch:
      if (text == "on" || text == "off") value = text == "on" ? 1 : 0;
      break;
  }
  if (value && (*value < argument.least || *value > argument.most)) return std::nullopt;
  return value;
}

void put(Command& command, Field field, std::int64_t value) {
  switch (field) {
    case Field::kPhase: command.phase = static_cast<std::uint16_t>(value - 1); return;
    case Field::kCycle: command.wish.cycle = Micros{value}; return;
    case Field::kDuty: command.wish.duty = static_cast<std::uint8_t>(value); return;
    case Field::kIntensity: command.wish.intensity = static_cast<std::uint8_t>(value); return;
    case Field::kBrightness: command.wish.brightness = static_cast<std::uint8_t>(value); return;
    case Field::kAlternate: command.wish.alternate = value != 0; return;
  }
}

std::optional<std::int64_t> get(const Command& command, Field field) {
  const SettingWish& wish = command.wish;
  switch (field) {
    case Field::kPhase: return command.phase + 1;
    case Field::kCycle: return wish.cycle ? std::optional{wish.cycle->count()} : std::nullopt;
    case Field::kDuty: return wish.duty;
    case Field::kIntensity: return wish.intensity;
    case Field::kBrightness: return wish.brightness;
    case Field::kAlternate: return wish.alternate;
  }
  return std::nullopt;
}

void append_value(OrderText& text, const Argument& argument, std::int64_t value) {
  switch (argument.type) {
    case Type::kPhase:
    case Type::kPercent: text.append(value); return;
    case Type::kTime: text.append(format_duration(Micros{value}).view()); return;
    case Type::kSwitch: text.append(value != 0 ? "on" : "off"); return;
  }
}

/// All that stands in front of its value.
void append_name(OrderText& text, const Verb& verb, const Argument& argument) {
  if (takes_unnamed(verb)) {
    text.append(":");
  } else {
    text.append(" ").append(argument.name).append("=");
  }
}

/// Behind " needs ".
void append_need(OrderFault& fault, const Argument& argument) {
  switch (argument.type) {
    case Type::kPhase:
      fault.text.append("the number of a phase, ").append(argument.least).append(" to ");
      fault.text.append(argument.most);
      return;
    case Type::kPercent:
      fault.text.append("a percentage, ").append(argument.least).append(" to ");
      fault.text.append(argument.most);
      return;
    case Type::kTime:
      fault.text.append("a time of ").append(format_duration(Micros{argument.most}).view());
      fault.text.append(" at most, as in ").append(argument.name).append("=");
      fault.text.append(argument.example);
      return;
    case Type::kSwitch: fault.text.append("on or off"); return;
  }
}

void append_names(OrderFault& fault, const Verb& verb) {
  fault.text.append("one of ");
  for (const Argument& argument : verb.arguments) {
    fault.text.append(&argument == verb.arguments.data() ? "" : ", ").append(argument.name);
  }
}

class OrderParser {
 public:
  OrderParser(std::string_view text, bool at_console, OrderFault& fault)
      : text_(text), at_console_(at_console), fault_(fault) {}

  Result<Order> run() {
    fault_ = {};
    const Verb* const verb = take_verb();
    if (verb == nullptr) return Status::kUnsupported;
    Order order{verb->order, {}};
    if (verb->order == Order::Kind::kCommand) order.command.kind = verb->command;
    std::size_t count = 0;
    for (std::string_view word = take_word(); !word.empty(); word = take_word(), ++count) {
      if (!take_argument(*verb, word, order.command)) return Status::kOutOfRange;
    }
    if (count >= verb->least) return order;
    fail_at(text_.size()).append(quoted(verb->name).view()).append(" needs ");
    if (takes_unnamed(*verb)) {
      append_need(fault_, verb->arguments.front());
    } else {
      append_names(fault_, *verb);
    }
    fault_.text.append(", as in ").append(example_of(*verb).view());
    return Status::kOutOfRange;
  }

 private:
  FixedText<192>& fail_at(std::size_t at) {
    fault_.at = at;
    return fault_.text;
  }

  std::string_view take_word() {
    at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
    begin_ = at_;
    at_ = std::min(text_.find_first_of(kBlanks, at_), text_.size());
    return text_.substr(begin_, at_ - begin_);
  }

  const Verb* take_verb() {
    const std::string_view word = take_word();
    if (const Verb* const verb = verb_of(word)) return verb;
    const std::size_t colon = word.find(':');
    if (colon != std::string_view::npos) {
      const Verb* const verb = verb_of(word.substr(0, colon));
      at_ = begin_ + colon + 1;
      if (verb != nullptr && takes_unnamed(*verb)) return verb;
    }
    fail_at(begin_).append("there is no order ").append(quoted(word).view());
    if (const Verb* const meant = nearest(word)) {
      fault_.text.append("; did you mean ").append(quoted(meant->name).view()).append("?");
    } else if (at_console_) {
      fault_.text.append("; try help");
    } else {
      fault_.text.append("; there are ").append(command_names().view());
    }
    return nullptr;
  }

  /// The argument that `word` gives a value to, and which part of it is the value.
  const Argument* argument_of(const Verb& verb, std::string_view word, std::string_view& value) {
    const std::size_t equals = word.find('=');
    if (takes_unnamed(verb)) {
      value = word;
      return &verb.arguments.front();
    }
    if (verb.arguments.empty() || equals == std::string_view::npos) {
      fail_at(begin_).append(quoted(word).view()).append(" is one word too many");
      return nullptr;
    }
    value = word.substr(equals + 1);
    const auto found = std::ranges::find(verb.arguments, word.substr(0, equals), &Argument::name);
    if (found != verb.arguments.end()) return &*found;
    fail_at(begin_).append(quoted(word).view()).append(" needs ");
    append_names(fault_, verb);
    fault_.text.append(" in front of =");
    return nullptr;
  }

  bool take_argument(const Verb& verb, std::string_view word, Command& command) {
    std::string_view typed;
    const Argument* const argument = argument_of(verb, word, typed);
    if (argument == nullptr) return false;
    const std::uint32_t bit = 1U << static_cast<unsigned>(argument->field);
    if ((given_ & bit) != 0) {
      fail_at(begin_).append(quoted(word).view()).append(" is one word too many");
      return false;
    }
    given_ |= bit;
    if (const std::optional<std::int64_t> value = value_of(*argument, typed)) {
      put(command, argument->field, *value);
      return true;
    }
    fail_at(begin_).append(quoted(word).view()).append(" needs ");
    append_need(fault_, *argument);
    return false;
  }

  const std::string_view text_;
  const bool at_console_;
  OrderFault& fault_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;    ///< Of the word taken last.
  std::uint32_t given_ = 0;  ///< Bit i is Field i.
};

}  // namespace

Result<Order> parse_order(std::string_view text, OrderFault& fault) {
  return OrderParser{text, true, fault}.run();
}

Result<Command> parse_command(std::string_view text, OrderFault& fault) {
  const Result<Order> order = OrderParser{text, false, fault}.run();
  if (!order.ok()) return order.status();
  if (order.value().kind == Order::Kind::kCommand) return order.value().command;
  fault.text.append(quoted(verb_of(order.value()).name).view());
  fault.text.append(" is for a console only; there are ").append(command_names().view());
  return Status::kUnsupported;
}

OrderText text_of(const Order& order) {
  const Verb& verb = verb_of(order);
  OrderText text{verb.name};
  for (const Argument& argument : verb.arguments) {
    const std::optional<std::int64_t> value = get(order.command, argument.field);
    if (!value) continue;
    append_name(text, verb, argument);
    append_value(text, argument, *value);
  }
  return text;
}

OrderText usage_of(const Verb& verb) {
  OrderText text{verb.name};
  for (const Argument& argument : verb.arguments) {
    if (takes_unnamed(verb)) {
      text.append(":").append(argument.name);
    } else {
      text.append(" [").append(argument.name).append("=").append(argument.example).append("]");
    }
  }
  return text;
}

OrderText example_of(const Verb& verb) {
  OrderText text{verb.name};
  for (const Argument& argument : verb.arguments) {
    append_name(text, verb, argument);
    text.append(argument.example);
  }
  return text;
}

FixedText<96> command_names() {
  FixedText<96> text;
  for (const Verb& verb : kVerbs) {
    if (verb.order != Order::Kind::kCommand) continue;
    text.append(text.empty() ? "" : ", ").append(verb.name);
  }
  return text;
}

const Verb* verb_of_key(char key, VerbSet of) {
  const auto* const found = std::ranges::find_if(
      kVerbs, [key, of](const Verb& verb) { return verb.key == key && of.has(verb); });
  return key == 0 || found == kVerbs.end() ? nullptr : found;
}

FixedText<160> keys_of(VerbSet of) {
  FixedText<160> text;
  for (const Verb& verb : kVerbs) {
    if (verb.key == 0 || !of.has(verb)) continue;
    if (!text.empty()) text.append("   ");
    text.append(verb.key == ' ' ? std::string_view{"space"} : std::string_view{&verb.key, 1});
    text.append(" ").append(verb.on_key);
  }
  return text;
}

}  // namespace takt
