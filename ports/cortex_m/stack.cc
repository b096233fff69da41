// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/stack.h"

#include <cstdint>

extern "C" {
extern std::uint32_t g_stack_begin[], g_stack_end[];
}

namespace takt {
namespace {

constexpr std::uint32_t kPaint = 0xA5A5A5A5;  // As core/memory has it.

}  // namespace

void paint_stack() {
  std::uint32_t* const top = static_cast<std::uint32_t*>(__builtin_frame_address(0)) - 16;
  for (volatile std::uint32_t* at = g_stack_begin; at < top; ++at) *at = kPaint;
}

std::span<const std::byte> stack() {
  return {reinterpret_cast<const std::byte*>(g_stack_begin), stack_bytes()};
}

std::size_t stack_high_water() {
  const volatile std::uint32_t* at = g_stack_begin;
  while (at != g_stack_end && *at == kPaint) ++at;
  return static_cast<std::size_t>(g_stack_end - at) * sizeof *at;
}

std::size_t stack_bytes() {
  return static_cast<std::size_t>(g_stack_end - g_stack_begin) * sizeof(std::uint32_t);
}

}  // namespace takt
