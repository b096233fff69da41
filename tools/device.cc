// SPDX-License-Identifier: Apache-2.0
// takt device: a device of a session, with other processes or machines.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/device/node.h"
#include "tools/file.h"
#include "tools/interrupt.h"
#include "tools/json_out.h"
#include "tools/number_range.h"
#include "tools/source.h"
#include "tools/text.h"

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

Exit run_device(const DeviceOptions& options) {
  std::optional<Source> source;
  if (!options.source.file.empty()) source.emplace(options.source);
  if (!source && !options.chip.empty()) {
    throw Failure{Exit::kWords, "--gpio needs a FILE: it says which lines are whose"};
  }
  if (!source && options.start) throw Failure{Exit::kWords, "--start needs a FILE: it plays that"};
  check_peers(options.peers);
  const Timeline* const program = source ? &source->valid() : nullptr;
  Interrupt::watch();
  // A process that is stopped leaves its outputs as they are.
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) std::signal(signal, SIG_IGN);
  const fs::path folder = folder_of(options);
  const std::uint32_t life = count_start(folder);
  // Its queues are too large for a stack.
  const auto node = std::make_unique<DeviceNode>(options, program, life, folder.string());
  node->run();
  const NodeReport report = node->report();
  if (options.json) print(report);
  return report.faults == 0 ? Exit::kGood : Exit::kNo;
}

void add_session_options(CLI::App& command, DeviceOptions& options) {
  command.add_option("--side", options.side, "Which side it plays")
      ->check(CLI::IsMember({"left", "right"}))
      ->capture_default_str();
  command.add_option("--peer", options.peers, "The other device; repeat for more of them")
      ->type_name("ADDR:PORT")
      ->required()
      ->allow_extra_args(false);
  command.add_option("--listen", options.listen, "Where to listen; port 0 is a free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  command
      .add_option("--code", options.code,
                  "Pairing code, the same on all devices: 6 characters or more, better 10")
      ->envname("TAKT_PAIRING_CODE")
      ->required();
  command.add_option("--id", options.id, "Its number, different on each device; else by the side")
      ->check(CLI::Range(1U, 0xFFFFFFFFU));
  command.add_option("--link", options.link, "What the link is like: lan, espnow, ble")
      ->check(CLI::IsMember({"lan", "espnow", "ble"}))
      ->capture_default_str();
  command
      .add_option("--guard", options.guard,
                  "strict: never together, whatever the clocks; typical: as a rule; else strict "
                  "where the sides of the program exclude each other")
      ->check(CLI::IsMember({"strict", "typical"}));
  command.add_flag("--wait", options.wait_for_offline,
                   "An order waits for a device that is offline, instead of being refused");
  command.add_option("--holdover", options.holdover_s, "Seconds to play on while alone")
      ->check(number_in(1.0, 3'600.0))
      ->capture_default_str();
  command.add_option("--takeover", options.takeover_s, "Seconds of silence until another leads")
      ->check(number_in(1.0, 3'600.0))
      ->capture_default_str();
}

void add_board_options(CLI::App& command, DeviceOptions& options) {
  command
      .add_option("--late", options.late_ms,
                  "Milliseconds that an edge may be late here; pulses are as much shorter")
      ->check(number_in(0.0, 1'000.0))
      ->capture_default_str();
  command.add_option("--gpio", options.chip, "Drive the lines of this GPIO chip")
      ->type_name("CHIP");
  command.add_flag("--precise", options.precise,
                   "Sleep short of each deadline and spin, for a tenth of a processor at most");
  command.add_option("--data", options.data, "Folder for what it keeps over restarts")
      ->type_name("DIR");
  command
      .add_option("--record", options.record, "Write what it does and believes, for takt sim check")
      ->type_name("OUT.csv");
  command.add_option("--ppm", options.ppm, "Let its clock run fast by so many millionths")
      ->check(number_in(-50.0, 50.0));
  command.add_flag("--start", options.start, "Play as soon as all are there");
}

}  // namespace

void add_device(CLI::App& app, Call& call) {
  CLI::App& command = *app.add_subcommand(
      "device", "Be a device of a session: play one side in step with other devices");
  const auto options = std::make_shared<DeviceOptions>();
  add_source_options(command, options->source);
  command.get_option("FILE")->required(false);
  add_session_options(command, *options);
  add_board_options(command, *options);
  add_json_option(command, call);
  command.footer("Takes orders on standard input, a line each:\n" + std::string{kOrders} +
                 "Example: takt device examples/bilateral.json --side left --code moonlight7 "
                 "--peer 192.168.4.2:7117");
  command.callback([&call, options] {
    call.run = [&call, options] {
      options->json = call.json;
      return run_device(*options);
    };
  });
}

}  // namespace takt
