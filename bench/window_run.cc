// SPDX-License-Identifier: Apache-2.0
#include "bench/window_run.h"

#include <algorithm>
#include <span>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"
#include "takt/core/program/builder.h"

namespace takt::bench {
namespace {

using incumbents::Workload;

constexpr const char* kNames[] = {"a", "b", "c", "d", "e", "motor", "direction"};

ProgramSize size_of(const Workload& workload) {
  ProgramSize size;
  size.outputs = std::size(kNames);
  size.phases = 1;
  size.components = workload.spans.size() + 2;
  size.points = workload.spans.size() + workload.steps.size() + workload.tail_steps;
  size.text_bytes = 64;
  return size;
}

void add_motor(ProgramBuilder& builder, const Workload& workload, std::size_t steps,
               std::int64_t repeats, Micros start) {
  Component& component = builder.add_component();
  component.output = Workload::kMotor;
  component.direction = Workload::kDirection;
  component.tick = millis(1);
  component.start = start;
  component.repeats = static_cast<std::uint32_t>(repeats);
  Micros at;
  for (std::size_t i = 0; i < steps; ++i) {
    const Workload::Step& step = workload.steps[i];
    Point& point = builder.add_point();
    point.at = static_cast<std::uint32_t>(at / millis(1));
    point.value =
        static_cast<std::uint32_t>(step.on / millis(1)) | (step.clockwise ? Point::kClockwise : 0U);
    at += step.on + step.pause;
  }
  component.period = at;
}

Program build(const Workload& workload, std::span<std::byte> block) {
  ProgramBuilder builder{size_of(workload), block};
  for (const char* name : kNames) builder.add_output().id = builder.add_text(name);
  builder.outputs()[Workload::kMotor].direction = Workload::kDirection;
  builder.outputs()[Workload::kDirection].kind = OutputKind::kDirection;
  builder.add_phase().name = builder.add_text("wash");
  for (std::size_t i = 0; i < workload.spans.size(); ++i) {
    Component& component = builder.add_component();
    component.output = static_cast<std::uint8_t>(i);
    component.tick = millis(1);
    component.start = workload.spans[i].start;
    component.period = workload.spans[i].length;
    builder.add_point().value = static_cast<std::uint32_t>(component.period / millis(1));
  }
  add_motor(builder, workload, workload.steps.size(), workload.repeats, Micros{0});
  const Micros repeated = builder.components().back().end();
  if (workload.tail_steps > 0) add_motor(builder, workload, workload.tail_steps, 1, repeated);
  return builder.finish(builder.add_text("workload"), 1);
}

}  // namespace

WindowRun::WindowRun(const Workload& workload, incumbents::Sink sink)
    : block_(size_of(workload).bytes() / sizeof(std::max_align_t) + 1), sink_(sink) {
  const Program program = build(workload, std::as_writable_bytes(std::span{block_}));
  IgnoredDiagnostics ignored;
  const Result<Timeline> timeline = check(program, ignored);
  needs_ = EngineNeeds::of(program);
  memory_.resize(needs_.bytes());
  engine_ = std::make_unique<Engine>(EngineMemory{needs_, memory_}, EngineConfig{});
  const Status loaded = engine_->load(timeline.value());
  TAKT_ASSERT(loaded == Status::kOk);
}

std::size_t WindowRun::scheduler_bytes() const {
  return sizeof(Window) + sizeof(Player) + sizeof(Feeder) + needs_.bytes();
}

std::uint64_t WindowRun::run() {
  emitted_ = 0;
  Engine& engine = *engine_;
  // From the end of the run before on, so that time never goes back.
  const Status started = engine.start(now_, now_);
  TAKT_ASSERT(started == Status::kOk);
  std::uint32_t on = 0;
  for (LocalTime fed = now_;;) {
    const Step step = engine.realtime().advance(now_);
    if (step.changed) {
      emit(on, step.levels.on);
      on = step.levels.on;
    }
    if (now_ >= fed) fed = engine.feed(now_);
    const LocalTime next = std::min(step.deadline, fed);
    if (next == kNever) return emitted_;
    now_ = next;
  }
}

void WindowRun::emit(std::uint32_t before, std::uint32_t after) {
  for (const std::uint8_t output : Members{before ^ after}) {
    sink_.fire(sink_.context, output, static_cast<std::uint16_t>(has(after, output)));
    ++emitted_;
  }
}

}  // namespace takt::bench
