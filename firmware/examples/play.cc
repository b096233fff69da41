// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/examples/play.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "takt/core/base/text.h"
#include "takt/firmware/device.h"
#include "takt/firmware/examples/trace.h"

namespace takt::firmware {
namespace {

/// All of a firmware that plays one program. In static storage: too large for a stack.
class Playing {
 public:
  Playing(Ports& ports, const Board& board, std::span<const ScriptedReading> readings,
          const TextForms* text)
      : ports_(ports), trace_(ports), sensors_(readings), device_(ports, config_for(board, text)) {}

  bool play(std::string_view source) {
    if (device_.boot() != Status::kOk || device_.load(source, kLoad) != Status::kOk) return false;
    Command command;
    command.number = kPlay;
    command.kind = Command::Kind::kPlay;
    if (device_.submit(command) != Status::kOk) return false;
    ports_.run_until([this] { return look_on(); });
    const bool whole = trace_.finish();
    const bool safe = device_.shut_down() == Status::kOk;
    print_end();
    return whole && safe && shown_.end == PlayerSnapshot::End::kFinished;
  }

 private:
  enum : std::uint32_t { kLoad = 1, kPlay };

  DeviceConfig config_for(const Board& board, const TextForms* text) {
    works_[0] = &sensors_;
    return {.board = &board, .text = text, .works = works_, .outputs = &trace_};
  }

  /// True: it has ended, or did not begin.
  bool look_on() {
    Answer answer;
    while (device_.take(answer)) {
      if (answer.status == Status::kOk) continue;
      ports_.print(text_of(answer).view());
      ports_.print("\n");
      return true;
    }
    Incident incident;
    while (device_.take(incident)) {
      FixedText<200> line{"[Player] phase "};
      line.append(std::int64_t{incident.phase + 1}).append(": ").append(incident.text.view());
      ports_.print(line.append("\n").view());
    }
    if (device_.take(shown_) && shown_.run != 0 && !begun_) {
      begun_ = true;
      trace_.start(device_.engine().timeline()->program().outputs, shown_.began);
      sensors_.start(device_.bus(), shown_.began);
      ports_.ordinary().wake();
    }
    trace_.drain();
    return begun_ && shown_.end != PlayerSnapshot::End::kNone;
  }

  void print_end() {
    FixedText<160> line{"[Player] "};
    line.append(name_of(shown_.end)).append(", edges ");
    line.append(static_cast<std::int64_t>(shown_.edges)).append(", latest by us ");
    ports_.print(line.append(shown_.latest.count()).append("\n").view());
  }

  Ports& ports_;
  Trace trace_;
  ScriptedSensors sensors_;
  std::array<Work*, 1> works_{};
  Device device_;
  PlayerSnapshot shown_;
  bool begun_ = false;
};

}  // namespace

bool play(Ports& ports, const Board& board, std::string_view source,
          std::span<const ScriptedReading> readings, const TextForms* text) {
  // Without a destructor at exit, which a board never comes to and which would need a heap.
  alignas(Playing) static std::array<std::byte, sizeof(Playing)> storage;
  auto* const playing = new (storage.data()) Playing{ports, board, readings, text};
  const bool good = playing->play(source);
  playing->~Playing();
  return good;
}

}  // namespace takt::firmware
