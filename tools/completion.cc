// SPDX-License-Identifier: Apache-2.0
// takt completion: what a shell needs to complete takt's words, made from the words themselves.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "tools/command.h"

namespace takt {
namespace {

std::string words_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands({})) words += sub->get_name() + ' ';
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + ' ';
    for (const std::string& name : option->get_snames()) words += "-" + name + ' ';
  }
  if (!words.empty()) words.pop_back();
  return words;
}

/// A case for the command and each of those below it; the key is the words before the last.
std::string cases_of(const CLI::App& app, const std::string& key) {
  std::string cases = fmt::format("    '{}') words='{}' ;;\n", key, words_of(app));
  for (const CLI::App* sub : app.get_subcommands({})) {
    cases += cases_of(*sub, key.empty() ? sub->get_name() : key + ' ' + sub->get_name());
  }
  return cases;
}

/// The names of all commands, so that a script can tell them from files and values.
std::string commands_of(const CLI::App& app) {
  std::string names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    names += sub->get_name() + '|' + commands_of(*sub);
  }
  return names;
}

std::string bash_script(const CLI::App& app) {
  std::string commands = commands_of(app);
  commands.pop_back();
  return fmt::format(R"(# Completion of takt for bash: source <(takt completion bash)
_takt() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} key='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
    {0}) key+="${{key:+ }}${{COMP_WORDS[i]}}" ;;
    *) break ;;
    esac
  done
  case $key in
{1}  esac
  if [[ $current == -* || -z $key || " bench import sim completion " == *" $key "* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -F _takt takt
)",
                     commands, cases_of(app, ""));
}

}  // namespace

void add_completion(CLI::App& app, Call& call) {
  CLI::App& command =
      *app.add_subcommand("completion", "Print what lets a shell complete takt's words");
  command.require_subcommand(1);
  CLI::App& bash = *command.add_subcommand("bash", "For bash");
  bash.footer("Example: source <(takt completion bash)");
  command.footer("Example: source <(takt completion bash)");
  bash.callback([&app, &call] {
    call.run = [&app] {
      fmt::print("{}", bash_script(app));
      return Exit::kGood;
    };
  });
}

}  // namespace takt
