// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/linux/linux_device.h"

#include <poll.h>

#include "takt/ports/linux/interrupt.h"

namespace takt::firmware {
namespace {

using Line = FixedText<400>;

constexpr int kLookMs = 20;
/// The control half answers within milliseconds; longer means that it is stuck.
constexpr Micros kAnswerPatience = seconds(5);
constexpr std::string_view kNotStopped =
    "a device is not stopped, lest its outputs stay on; order it to stop or quit";

std::string_view state_of(const PlayerSnapshot& shown) {
  if (shown.held) return "held";
  const bool ended = shown.run != 0 && shown.end != PlayerSnapshot::End::kNone;
  return ended ? name_of(shown.end) : name_of(shown.state);
}

}  // namespace

LinuxDevice::LinuxDevice(const Config& config, Console& console)
    : console_(console),
      readings_(config.readings),
      start_(config.start),
      ports_(config.ports, console),
      script_(readings_),
      device_(ports_, device_config(config)) {}

LinuxDevice::~LinuxDevice() { static_cast<void>(device_.shut_down()); }

DeviceConfig LinuxDevice::device_config(const Config& config) {
  const std::size_t scripts = readings_.empty() ? 0 : 1;
  return {.board = config.ports.board,
          .services = std::span{services_}.first(scripts),
          .works = std::span{works_}.first(scripts),
          .sides = config.sides,
          .tolerance = config.tolerance};
}

Status LinuxDevice::boot(std::string_view source) {
  Status status = ports_.open();
  if (status != Status::kOk) return status;
  status = device_.boot();
  is_up_ = status == Status::kOk;
  if (is_up_) {
    script_.publish_on(device_.bus());
    for (const std::string& refusal : ports_.refusals()) {
      console_.say(Line{"note: "}.append(refusal).view());
    }
    status = load(source);
  }
  if (status != Status::kOk) return end(status);
  return Status::kOk;
}

Status LinuxDevice::load(std::string_view source) {
  const std::uint32_t number = next_number();
  const Status status = device_.load(source, number);
  if (status != Status::kOk) return status;
  Answer answer;
  const LocalTime latest = ports_.clock().now() + kAnswerPatience;
  ports_.run_until([&] {
    return (device_.take(answer) && answer.number == number) || ports_.clock().now() > latest;
  });
  if (answer.number != number) answer = {number, Status::kTimeout, {}};
  if (answer.status != Status::kOk) console_.say(text_of(answer).view());
  return answer.status;
}

Status LinuxDevice::run() {
  if (start_) give({.kind = Command::Kind::kPlay});
  Status status = Status::kOk;
  while (status == Status::kOk && wait() && !Interrupt::came()) status = look_on();
  return end(status);
}

/// False: told to quit.
bool LinuxDevice::wait() {
  pollfd events[] = {{Interrupt::descriptor(), POLLIN, 0}, {console_.descriptor(), POLLIN, 0}};
  if (::poll(events, 2, kLookMs) <= 0 || events[1].revents == 0) return true;
  return read_orders();
}

bool LinuxDevice::read_orders() {
  console_.read();
  while (const std::optional<Order> order = console_.take()) {
    switch (order->kind) {
      case Order::Kind::kCommand: give(order->command); break;
      case Order::Kind::kStatus: say_status(); break;
      case Order::Kind::kHelp: break;
      case Order::Kind::kQuit: return false;
    }
  }
  return true;
}

void LinuxDevice::give(Command command) {
  command.number = next_number();
  const Status status = device_.submit(command);
  if (status != Status::kOk) console_.say(text_of({command.number, status, {}}).view());
}

Status LinuxDevice::look_on() {
  if (Interrupt::take_stop()) console_.say(kNotStopped);
  listen();
  if (ports_.is_guarded()) return Status::kOk;
  console_.say("the guardian of the GPIO lines is gone, so this ends");
  return Status::kIo;
}

void LinuxDevice::listen() {
  Answer answer;
  while (device_.take(answer)) console_.say(text_of(answer).view());
  Incident incident;
  while (device_.take(incident)) hear(incident);
  if (device_.take(report_.played)) say_state();
}

void LinuxDevice::hear(const Incident& incident) {
  report_.faults += incident.kind == Incident::Kind::kFault ? 1 : 0;
  Line line{incident.kind == Incident::Kind::kPhaseEnd ? "phase " : "fault in phase "};
  line.append(std::int64_t{incident.phase} + 1);
  line.append(incident.kind == Incident::Kind::kPhaseEnd ? " ended: " : ": ");
  console_.say(line.append(incident.text.view()).view());
}

void LinuxDevice::say_state() {
  Line line{state_of(report_.played)};
  if (report_.played.state == PlayerSnapshot::State::kPlaying) {
    line.append(", phase ").append(std::int64_t{report_.played.phase} + 1);
  }
  if (line.view() == said_) return;
  said_ = line.view();
  console_.say(said_);
}

void LinuxDevice::say_status() {
  static_cast<void>(device_.take(report_.played));
  const PlayerSnapshot& played = report_.played;
  Line line{state_of(played)};
  const auto figure = [&line](std::int64_t value, std::string_view what) {
    line.append(", ").append(value).append(what);
  };
  figure(std::int64_t{played.phase} + 1, ". phase");
  figure(played.elapsed / seconds(1), " s of its plan");
  figure(static_cast<std::int64_t>(played.edges), " edges");
  figure(played.lost_pulses, " pulses lost");
  figure(played.beyond_tolerance, " later than the tolerance");
  figure(played.withheld, " withheld");
  figure(played.latest.count(), " us late at most");
  console_.say(line.view());
}

/// Whatever ended it: outputs off, everything given back. Any error: that of the end is worse.
Status LinuxDevice::end(Status status) {
  if (is_up_) listen();
  const Status safe = device_.shut_down();
  if (safe != Status::kOk) console_.say("the outputs could not be switched off");
  ports_.close(safe == Status::kOk);
  return safe == Status::kOk ? status : safe;
}

}  // namespace takt::firmware
