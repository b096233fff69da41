// SPDX-License-Identifier: Apache-2.0
// What a person may tell a running device, a line each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/base/time.h"

namespace takt {

/// What of a setting is to be different.
struct SettingWish {
  std::optional<Micros> cycle;
  std::optional<std::uint8_t> duty;
  std::optional<std::uint8_t> intensity;
  std::optional<std::uint8_t> brightness;
  std::optional<bool> alternate;

  bool is_empty() const { return !cycle && !duty && !intensity && !brightness && !alternate; }
};

struct Order {
  enum class Kind : std::uint8_t { kPlay, kStop, kEmergencyStop, kRelease, kStatus, kQuit, kHelp };
  Kind kind = Kind::kHelp;
  SettingWish wish;  ///< Of kPlay.
};

/// What there is to say, for people.
inline constexpr std::string_view kOrders =
    "play [cycle=1s] [duty=80] [intensity=60] [brightness=20] [alternate=on]: begins, or changes\n"
    "stop: ends it, everywhere    estop: the same, at once, until 'release'\n"
    "status    help    quit\n";

/// Cuts what a person types into lines, and keeps no more than a line.
class OrderLines {
 public:
  static constexpr std::size_t kLongest = 256;

  struct Line {
    std::string text;       ///< Without its end.
    bool too_long = false;  ///< Longer than kLongest; then there is no text.
  };

  void add(std::string_view typed) { typed_ += typed; }
  /// The next whole line; nothing: none yet. To be called until then.
  std::optional<Line> take();

 private:
  std::string typed_;
  bool skips_ = false;  ///< Until the end of a line that is too long.
};

/// One line without its end; nothing: `error` says what is wrong with it.
std::optional<Order> parse_order(std::string_view line, std::string& error);

}  // namespace takt
