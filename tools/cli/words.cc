// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/words.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <utility>

#include "tools/cli/text.h"

namespace takt {
namespace {

template <typename Value>
CLI::Option* add_option(CLI::App& app, std::string_view name, Value& to, std::string_view help) {
  const std::size_t space = name.find(' ');
  CLI::Option* const option =
      app.add_option(std::string{name.substr(0, space)}, to, std::string{help});
  if (space != std::string_view::npos) option->type_name(std::string{name.substr(space + 1)});
  return option;
}

/// The option itself would take "nan", for an unsigned -1 the largest number, and for what is too
/// large the nearest.
template <typename Number>
bool is_in_range(const std::string& text, Number least, Number most) {
  using Limits = std::numeric_limits<Number>;
  Number number{};
  long double exact = 0;
  if (!CLI::detail::lexical_cast(text, number) || !CLI::detail::lexical_cast(text, exact)) {
    return false;
  }
  return exact >= static_cast<long double>(Limits::lowest()) &&
         exact <= static_cast<long double>(Limits::max()) && number >= least && number <= most;
}

template <typename Number>
CLI::Validator number_in(Number least, Number most, const std::string& description) {
  return {[least, most](const std::string& text) {
            if (is_in_range(text, least, most)) return std::string{};
            return fmt::format("{} is not in the range {} to {}", text, least, most);
          },
          description};
}

template <typename Number>
CLI::Validator number_in(Number least, Number most) {
  return number_in(least, most, fmt::format("{} to {}", least, most));
}

std::string names_of(const std::vector<Words>& commands) {
  std::string names;
  for (const Words& command : commands) names += (names.empty() ? "" : ", ") + command.name();
  return names;
}

}  // namespace

Words::Word Words::Word::required() {
  option_->required();
  return *this;
}

Words::Word Words::Word::optional() {
  option_->required(false);
  return *this;
}

Words::Word Words::Word::shows_default() {
  option_->capture_default_str();
  return *this;
}

Words::Word Words::Word::excludes(Word other) {
  option_->excludes(other.option_);
  return *this;
}

Words::Word Words::Word::from_environment(std::string_view variable) {
  option_->envname(std::string{variable});
  return *this;
}

Words Words::command(std::string_view name, std::string_view help, std::string_view footer) {
  app_->require_subcommand(1);
  CLI::App* const command = app_->add_subcommand(std::string{name}, std::string{help});
  command->footer(std::string{footer});
  return {command, call_};
}

Words::Word Words::flag(std::string_view name, bool& to, std::string_view help) {
  return Word{app_->add_flag(std::string{name}, to, std::string{help})};
}

Words::Word Words::text(std::string_view name, std::string& to, std::string_view help) {
  return Word{add_option(*app_, name, to, help)};
}

Words::Word Words::text(std::string_view name, std::vector<std::string>& to,
                        std::string_view help) {
  return Word{add_option(*app_, name, to, help)->allow_extra_args(false)};
}

template <typename Number>
Words::Word Words::number(std::string_view name, Number& to, std::type_identity_t<Number> least,
                          std::type_identity_t<Number> most, std::string_view help) {
  return Word{add_option(*app_, name, to, help)->check(number_in(least, most))};
}
template Words::Word Words::number(std::string_view, double&, double, double, std::string_view);
template Words::Word Words::number(std::string_view, int&, int, int, std::string_view);
template Words::Word Words::number(std::string_view, std::uint32_t&, std::uint32_t, std::uint32_t,
                                   std::string_view);
template Words::Word Words::number(std::string_view, std::uint64_t&, std::uint64_t, std::uint64_t,
                                   std::string_view);

template <typename Number>
Words::Word Words::number(std::string_view name, Number& to, std::string_view help) {
  using Limits = std::numeric_limits<Number>;
  return Word{add_option(*app_, name, to, help)
                  ->check(number_in(Limits::lowest(), Limits::max(), std::string{}))};
}
template Words::Word Words::number(std::string_view, std::uint32_t&, std::string_view);
template Words::Word Words::number(std::string_view, std::uint64_t&, std::string_view);

Words::Word Words::number(std::string_view name, std::vector<std::int64_t>& to, std::int64_t least,
                          std::int64_t most, std::string_view help) {
  return Word{add_option(*app_, name, to, help)->check(number_in(least, most))};
}

template <typename Value>
Words::Word Words::choice(std::string_view name, Value& to,
                          const std::vector<std::string_view>& choices, std::string_view help) {
  const std::vector<std::string> texts(choices.begin(), choices.end());
  return Word{add_option(*app_, name, to, help)->check(CLI::IsMember(texts))};
}
template Words::Word Words::choice(std::string_view, std::string&,
                                   const std::vector<std::string_view>&, std::string_view);
template Words::Word Words::choice(std::string_view, std::uint32_t&,
                                   const std::vector<std::string_view>&, std::string_view);

void Words::run(std::function<Exit(bool json)> run) {
  app_->add_flag("--json", call_->json,
                 "Print one JSON object on standard output; people read standard error");
  app_->callback([call = call_, run = std::move(run)] { call->run = run; });
}

void Words::run(std::function<Exit()> run) {
  app_->callback(
      [call = call_, run = std::move(run)] { call->run = [run](bool /*json*/) { return run(); }; });
}

std::string Words::name() const { return app_->get_name(); }

std::vector<Words> Words::commands() const {
  std::vector<Words> commands;
  for (CLI::App* const command : app_->get_subcommands({})) {
    commands.push_back(Words{command, call_});
  }
  return commands;
}

std::vector<std::string> Words::options() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : std::as_const(*app_).get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

CommandLine::CommandLine(std::string_view help, std::string_view footer, std::string_view version)
    : app_(std::make_unique<CLI::App>(std::string{help}, "takt")) {
  app_->get_formatter()->column_width(34);
  app_->footer(std::string{footer});
  app_->set_version_flag("--version", std::string{version}, "Print the version and exit");
}

CommandLine::~CommandLine() = default;

Call CommandLine::call_that_prints(std::string text) {
  return {false, [text = std::move(text)](bool /*json*/) {
            fmt::print("{}", text);
            return Exit::kGood;
          }};
}

Call CommandLine::parse(int argc, const char* const* argv) {
  std::string message;
  try {
    app_->parse(argc, argv);
    return call_;
  } catch (const CLI::CallForHelp&) {
    return call_that_prints(app_->help());
  } catch (const CLI::CallForVersion&) {
    return call_that_prints(app_->version() + '\n');
  } catch (const CLI::ParseError& error) {
    message = printable(error.what());
  }
  std::string path = "takt";
  CLI::App* named = app_.get();
  const char* const* next = argv + 1;
  for (; !named->get_subcommands().empty(); ++next) {
    named = named->get_subcommands().front();
    path += " " + named->get_name();
  }
  const std::string names = names_of(Words{named, &call_}.commands());
  if (!names.empty()) {
    message = *next == nullptr
                  ? "which command? There are: " + names
                  : fmt::format("there is no command '{}', but: {}", printable(*next), names);
  }
  throw Failure{Exit::kWords, fmt::format("{}\nTry '{} --help'.", message, path)};
}

}  // namespace takt
