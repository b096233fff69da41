// SPDX-License-Identifier: Apache-2.0
// takt device: a device, alone or in a session with other processes or machines.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/app/boards/board.h"
#include "takt/app/boards/pins.h"
#include "takt/core/program/limits.h"
#include "takt/firmware/linux/linux_device.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/order_input.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/device/node.h"
#include "tools/play/board_watchdog.h"
#include "tools/play/script.h"
#include "tools/programs/source.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

/// Where a device keeps what outlives it: its counter of starts, and programs that came.
fs::path folder_of(const DeviceOptions& options) {
  fs::path folder = options.data;
  if (folder.empty()) {
    const char* const state = std::getenv("XDG_STATE_HOME");
    const char* const home = std::getenv("HOME");
    const bool has_state = state != nullptr && *state != '\0';
    if (!has_state && home == nullptr) {
      throw Failure{Exit::kWords, "there is no home folder to keep things in; use --data DIR"};
    }
    folder = has_state ? fs::path{state} : fs::path{home} / ".local" / "state";
    folder = folder / "takt" / fmt::format("device-{}", options.number());
  }
  make_folder(folder.string());
  return folder;
}

/// Counts this start. Others tell the device's earlier life from this one by that number, so a
/// counter that is damaged is no reason to begin again with one.
std::uint32_t count_start(const fs::path& folder) {
  const std::string path = (folder / "starts").string();
  std::uint32_t starts = 0;
  if (fs::exists(path)) {
    const std::string text = read_whole(path, 32).bytes;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, starts);
    if (error != std::errc{} || std::string_view{rest, end} != "\n" || starts + 1 == 0) {
      throw Failure{Exit::kWorld, fmt::format("{}: no count of starts; write a larger number than "
                                              "this device has ever started, and a line end",
                                              printable(path))};
    }
  }
  write_whole(path, fmt::format("{}\n", ++starts));
  return starts;
}

void print(const NodeReport& report) {
  JsonOut out;
  out.field("role", name_of(report.peers.role));
  out.field("leader", report.peers.leader);
  out.field("heard", report.peers.heard);
  out.field("settled", report.peers.settled);
  out.field("bound_us", report.peers.bound);
  out.field("revision", report.peers.revision);
  out.field("reason", report.reason);
  out.field("edges", report.edges);
  out.field("silenced", report.silenced);
  out.field("latest_us", report.latest);
  json_lost_pulses(out, report.lost_pulses, report.program);
  json_beyond_tolerance(out, report.beyond_tolerance);
  out.field("withheld", report.withheld);
  out.field("faults", report.faults);
  out.field("rejected", report.peers.rejected);
  out.field("unsent", report.unsent);
  out.field("dropped", report.dropped);
  out.print();
}

void check_peers(const std::vector<std::string>& peers) {
  if (peers.size() > sync::kMaxPeers) {
    throw Failure{Exit::kWords, fmt::format("there are {} peers at most", sync::kMaxPeers)};
  }
  for (auto peer = peers.begin(); peer != peers.end(); ++peer) {
    if (std::find(peers.begin(), peer, *peer) == peer) continue;
    throw Failure{Exit::kWords, fmt::format("--peer {} is named twice", printable(*peer))};
  }
}

/// Orders come from standard input; lines go where a command speaks to people.
class StandardConsole final : public firmware::Console {
 public:
  explicit StandardConsole(bool json) : to_(people(json)) {}

  int descriptor() const override { return input_.descriptor(); }
  void read() override { input_.read(); }
  std::optional<Order> take() override {
    for (;;) {
      std::optional<Order> order = input_.take([this](const std::string& fault) { say(fault); });
      if (!order || order->kind != Order::Kind::kHelp) return order;
      say(orders_for_people());
    }
  }
  void say(std::string_view line) override {
    // Nobody listens any more: no reason to end. What the command ends with says it.
    static_cast<void>(std::fputs((printable(line) + '\n').c_str(), to_));
    static_cast<void>(std::fflush(to_));
  }

 private:
  std::FILE* const to_;
  OrderInput input_;
};

void print(const DeviceOptions& options, const firmware::LinuxDevice::Report& report) {
  const PlayerSnapshot& played = report.played;
  JsonOut out;
  out.field("board", options.board);
  out.field("state", name_of(played.state));
  out.field("end", name_of(played.end));
  out.field("runs", played.run);
  out.field("edges", played.edges);
  out.field("latest_us", played.latest);
  out.field("lost_pulses", played.lost_pulses);
  out.field("beyond_tolerance", played.beyond_tolerance);
  out.field("withheld", played.withheld);
  out.field("faults", report.faults);
  out.print();
}

