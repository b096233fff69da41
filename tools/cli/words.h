// SPDX-License-Identifier: Apache-2.0
// The words of the command line: which there are, and what they set.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tools/cli/failure.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace takt {

/// What the words of a call ask for.
struct Call {
  bool json = false;
  std::function<Exit(bool json)> run;  ///< Throws Failure.
};

/// The words of one command. Copies speak of the same command.
///
/// What a word sets must live as long as the command line, and keeps its value if the word is not
/// given. The name of a word is written as in the help: "-o,--output OUT.json" takes a value that
/// the help calls OUT.json; "FILE", without dashes, is known by its place.
class Words {
 public:
  class Word {
   public:
    Word required();
    Word optional();
    /// Shows the default in the help.
    Word shows_default();
    Word excludes(Word other);
    /// The variable that it comes from if it is not given.
    Word from_environment(std::string_view variable);

   private:
    friend class Words;
    explicit Word(CLI::Option* option) : option_(option) {}

    CLI::Option* option_;
  };

  /// A command below this one, which then does nothing of its own. The footer of its help is where
  /// the example stands.
  Words command(std::string_view name, std::string_view help, std::string_view footer);

  Word flag(std::string_view name, bool& to, std::string_view help);

  Word text(std::string_view name, std::string& to, std::string_view help);
  /// May be repeated, with one text each time.
  Word text(std::string_view name, std::vector<std::string>& to, std::string_view help);

  /// A number from `least` to `most`; "nan" is none. For double, int, std::uint32_t, std::uint64_t.
  template <typename Number>
  Word number(std::string_view name, Number& to, std::type_identity_t<Number> least,
              std::type_identity_t<Number> most, std::string_view help);
  /// Any whole number that `to` can hold. For std::uint32_t, std::uint64_t.
  template <typename Number>
  Word number(std::string_view name, Number& to, std::string_view help);
  /// May be repeated, with several numbers each time.
  Word number(std::string_view name, std::vector<std::int64_t>& to, std::int64_t least,
              std::int64_t most, std::string_view help);

  /// One of `choices`. For std::string, std::uint32_t.
  template <typename Value>
  Word choice(std::string_view name, Value& to, const std::vector<std::string_view>& choices,
              std::string_view help);

  /// What the command does when all its words are right. Adds --json: then one object on standard
  /// output is the answer.
  void run(std::function<Exit(bool json)> run);
  /// The same without --json.
  void run(std::function<Exit()> run);

  std::string name() const;
  /// All commands below this one, in the order in which they were added.
  std::vector<Words> commands() const;
  /// Names with their dashes.
  std::vector<std::string> options() const;

 private:
  friend class CommandLine;
  Words(CLI::App* app, Call* call) : app_(app), call_(call) {}

  CLI::App* app_;
  Call* call_;
};

/// Everything that may stand behind `takt`.
class CommandLine {
 public:
  /// `version` is what --version prints.
  CommandLine(std::string_view help, std::string_view footer, std::string_view version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Words words() { return {app_.get(), &call_}; }

  /// Sets what the words set. If they ask for help or version, that is what the call prints. Throws
  /// Failure if they are wrong.
  Call parse(int argc, const char* const* argv);

 private:
  static Call call_that_prints(std::string text);

  std::unique_ptr<CLI::App> app_;
  Call call_;
};

}  // namespace takt
