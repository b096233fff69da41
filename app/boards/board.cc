// SPDX-License-Identifier: Apache-2.0
#include "takt/app/boards/board.h"

#include <algorithm>
#include <array>

#include "takt/core/base/limits.h"
#include "takt/ports/api/lateness.h"

namespace takt {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

// The goal that the memory plan set and that its own firmware never met.
constexpr Acceptance kGoal{.internal_min_bytes = 100 * kKiB, .fragmentation_below_percent = 40};

// The memory harness runs with this threshold; the firmware's own default, 10 KiB, warns when a
// request of 11,520 bytes for the display has failed already.
constexpr std::size_t kTripwire = 30 * kKiB;

// Tasks. Budgets of display, sensors, portal and fw_update are the reference firmware's; control
// takes the place of its main loop. What libraries allocate goes to PSRAM where there is any, but
// for control, which must not wait for the cache that PSRAM shares with the flash.
constexpr TaskSpec service(std::string_view name, unsigned priority, int core, std::size_t stack) {
  return {name, priority, core, stack, Placement::kPreferExternal};
}

constexpr std::array<TaskSpec, 7> tasks_on(int first_core, int second_core) {
  return {TaskSpec{"control", 20, second_core, 8'192, Placement::kInternal},
          service("display", 5, second_core, 8'192),
          service("portal", 10, first_core, 6'144),
          service("mqtt", 5, first_core, 4'096),
          service("console", 3, first_core, 3'072),
          service("sensors", 1, first_core, 2'048),
          service("fw_update", 2, first_core, 12'288)};
}

constexpr auto kOneCore = tasks_on(0, 0);
constexpr auto kTwoCores = tasks_on(0, 1);
constexpr auto kHost = tasks_on(kAnyCore, kAnyCore);
constexpr std::array<TaskSpec, 1> kBareMetal{TaskSpec{"main", 0, 0, 8'192, Placement::kInternal}};

// Regions: what the heap has when the firmware starts, so less than the chip's SRAM by the cache,
// code that runs from RAM, static data and the operating system's own stacks.
constexpr std::array kEsp32C3{
    RegionSpec{"sram", RegionKind::kInternal, true, 312 * kKiB}};  // Of 400 KiB.
constexpr std::array kEsp32C6{
    RegionSpec{"sram", RegionKind::kInternal, true, 440 * kKiB}};  // Of 512 KiB.
constexpr std::array kJc3636w518{
    RegionSpec{"sram", RegionKind::kInternal, true, 320 * kKiB},  // ESP32-S3: of 512 KiB.
    RegionSpec{"psram", RegionKind::kExternal, false, 8 * kMiB}};
// The emulated board has more; limited so that what runs there runs on the boards above.
constexpr std::array kMps2{RegionSpec{"sram", RegionKind::kInternal, true, 320 * kKiB}};
constexpr std::array kLinux{RegionSpec{"ram", RegionKind::kInternal, true, 16 * kMiB},
                            RegionSpec{"bulk", RegionKind::kExternal, false, 64 * kMiB}};

// Where code runs from flash, erasing a page of it holds up every task for as long as that takes.
constexpr Micros kPageErase = millis(20);
constexpr Micros kFromRam = millis(5);

// Pins, by the datasheets. The flash has 12 to 17 of an ESP32-C3, and 11 is its supply.
constexpr PinSet kC3Pins = pins(0, 10) | pins(18, 21);
constexpr PinSet kC3Strapping = pin(2) | pins(8, 9);
constexpr PinSet kC3Usb = pins(18, 19);
constexpr PinSet kC3Console = pins(20, 21);
// The boards of CycleOptima machines wire these pins of their ESP32-C3, and no others.
constexpr PinSet kCycleOptimaPins =
    pin(4) | pin(5) | pin(7) | pin(8) | pin(9) | pin(10) | pin(18) | pin(19);
// The flash has 24 to 30 of an ESP32-C6.
constexpr PinSet kC6Pins = pins(0, 23);
constexpr PinSet kC6Strapping = pins(4, 5) | pins(8, 9) | pin(15);
constexpr PinSet kC6Usb = pins(12, 13);
constexpr PinSet kC6Console = pins(16, 17);
// Flash and PSRAM have 26 to 37 of this ESP32-S3, the display 9 to 15, 40, 41 and 47, touch 7
// and 8.
constexpr PinSet kJc3636w518Pins =
    pins(0, 6) | pins(16, 21) | pins(38, 39) | pins(42, 46) | pin(48);
constexpr PinSet kS3Strapping = pin(0) | pin(3) | pins(45, 46);
constexpr PinSet kS3Usb = pins(19, 20);
constexpr PinSet kS3Console = pins(43, 44);
// Both GPIO blocks of the emulated board that have lines.
constexpr PinSet kMps2Pins = pins(0, 31);
// A line of a GPIO chip: the kernel says which there are.
constexpr PinSet kAnyPin = ~PinSet{0};

constexpr std::array kBoards{
    Board{"esp32-c3", kEsp32C3, kOneCore, kC3Pins, kC3Strapping, kC3Usb, kC3Console, kPageErase,
          kInterruptLateness, kTripwire, kGoal, true},
    Board{"cycleoptima", kEsp32C3, kOneCore, kCycleOptimaPins, kC3Strapping& kCycleOptimaPins,
          kC3Usb& kCycleOptimaPins, kC3Console& kCycleOptimaPins, kPageErase, kInterruptLateness,
          kTripwire, kGoal, true},
    Board{"jc3636w518", kJc3636w518, kTwoCores, kJc3636w518Pins, kS3Strapping, kS3Usb, kS3Console,
          kPageErase, kInterruptLateness, kTripwire, kGoal, true},
    Board{"esp32-c6", kEsp32C6, kOneCore, kC6Pins, kC6Strapping, kC6Usb, kC6Console, kPageErase,
          kInterruptLateness, kTripwire, kGoal, true},
    Board{"mps2-an385", kMps2, kBareMetal, kMps2Pins, 0, 0, 0, kFromRam, kInterruptLateness,
          kTripwire, kGoal, true},
    Board{"linux", kLinux, kHost, kAnyPin, 0, 0, 0, kTaskLateness, kThreadLateness, 0, kGoal,
          false},
};

}  // namespace

const TaskSpec* Board::find_task(std::string_view task) const {
  const auto found = std::ranges::find(tasks, task, &TaskSpec::name);
  return found == tasks.end() ? nullptr : &*found;
}

std::size_t Board::bytes_of(RegionKind kind) const {
  std::size_t sum = 0;
  for (const RegionSpec& region : regions) {
    if (region.kind == kind) sum += region.bytes;
  }
  return sum;
}

std::size_t Board::stack_bytes() const {
  std::size_t sum = 0;
  for (const TaskSpec& spec : tasks) sum += spec.stack_bytes;
  return sum;
}

std::size_t Board::program_bytes() const {
  if (!limited) return 0;
  const std::size_t external = bytes_of(RegionKind::kExternal);
  return (external != 0 ? external : bytes_of(RegionKind::kInternal)) / 4;
}

std::span<const Board> all_boards() { return kBoards; }

const Board* find_board(std::string_view name) {
  const auto found = std::ranges::find(kBoards, name, &Board::name);
  return found == kBoards.end() ? nullptr : &*found;
}

}  // namespace takt
