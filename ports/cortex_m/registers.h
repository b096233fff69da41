// SPDX-License-Identifier: Apache-2.0
// The peripherals of Arm's MPS2 board with image AN385 (Cortex-M3, 25 MHz), as far as takt uses
// them. Source of addresses, layouts and interrupt numbers: Arm application note AN385 and the
// Cortex-M System Design Kit's technical reference manual.
#pragma once

#include <cstdint>

namespace takt::mps2 {

inline constexpr std::uint32_t kTicksPerMicro = 25;

using Register = volatile std::uint32_t;

/// Counts down at 25 MHz. Writing `value` with `reload` at zero makes it fire once.
struct Timer {
  static constexpr std::uint32_t kEnable = 1;
  static constexpr std::uint32_t kInterrupt = 8;
  Register control;
  Register value;
  Register reload;
  Register interrupt_clear;
};

/// One half of the dual timer.
struct WideTimer {
  static constexpr std::uint32_t kEnable = 0x80;
  static constexpr std::uint32_t kPeriodic = 0x40;
  static constexpr std::uint32_t kInterrupt = 0x20;
  static constexpr std::uint32_t kDivideBy256 = 0x08;
  static constexpr std::uint32_t k32Bits = 0x02;
  Register load;
  Register value;
  Register control;
  Register interrupt_clear;
  Register raw_interrupt;
  Register interrupt;
  Register background_load;
  Register reserved;
};

struct Uart {
  static constexpr std::uint32_t kFull = 1;      ///< Of `state`.
  static constexpr std::uint32_t kTransmit = 1;  ///< Of `control`.
  Register data;
  Register state;
  Register control;
  Register interrupt;
  Register divider;
};

/// Raises the non-maskable interrupt when it has run down, and resets the board when it has run
/// down again without a reload.
struct WatchdogUnit {
  static constexpr std::uint32_t kInterrupt = 1;
  static constexpr std::uint32_t kReset = 2;
  static constexpr std::uint32_t kUnlock = 0x1ACCE551;
  Register load;
  Register value;
  Register control;
  Register interrupt_clear;
  std::uint32_t reserved[0x2FC];
  Register lock;
};

/// 16 pins.
struct Gpio {
  Register data;
  Register output;
  Register reserved[2];
  Register output_enable;
  Register output_disable;
};

/// The counters of the board's own logic: `counter` goes up each time `prescale_counter` has gone
/// down from `prescale` to zero at 25 MHz.
struct FpgaIo {
  Register leds;
  Register reserved0;
  Register buttons;
  Register reserved1;
  Register counter_1hz;
  Register counter_100hz;
  Register counter;
  Register prescale;
  Register prescale_counter;
};

/// The processor's own: what pends and enables interrupts.
struct Nvic {
  Register enable[32];
  Register disable[32];
  Register pend[32];
  Register unpend[32];
  Register active[64];
  volatile std::uint8_t priority[240];
};

enum class Irq : std::uint8_t { kTimer0 = 8, kTimer1 = 9, kWideTimer = 10 };

inline Timer& timer0() { return *reinterpret_cast<Timer*>(0x4000'0000); }
inline Timer& timer1() { return *reinterpret_cast<Timer*>(0x4000'1000); }
inline WideTimer& wide_timer1() { return *reinterpret_cast<WideTimer*>(0x4000'2000); }
inline WideTimer& wide_timer2() { return *reinterpret_cast<WideTimer*>(0x4000'2020); }
inline Uart& uart0() { return *reinterpret_cast<Uart*>(0x4000'4000); }
inline Uart& uart1() { return *reinterpret_cast<Uart*>(0x4000'5000); }
inline WatchdogUnit& watchdog_unit() { return *reinterpret_cast<WatchdogUnit*>(0x4000'8000); }
inline Gpio& gpio0() { return *reinterpret_cast<Gpio*>(0x4001'0000); }
inline Gpio& gpio1() { return *reinterpret_cast<Gpio*>(0x4001'1000); }
inline FpgaIo& fpga_io() { return *reinterpret_cast<FpgaIo*>(0x4002'8000); }
inline Nvic& nvic() { return *reinterpret_cast<Nvic*>(0xE000'E100); }

}  // namespace takt::mps2
