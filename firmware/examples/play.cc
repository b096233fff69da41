// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/examples/play.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "takt/app/playback/halves.h"
#include "takt/core/base/text.h"
#include "takt/core/program/codec.h"
#include "takt/firmware/examples/traced.h"

namespace takt::firmware {
namespace {

/// All memory for programs; 48 KiB are enough for a thousand components.
class Memory {
 public:
  /// An empty span: there is not so much left.
  std::span<std::byte> take(std::size_t bytes) {
    if (bytes > block_.size() - used_) return {};
    const std::span<std::byte> part{block_.data() + used_, bytes};
    constexpr std::size_t kAlign = alignof(std::max_align_t);
    used_ += (bytes + kAlign - 1) / kAlign * kAlign;
    return part;
  }
  std::size_t used() const { return used_; }

 private:
  alignas(std::max_align_t) std::array<std::byte, std::size_t{48} * 1024> block_{};
  std::size_t used_ = 0;
};

Memory g_memory;

class PrintingSink final : public DiagnosticSink {
 public:
  explicit PrintingSink(Device& device) : device_(device) {}
  void report(const Diagnostic& diagnostic) override {
    if (diagnostic.severity != Severity::kError) return;
    device_.print(diagnostic.pointer.view());
    device_.print(": ");
    device_.print(diagnostic.message.view());
    device_.print("\n");
  }

 private:
  Device& device_;
};

Result<Timeline> load(std::string_view source, DiagnosticSink& sink) {
  Loader loader{source, {}, sink};
  if (const Status status = loader.scan(); status != Status::kOk) return status;
  const std::span<std::byte> scratch = g_memory.take(loader.scratch_bytes());
  if (scratch.size() < loader.scratch_bytes()) return Status::kNoMemory;
  if (const Status status = loader.measure(scratch); status != Status::kOk) return status;
  const std::span<std::byte> block = g_memory.take(loader.program_bytes());
  if (block.size() < loader.program_bytes()) return Status::kNoMemory;
  const Result<Program> program = loader.build(block);
  if (!program.ok()) return program.status();
  return check(program.value(), sink);
}

bool good(Device& device, std::string_view what, Status status) {
  if (status == Status::kOk) return true;
  device.print(FixedText<64>{what}.append(": ").append(name_of(status)).append("\n").view());
  return false;
}

bool play_with(Device& device, Engine& engine, const Program& program) {
  Traced traced{device, program.outputs};
  std::array<PinConfig, kMaxOutputs> pins;
  describe_pins(program, pins);
  const std::span<PinConfig> used{pins.data(), program.outputs.size()};
  for (PinConfig& pin : used) {
    if (pin.analog) pin.pin = -1;  // The board has no converters: they are in the trace only.
  }
  if (!good(device, "outputs", traced.configure(used))) return false;

  RealtimeHalf realtime{engine.realtime(), traced, device.watchdog()};
  ControlHalf control{engine, device.realtime()};
  const LocalTime now = device.clock().now();
  const LocalTime start = now + millis(10);
  if (!good(device, "start", engine.start(start, now))) return false;
  traced.start(realtime, start);
  if (!good(device, "interrupt", device.realtime().start(traced)) ||
      !good(device, "main loop", device.ordinary().start(control))) {
    return false;
  }
  device.run_until([&] {
    traced.drain();
    return engine.status(device.clock().now()).end != EndReason::kNone;
  });
  device.ordinary().stop();
  device.realtime().stop();

  const EngineStatus status = engine.status(device.clock().now());
  FixedText<160> line{name_of(status.end)};
  line.append(", edges ").append(static_cast<std::int64_t>(status.edges));
  line.append(", latest by us ").append(status.lateness.max.count());
  line.append(", memory ").append(static_cast<std::int64_t>(g_memory.used()));
  device.print(line.append("\n").view());
  return traced.finish() && status.end == EndReason::kFinished;
}

}  // namespace

bool play(Device& device, std::string_view source) {
  PrintingSink sink{device};
  const Result<Timeline> timeline = load(source, sink);
  if (!good(device, "program", timeline.status())) return false;
  const Program& program = timeline.value().program();
  const EngineNeeds needs = EngineNeeds::of(program);
  const std::span<std::byte> block = g_memory.take(needs.bytes());
  if (block.size() < needs.bytes()) return good(device, "engine", Status::kNoMemory);
  Engine engine{{needs, block}, {}};
  if (!good(device, "engine", engine.load(timeline.value()))) return false;
  return play_with(device, engine, program);
}

}  // namespace takt::firmware
