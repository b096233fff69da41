// SPDX-License-Identifier: Apache-2.0
// A machine that plays a compiled program on an output bank of its own.
#include <array>
#include <cstdio>
#include <span>
#include <string_view>

#include "rinse.h"
#include "takt/firmware/device.h"
#include "takt/firmware/virtual/virtual_ports.h"

namespace {

/// Your pins: here a line of text for each change.
class Lamps final : public takt::OutputBank {
 public:
  takt::Status configure(std::span<const takt::PinConfig> pins) override {
    std::printf("%zu outputs\n", pins.size());
    return takt::Status::kOk;
  }
  takt::Status apply(const takt::Levels& levels) override {
    ++changes;
    on = levels.on;
    return takt::Status::kOk;
  }

  int changes = 0;
  std::uint32_t on = 0;
};

/// Your board: everything of virtual time but the pins and the console.
class Machine final : public takt::firmware::VirtualPorts {
 public:
  using VirtualPorts::VirtualPorts;
  takt::OutputBank& outputs() override { return lamps; }
  void print(std::string_view text) override {
    std::fwrite(text.data(), 1, text.size(), stdout);
  }

  Lamps lamps;
};

/// Your service: hears on the bus what plays, and can delay no edge.
class Display final : public takt::bus::Module {
 public:
  void process(const takt::bus::Message& message) override {
    if (const takt::PlayerSnapshot* const shown = message.get(takt::kPlayer)) newest = *shown;
  }

  takt::PlayerSnapshot newest;
};

}  // namespace

int main() {
  const takt::Board& board = *takt::find_board("esp32-c3");
  takt::World world;
  Machine machine{world, board};

  Display display;
  const std::array queues{takt::firmware::Listening{
      takt::bus::QueueOptions::stream(2), &takt::firmware::listen_to<takt::kPlayer>}};
  const std::array services{takt::firmware::Service{&display, {.name = "display"}, queues}};

  // Without `text` it reads compiled programs alone, and links no JSON.
  takt::firmware::Device device{machine, {.board = &board, .text = nullptr, .services = services}};
  if (device.boot() != takt::Status::kOk) return 1;
  const std::string_view program{reinterpret_cast<const char*>(takt_rinse), sizeof(takt_rinse)};
  if (device.load(program) != takt::Status::kOk) return 1;
  if (device.submit({.number = 1, .kind = takt::Command::Kind::kPlay}) != takt::Status::kOk) {
    return 1;
  }

  const auto has_ended = [&display] {
    return display.newest.end != takt::PlayerSnapshot::End::kNone;
  };
  machine.run_until(has_ended);
  const takt::Status safe = device.shut_down();
  std::printf("%s after %d changes\n", takt::name_of(display.newest.end).data(),
              machine.lamps.changes);
  const bool finished = display.newest.end == takt::PlayerSnapshot::End::kFinished;
  return finished && safe == takt::Status::kOk && machine.lamps.on == 0 ? 0 : 1;
}
