// SPDX-License-Identifier: Apache-2.0
// takt pair: two devices on this machine, and everything that can happen between them.
#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>

#include "takt/core/program/limits.h"
#include "takt/ports/linux/interrupt.h"
#include "tools/cli/file.h"
#include "tools/cli/text.h"
#include "tools/commands/command.h"
#include "tools/pair/run.h"
#include "tools/programs/encoded.h"
#include "tools/sim/sim_report.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

/// As long as a program can last.
constexpr double kMostSeconds = static_cast<double>(kMaxRun.count()) / 1e6;

/// Gone at the end, with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((fs::temp_directory_path() / "takt-pair.XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw Failure{Exit::kWorld, fmt::format("{}: {}", path_, std::strerror(errno))};
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;  // What cannot be removed stays in the system's own temporary folder.
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string new_code() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

void keep_records(const std::array<std::string, 2>& files, const std::string& folder) {
  make_folder(folder);
  std::error_code error;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path to = fs::path{folder} / fs::path{files[i]}.filename();
    fs::copy_file(files[i], to, fs::copy_options::overwrite_existing, error);
    if (error) {
      throw Failure{Exit::kWorld, fmt::format("{}: {}", printable(to.string()), error.message())};
    }
  }
}

Exit run_pair(const PairOptions& options) {
  const Source source{options.source};
  const Timeline& timeline = source.valid();
  if (timeline.program().pattern == nullptr) {
    throw Failure{Exit::kNo, "a pair plays programs for two sides; this one has none"};
  }
  if (!options.record.empty()) {
    for (const std::string_view side : kSideNames) {
      refuse_overwriting(fmt::format("{}/{}.csv", options.record, side), options.source.file);
    }
  }
  Interrupt::watch();
  const TemporaryFolder folder;
  const std::string program = folder.path() + "/program.takt";
  write_whole(program, encoded(timeline, Format::kCompiled));
  ::setenv("TAKT_PAIRING_CODE", new_code().c_str(), 1);
  const auto run = std::make_unique<PairRun>(
      options, fmt::format("{}, {} link", source.title(), options.link),
      timeline.program().pattern->score.bilateral.cycle, program, folder.path());
  run->run();
  if (!options.record.empty()) keep_records(run->records(), options.record);
  // How long both take part is up to who disturbs them.
  const Exit judged = check_records(run->records(), source.title(), 0, options.json);
  return Interrupt::came() && !Interrupt::is_order() ? static_cast<Exit>(Interrupt::status())
                                                     : judged;
}

}  // namespace

void add_pair(Words takt) {
  Words command =
      takt.command("pair", "Play two sides in two processes, show both, and disturb them",
                   "Example: takt pair examples/bilateral.json --seconds 30 --at 10s=kill:left "
                   "--at 13s=start:left --at 20s=cut --at 25s=heal");
  const auto options = std::make_shared<PairOptions>();
  add_source_options(command, options->source);
  command
      .choice("--link", options->link, {"lan", "espnow", "ble"},
              "Kind of link to simulate between them: lan, espnow, ble")
      .shows_default();
  command.number("--loss", options->loss_percent, 0, 100,
                 "Lose this percentage of the datagrams, besides what the link loses");
  command.number("--latency", options->latency_ms, 0, 10'000,
                 "Delay datagrams by so many more milliseconds, each way");
  command.number("--ppm", options->ppm, -100, 100, "Millionths by which the left clock is faster")
      .shows_default();
  command.number("--late", options->late_ms, 0, 1'000, "See takt device").shows_default();
  command.number("--tolerance", options->tolerance_ms, 0, 1'000, "See takt device").shows_default();
  command.number("--holdover", options->holdover_s, 1, 3'600, "See takt device").shows_default();
  command.number("--takeover", options->takeover_s, 1, 3'600, "See takt device").shows_default();
  command.number("--seconds", options->seconds, 1, kMostSeconds,
                 "End after so many seconds (otherwise when told to)");
  command.number("--seed", options->seed, "Seed of the simulated link").shows_default();
  command.text("--at TIME=ACTION", options->actions,
               "Do something at a time (repeatable): kill:SIDE, start:SIDE, cut, heal, "
               "loss:PERCENT, latency:TIME, or SIDE:ORDER");
  command.text("--record DIR", options->record, "Keep the records of both in this folder");
  command.run([options](bool json) {
    options->json = json;
    return run_pair(*options);
  });
}

}  // namespace takt
