// SPDX-License-Identifier: Apache-2.0
// takt completion: what a shell needs to complete takt's words, made from the words themselves.
#include <fmt/format.h>

#include <string>

#include "takt/app/messages/verbs.h"
#include "tools/commands/command.h"

namespace takt {
namespace {

std::string words_of(const Words& command) {
  std::string words;
  for (const Words& sub : command.commands()) words += sub.name() + ' ';
  for (const std::string& option : command.options()) words += option + ' ';
  if (!words.empty()) words.pop_back();
  return words;
}

/// A case for the command and each of those below it; the key is the words before the last.
std::string cases_of(const Words& command, const std::string& key) {
  std::string cases = fmt::format("    '{}') words='{}' ;;\n", key, words_of(command));
  for (const Words& sub : command.commands()) {
    cases += cases_of(sub, key.empty() ? sub.name() : key + ' ' + sub.name());
  }
  return cases;
}

/// The names of all commands, so that a script can tell them from files and values.
std::string commands_of(const Words& command) {
  std::string names;
  for (const Words& sub : command.commands()) names += sub.name() + '|' + commands_of(sub);
  return names;
}

/// Those of kVerbs that may stand behind --at TIME=.
std::string verbs() {
  std::string names;
  for (const Verb& verb : kVerbs) {
    if (verb.order != Order::Kind::kCommand) continue;
    names += (names.empty() ? "" : " ") + std::string{verb.name};
  }
  return names;
}

std::string bash_script(const Words& takt) {
  std::string commands = commands_of(takt);
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
  # Bash takes = and : for words of their own.
  local before=" ${{COMP_WORDS[*]:0:COMP_CWORD}} " order='^$'
  case $key in
  play) order=' --at [^ ]+ = $' ;;
  pair) order=' --at [^ ]+ = (left|right) : $' ;;
  esac
  if [[ $current == [=:] ]]; then
    before+="$current "
    current=''
  fi
  if [[ $before =~ $order ]]; then
    mapfile -t COMPREPLY < <(compgen -W '{2}' -- "$current")
  elif [[ $current == -* || -z $key || " bench import sim completion " == *" $key "* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -F _takt takt
)",
                     commands, cases_of(takt, ""), verbs());
}

}  // namespace

void add_completion(Words takt) {
  constexpr std::string_view kExample = "Example: source <(takt completion bash)";
  Words completion = takt.command(
      "completion", "Print a script with which a shell completes takt's words", kExample);
  completion.command("bash", "For bash", kExample).run([takt] {
    fmt::print("{}", bash_script(takt));
    return Exit::kGood;
  });
}

}  // namespace takt