/// Of a device that plays alone. They point into `script`.
std::vector<firmware::ScriptedReading> readings_of(const std::vector<ScriptReading>& script) {
  std::vector<firmware::ScriptedReading> readings;
  for (const ScriptReading& reading : script) {
    readings.push_back({reading.at, reading.sensor, reading.value});
  }
  std::ranges::stable_sort(readings, {}, &firmware::ScriptedReading::at);
  return readings;
}

std::vector<ScriptReading> parse_sensors(const DeviceOptions& options) {
  std::vector<ScriptReading> script;
  for (const std::string& text : options.sensors) script.push_back(parse_reading(text));
  return script;
}

/// Throws Failure unless `board` has the pins that the program names.
void check_pins(Source& source, const Board& board) {
  struct : DiagnosticSink {
    void report(const Diagnostic& diagnostic) override { to->add(diagnostic); }
    Source* to = nullptr;
  } sink;
  sink.to = &source;
  if (check_pins(source.valid().program(), board, sink) == Status::kOk) return;
  throw Failure{Exit::kNo, fmt::format("{} cannot be played on {}", source.file(), board.name),
                source.diagnostics()};
}

/// Only the faults of the world are of another kind than that of a program or board too small.
Exit exit_of(Status status) {
  switch (status) {
    case Status::kIo:
    case Status::kBusy:
    case Status::kTimeout: return Exit::kWorld;
    default: return Exit::kNo;
  }
}

/// Throws Failure for words that only a session has a use for.
void refuse_words_of_sessions(const DeviceOptions& options) {
  const std::pair<bool, std::string_view> words[] = {{options.id != 0, "--id"},
                                                     {!options.guard.empty(), "--guard"},
                                                     {options.wait_for_offline, "--wait"},
                                                     {!options.data.empty(), "--data"},
                                                     {!options.record.empty(), "--record"},
                                                     {options.ppm != 0, "--ppm"}};
  for (const auto& [given, word] : words) {
    if (given) throw Failure{Exit::kWords, fmt::format("{} goes with --peer", word)};
  }
}

Exit run_alone(const DeviceOptions& options) {
  refuse_words_of_sessions(options);
  if (options.source.file.empty()) {
    throw Failure{Exit::kWords, "alone it needs a FILE; with others, --peer"};
  }
  const std::vector<ScriptReading> script = parse_sensors(options);
  const FileContent content = read_whole(options.source.file, kMaxSourceBytes);
  Source source{options.source, content};
  const Board& board = *find_board(options.board);
  Script{{}, script}.check(source.valid().program());
  check_pins(source, board);
  Interrupt::watch();
  Interrupt::watch_stops();
  const SideSet sides =
      options.wanted_side.empty() ? kBothSides : static_cast<SideSet>(1U << options.side_number());
  StandardConsole console{options.json};
  const auto device = std::make_unique<firmware::LinuxDevice>(
      firmware::LinuxDevice::Config{
          .ports = {&board, options.chip, options.watchdog, options.precise},
          .sides = sides,
          .tolerance = Micros{static_cast<std::int64_t>(options.tolerance_ms * 1e3)},
          .readings = readings_of(script),
          .start = options.start},
      console);
  if (const Status status = device->boot(content.bytes); status != Status::kOk) {
    throw Failure{exit_of(status),
                  fmt::format("{} does not start: {}", board.name, name_of(status))};
  }
  if (device->run() != Status::kOk) {
    throw Failure{Exit::kWorld, fmt::format("{} did not end well", board.name)};
  }
  const firmware::LinuxDevice::Report& report = device->report();
  if (options.json) print(options, report);
  if (Interrupt::came() && !Interrupt::is_order()) return static_cast<Exit>(Interrupt::status());
  return report.faults == 0 ? Exit::kGood : Exit::kNo;
}

