// SPDX-License-Identifier: Apache-2.0
// A device in a world, for tests: played as a person would, one order after the other.
#pragma once

#include <string>
#include <string_view>

#include "takt/core/base/text_out.h"
#include "takt/core/program/codec.h"
#include "takt/firmware/device.h"
#include "takt/firmware/virtual/virtual_ports.h"
#include "takt/ports/virtual/datagram_link.h"
#include "tests/support/recording_bank.h"

namespace takt::testing {

/// A board whose outputs are remembered.
class RecordingPorts : public firmware::VirtualPorts {
 public:
  using VirtualPorts::VirtualPorts;
  OutputBank& outputs() override { return bank; }
  DatagramLink* link() override { return datagrams; }
  Authenticator* authenticator() override { return tags; }

  RecordingBank bank{clock()};
  DatagramLink* datagrams = nullptr;
  Authenticator* tags = nullptr;
};

inline std::string compiled(const Program& program) {
  std::string bytes;
  TextInto<std::string> out{bytes};
  encode_compiled(program, out);
  return bytes;
}

class DeviceRig {
 public:
  explicit DeviceRig(World& world, const Board& board = *find_board("esp32-c3"),
                     WorldTime zero = {}, std::int32_t ppb = 0, firmware::DeviceConfig config = {})
      : ports(world, board, zero, ppb), device(ports, with(config, board)) {}

  /// The answer to a program that was handed over; of one that could not be read, the reason.
  Status load(std::string_view source) {
    const Status status = device.load(source, ++number_);
    return status == Status::kOk ? answer().status : status;
  }
  Status load(const Program& program) { return load(compiled(program)); }

  /// The answer to a command.
  Answer order(Command::Kind kind, const SettingWish& wish = {}, std::uint16_t phase = 0) {
    Command command;
    command.number = ++number_;
    command.kind = kind;
    command.phase = phase;
    command.wish = wish;
    const Status status = device.submit(command);
    return status == Status::kOk ? answer() : Answer{number_, status, {}};
  }

  /// Lets the world go on until the run has ended; false: it does not.
  bool run_to_end() {
    const LocalTime latest = ports.clock().now() + seconds(100'000);
    ports.run_until([&] { return shown().end != PlayerSnapshot::End::kNone || now() > latest; });
    return shown().end != PlayerSnapshot::End::kNone;
  }
  void run_for(Micros length) {
    const LocalTime until = now() + length;
    ports.run_until([&] { return now() >= until; });
  }

  /// The newest snapshot.
  const PlayerSnapshot& shown() {
    static_cast<void>(device.take(shown_));
    return shown_;
  }
  LocalTime now() const { return ports.clock().now(); }

  RecordingPorts ports;
  firmware::Device device;

 private:
  static firmware::DeviceConfig with(firmware::DeviceConfig config, const Board& board) {
    config.board = &board;
    return config;
  }

  Answer answer() {
    Answer answer;
    const LocalTime latest = now() + seconds(10);
    ports.run_until(
        [&] { return (device.take(answer) && answer.number == number_) || now() > latest; });
    static_cast<void>(shown());
    return answer.number == number_ ? answer : Answer{number_, Status::kTimeout, {}};
  }

  std::uint32_t number_ = 0;
  PlayerSnapshot shown_;
};

}  // namespace takt::testing
