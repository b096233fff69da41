// SPDX-License-Identifier: Apache-2.0
// An example on the emulated board. The trace goes to the second UART.
#include <algorithm>
#include <array>
#include <cstdint>

#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"
#include "takt/firmware/example.h"
#include "takt/ports/cortex_m/console.h"
#include "takt/ports/cortex_m/gpio_bank.h"
#include "takt/ports/cortex_m/loop_waiter.h"
#include "takt/ports/cortex_m/masking_exclusion.h"
#include "takt/ports/cortex_m/runners.h"
#include "takt/ports/cortex_m/semihosting.h"
#include "takt/ports/cortex_m/stack.h"
#include "takt/ports/cortex_m/stopwatch.h"
#include "takt/ports/cortex_m/watchdog.h"

// Names of the linker script. Nothing here has a heap in what newlib would take.
extern "C" {
extern std::byte g_heap_begin[], g_heap_end[];
extern std::byte g_psram_begin[], g_psram_end[];
}

namespace takt::firmware {
namespace {

/// The board has no converters: analog outputs are in the trace only.
class DigitalBank final : public OutputBank {
 public:
  explicit DigitalBank(OutputBank& bank) : bank_(bank) {}

  Status configure(std::span<const PinConfig> pins) override {
    std::array<PinConfig, kMaxOutputs> digital{};
    for (std::size_t i = 0; i < pins.size(); ++i) {
      digital[i] = pins[i];
      if (digital[i].analog) digital[i].pin = -1;
    }
    return bank_.configure(std::span{digital}.first(pins.size()));
  }
  Status apply(const Levels& levels) override { return bank_.apply(levels); }

 private:
  OutputBank& bank_;
};

class Mps2 final : public Ports {
 public:
  const Clock& clock() const override { return clock_; }
  Runner& realtime() override { return realtime_; }
  Runner& ordinary() override { return ordinary_; }
  OutputBank& outputs() override { return digital_; }
  Watchdog* watchdog() override { return &watchdog_; }
  Waiter& waiter() override { return waiter_; }
  Exclusion& exclusion() override { return exclusion_; }
  std::span<std::byte> internal_memory() override { return {g_heap_begin, g_heap_end}; }
  std::span<std::byte> external_memory() override { return {g_psram_begin, g_psram_end}; }
  std::span<const std::byte> stack_of(const TaskSpec& /*task*/) override { return stack(); }
  void trace(std::string_view text) override { trace_.write(text); }
  void print(std::string_view text) override { console_.write(text); }

  void start() {
    clock_.start();
    Stopwatch::start();
    watchdog_.start(kPatience, {[](void* self) {
                                  auto& board = *static_cast<Mps2*>(self);
                                  board.make_safe();
                                  board.print("nothing feeds the watchdog\n");
                                },
                                this});
    realtime_.observe({[](void* self) { static_cast<Mps2*>(self)->serve(); }, this});
  }

  /// Whatever runs.
  void make_safe() { static_cast<void>(outputs_.apply({})); }

  /// What this run took, as `name value` lines.
  void print_figures() {
    const Instructions instructions;
    figure("interrupts", interrupts_);
    figure("interrupt_worst_instructions", instructions.of(worst_));
    figure("stack_used_bytes", stack_high_water());
    figure("stack_bytes", stack_bytes());
  }

 private:
  void serve() {
    const std::uint32_t begin = Stopwatch::ticks();
    realtime_.serve();
    worst_ = std::max(worst_, Stopwatch::ticks() - begin);
    ++interrupts_;
  }

  void figure(std::string_view name, std::uint64_t value) {
    print(FixedText<80>{name}.append(" ").append(static_cast<std::int64_t>(value)).view());
    print("\n");
  }

  void run(bool (*done)(void*), void* argument) override {
    while (!done(argument)) ordinary_.step();
  }

  CortexMClock clock_;
  Alarm urgent_{mps2::timer0(), mps2::Irq::kTimer0, clock_};
  Alarm common_{mps2::timer1(), mps2::Irq::kTimer1, clock_};
  InterruptRunner realtime_{urgent_, clock_};
  LoopRunner ordinary_{common_, clock_};
  LoopWaiter waiter_{ordinary_, clock_};
  MaskingExclusion exclusion_;
  GpioBank outputs_{mps2::gpio0(), mps2::gpio1()};
  DigitalBank digital_{outputs_};
  CortexMWatchdog watchdog_;
  Console console_{mps2::uart0()};
  Console trace_{mps2::uart1()};
  std::uint32_t worst_ = 0;
  std::uint32_t interrupts_ = 0;
};

Mps2 g_board;

void end_by_assertion(const char* file, int line, const char* what) {
  const NoInterrupts masked;
  g_board.make_safe();
  g_board.print(FixedText<200>{file}.append(":").append(std::int64_t{line}).append(": ").view());
  g_board.print(what);
  g_board.print("\n");
  end_emulation(false);
}

}  // namespace
}  // namespace takt::firmware

int main() {
  using takt::firmware::g_board;
  takt::set_assert_hook(takt::firmware::end_by_assertion);
  g_board.start();
  const bool good = takt::firmware::run_example(g_board, *takt::find_board("mps2-an385"));
  g_board.print_figures();
  return good ? 0 : 1;
}
