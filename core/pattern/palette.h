// SPDX-License-Identifier: Apache-2.0
// The colours that a pattern can name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace takt {

struct Colour {
  std::string_view name;
  std::uint32_t rgb;  ///< 0xRRGGBB, at full brightness.
};

inline constexpr std::size_t kColourCount = 16;

/// The number of a colour, as in Look::colour and on a colour output, is its place here. White is
/// the colour that is not chosen.
inline constexpr std::array<Colour, kColourCount> kPalette{{{"white", 0xFFFFFF},
                                                            {"red", 0xFF0000},
                                                            {"blue", 0x0000FF},
                                                            {"green", 0x00FF00},
                                                            {"yellow", 0xFFFF00},
                                                            {"orange", 0xFF8000},
                                                            {"amber", 0xFFC000},
                                                            {"lime", 0x80FF00},
                                                            {"mint", 0x00FF80},
                                                            {"cyan", 0x00FFFF},
                                                            {"azure", 0x0080FF},
                                                            {"indigo", 0x4000FF},
                                                            {"violet", 0x8000FF},
                                                            {"magenta", 0xFF00FF},
                                                            {"pink", 0xFF0080},
                                                            {"warm", 0xFFC080}}};

}  // namespace takt
