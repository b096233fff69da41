// SPDX-License-Identifier: Apache-2.0
// Where text goes.
#pragma once

#include <string_view>

namespace takt {

/// Takes a text piece by piece, in order: a console, a socket, a file, a string. What is written
/// may be the bytes of a file just as well.
class TextOut {
 public:
  /// Takes all of it. A sink whose end can fail notes that for its owner; writers do not ask.
  virtual void write(std::string_view text) = 0;

 protected:
  ~TextOut() = default;
};

/// Appends to what it is given: a FixedText, or on a host a string.
template <typename Text>
class TextInto final : public TextOut {
 public:
  /// `text` outlives this.
  explicit TextInto(Text& text) : text_(text) {}
  void write(std::string_view text) override { text_.append(text); }

 private:
  Text& text_;
};

}  // namespace takt