Exit run_together(const DeviceOptions& options) {
  if (options.code.empty()) throw Failure{Exit::kWords, "a session needs a --code"};
  if (options.board != "linux" || !options.sensors.empty()) {
    throw Failure{Exit::kWords, "--board and --sensor are for a device alone, without --peer"};
  }
  std::optional<Source> source;
  if (!options.source.file.empty()) source.emplace(options.source);
  if (!source && !options.chip.empty()) {
    throw Failure{Exit::kWords, "--gpio needs a FILE: it says which lines are whose"};
  }
  if (!source && options.start) throw Failure{Exit::kWords, "--start needs a FILE: it plays that"};
  check_peers(options.peers);
  const Timeline* const program = source ? &source->valid() : nullptr;
  Interrupt::watch();
  Interrupt::watch_stops();
  const fs::path folder = folder_of(options);
  for (const std::string& read : {options.source.file, (folder / "starts").string()}) {
    if (!options.record.empty()) refuse_overwriting(options.record, read);
  }
  const std::uint32_t life = count_start(folder);
  // Its queues are too large for a stack.
  const auto node = std::make_unique<DeviceNode>(options, program, life, folder.string());
  node->run();
  const NodeReport report = node->report();
  if (options.json) print(report);
  if (Interrupt::came() && !Interrupt::is_order()) return static_cast<Exit>(Interrupt::status());
  return report.faults == 0 ? Exit::kGood : Exit::kNo;
}

Exit run_device(const DeviceOptions& options) {
  return options.is_alone() ? run_alone(options) : run_together(options);
}

void add_session_options(Words command, DeviceOptions& options) {
  command.choice("--side", options.wanted_side, {"left", "right"},
                 "The side that it plays: left if not said, and both if it is alone; if sides "
                 "exclude each other, not all devices may be on one");
  command.text("--peer ADDR:PORT", options.peers,
               "Address of another device; repeat for more devices");
  command
      .text("--listen ADDR:PORT", options.listen, "Address to listen at; port 0 chooses a free one")
      .shows_default();
  command
      .text("--code", options.code,
            "Pairing code, the same on all devices: at least 6 characters, better 10")
      .from_environment("TAKT_PAIRING_CODE");
  command.number("--id", options.id, 1, 0xFFFFFFFF,
                 "Its number, different on each device (otherwise the side decides)");
  command.choice("--link", options.link, {"lan", "espnow", "ble"}, "Kind of link: lan, espnow, ble")
      .shows_default();
  command.choice("--guard", options.guard, {"strict", "typical"},
                 "strict: never together, whatever the clocks show; typical: as a rule (otherwise "
                 "strict if the sides of the program exclude each other)");
  command.flag("--wait", options.wait_for_offline,
               "Let an order wait for a device that is offline, instead of refusing it");
  command
      .number("--holdover", options.holdover_s, 1, 3'600,
              "Seconds to play on while no device is heard")
      .shows_default();
  command
      .number("--takeover", options.takeover_s, 1, 3'600,
              "Seconds of silence after which another device leads")
      .shows_default();
}

void add_board_options(Words command, DeviceOptions& options) {
  std::vector<std::string_view> boards;
  for (const Board& board : all_boards()) boards.push_back(board.name);
  command
      .choice("--board", options.board, boards,
              "Have the memory, tasks and pins of this board, and no more")
      .shows_default();
  command.text("--sensor NAME=VALUE[@TIME]", options.sensors,
               "A sensor shows VALUE, from TIME on in each run (repeatable); read every 100 ms");
  command
      .number("--late", options.late_ms, 0, 1'000,
              "Milliseconds that an edge may be late here; pulses become shorter by that")
      .shows_default();
  command
      .number("--tolerance", options.tolerance_ms, 0, 1'000,
              "Count edges that are later by more than so many milliseconds")
      .shows_default();
  command.text("--gpio CHIP", options.chip, "Drive the lines of this GPIO chip");
  add_watchdog_option(command, options.watchdog);
  command.flag("--precise", options.precise,
               "Wake up before each deadline and spin; takes a tenth of a processor at most");
  command.text("--data DIR", options.data, "Folder for what it keeps across restarts");
  command.text("--record OUT.csv", options.record,
               "Record what it does and believes, for takt sim check");
  command.number("--ppm", options.ppm, -50, 50, "Let its clock run fast by so many millionths");
  command.flag("--start", options.start,
               "Play without an order, as soon as all devices are present");
}

}  // namespace

void add_device(Words takt) {
  Words command = takt.command(
      "device", "Be a device: alone in the memory of a board, or in step with other devices",
      fmt::format("Takes orders on standard input, a line each:\n{}\n"
                  "SIGINT and SIGTERM are the order to quit.\n"
                  "Example: takt device examples/washer.json --board esp32-c3 --start\n"
                  "Example: takt device examples/bilateral.json --side left --code moonlight7 "
                  "--peer 192.168.4.2:7117",
                  orders_for_people()));
  const auto options = std::make_shared<DeviceOptions>();
  add_source_options(command, options->source).optional();
  add_session_options(command, *options);
  add_board_options(command, *options);
  command.run([options](bool json) {
    options->json = json;
    return run_device(*options);
  });
}

}  // namespace takt
