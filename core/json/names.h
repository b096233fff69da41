// SPDX-License-Identifier: Apache-2.0
// What may be a name in a program, in every form.
#pragma once

#include <algorithm>
#include <string_view>

namespace takt {

/// Ids of outputs and sensors head columns of traces, so they need no quoting anywhere.
inline bool is_id(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// Names are shown on terminals, where control characters are commands.
inline bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace takt
