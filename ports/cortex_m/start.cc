// SPDX-License-Identifier: Apache-2.0
// From reset to main(): the vector table, memory as the language expects it, and the places where
// all ways end.
#include <array>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/assert.h"
#include "takt/ports/cortex_m/interrupts.h"
#include "takt/ports/cortex_m/semihosting.h"
#include "takt/ports/cortex_m/stack.h"

int main();

// Names of the linker script.
extern "C" {
extern std::uint32_t g_data_begin[], g_data_end[], g_data_image[];
extern std::uint32_t g_zero_begin[], g_zero_end[];
extern std::uint32_t g_stack_end[];
extern void (*g_constructors_begin[])();
extern void (*g_constructors_end[])();
}

namespace takt {
namespace {

constexpr std::size_t kIrqs = 32;
constexpr std::size_t kSystemVectors = 16;
std::array<Handler, kIrqs> g_handlers;
Handler g_last_warning;

void serve_interrupt() {
  std::uint32_t exception = 0;
  asm("mrs %0, ipsr" : "=r"(exception));
  const Handler& handler = g_handlers[exception - kSystemVectors];
  handler.run(handler.self);
}

void serve_last_warning() {
  if (g_last_warning.run != nullptr) g_last_warning.run(g_last_warning.self);
  end_emulation(false);
}

void serve_fault() { assert_failed(__FILE__, __LINE__, "no fault of the processor"); }

[[noreturn]] void start() {
  const std::uint32_t* image = g_data_image;
  for (std::uint32_t* at = g_data_begin; at != g_data_end;) *at++ = *image++;
  for (std::uint32_t* at = g_zero_begin; at != g_zero_end;) *at++ = 0;
  paint_stack();
  for (auto* at = g_constructors_begin; at != g_constructors_end; ++at) (*at)();
  end_emulation(main() == 0);
}

using Vector = void (*)();

struct Vectors {
  std::uint32_t* stack_end;
  Vector start;
  Vector last_warning;
  std::array<Vector, kSystemVectors - 3> system;
  std::array<Vector, kIrqs> interrupts;
};

constexpr Vectors make_vectors() {
  Vectors vectors{g_stack_end, start, serve_last_warning, {}, {}};
  vectors.system.fill(serve_fault);
  vectors.interrupts.fill(serve_interrupt);
  return vectors;
}

[[gnu::used, gnu::section(".vectors")]] constexpr Vectors kVectors = make_vectors();

}  // namespace

void enable(mps2::Irq irq, Urgency urgency, Handler handler) {
  const auto number = static_cast<std::size_t>(irq);
  g_handlers[number] = handler;
  mps2::nvic().priority[number] = static_cast<std::uint8_t>(urgency);
  asm volatile("dsb" ::: "memory");
  mps2::nvic().enable[0] = 1U << number;
}

void disable(mps2::Irq irq) {
  mps2::nvic().disable[0] = 1U << static_cast<unsigned>(irq);
  asm volatile("dsb\n isb" ::: "memory");
  mps2::nvic().unpend[0] = 1U << static_cast<unsigned>(irq);
}

void on_last_warning(Handler handler) { g_last_warning = handler; }

}  // namespace takt
