// SPDX-License-Identifier: Apache-2.0
// CRC-32 of IEEE 802.3, as in Ethernet, gzip and PNG.
#pragma once

#include <cstdint>
#include <string_view>

namespace takt {

/// Continues `crc`, the result over the bytes before; 0 to begin. Four bits at a time: a table of
/// 64 bytes, where a faster one would take 1 KiB of a small device's flash.
constexpr std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0) {
  constexpr std::uint32_t kTable[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
                                        0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  crc = ~crc;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    crc = crc >> 4U ^ kTable[crc & 15U];
    crc = crc >> 4U ^ kTable[crc & 15U];
  }
  return ~crc;
}

static_assert(crc32("123456789") == 0xCBF43926U);

}  // namespace takt
