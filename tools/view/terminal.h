// SPDX-License-Identifier: Apache-2.0
// Puts a terminal into the state that a live view needs, and back.
#pragma once

#include <string>
#include <string_view>

#include "takt/ports/linux/last_acts.h"

namespace takt {

/// While it lives: the other screen, no cursor, keys without Enter and echo. One at a time.
///
/// The terminal is given back when this ends, and as a LastAct. Ctrl-Z is a key as any other here.
class Terminal {
 public:
  /// `output`: a descriptor for which is_terminal() holds.
  explicit Terminal(int output);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Whether a live view can be shown there: it and standard input are terminals that move cursors,
  /// and this process is not in their background.
  static bool is_terminal(int output);

  struct Size {
    int columns = 80;
    int rows = 24;
  };
  Size size() const;

  /// Whether the terminal shows UTF-8.
  bool utf8() const { return utf8_; }

  /// Shows these lines from the top, and nothing else.
  void show(const std::string& lines);

  /// The keys pressed since.
  std::string read_keys();

 private:
  const int output_;
  const bool utf8_;
  LastAct last_act_{LastAct::Turn::kTerminal};
};

}  // namespace takt
