// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/memory_report.h"

#include <bit>

#include "takt/core/base/bits.h"

namespace takt {
namespace {

/// A line of a module: "[Mem] ... (0ms)". 127 characters between these two are what a log takes.
class Line {
 public:
  explicit Line(std::string_view start) : text_(start) {}

  Line& add(std::string_view text) {
    text_.append(text);
    return *this;
  }
  Line& add(std::size_t number) {
    text_.append(static_cast<std::int64_t>(number));
    return *this;
  }
  void send(MemorySink& sink) { sink.line(text_.append(" (0ms)").view()); }

 private:
  FixedText<160> text_;
};

std::size_t percent(int value) { return static_cast<std::size_t>(value); }

// These two are not inlined, so that their lines are off the stack before the dump, which may come
// on the stack of any task.
[[gnu::noinline]] void print(MemorySink& sink, std::string_view point, const MemorySnapshot& s) {
  Line line("[Mem] ");
  line.add(point).add(" hf=").add(s.hf).add(" hm=").add(s.hm).add(" hl=").add(s.hl);
  line.add(" hi=").add(s.hi).add(" hin=").add(s.hin).add(" frag=").add(percent(s.frag));
  line.add(" pf=").add(s.pf).add(" pm=").add(s.pm).add(" pl=").add(s.pl).send(sink);
}

[[gnu::noinline]] void print(MemorySink& sink, std::string_view point, const MemorySnapshot& s,
                             const Trip& trip) {
  Line line("[Mem] TRIPWIRE fired tag=");
  line.add(point).add(" hin=").add(trip.low).add("B < ").add(trip.threshold);
  line.add("B (hf=").add(s.hf).add("B hl=").add(s.hl).add("B frag=").add(percent(s.frag));
  line.add("% pf=").add(s.pf).add("B pl=").add(s.pl).add("B)").send(sink);
}

std::string_view name_of(Placement placement) {
  switch (placement) {
    case Placement::kInternal: return "internal";
    case Placement::kExternal: return "external";
    case Placement::kPreferExternal: return "prefer_external";
    case Placement::kDma: return "dma";
  }
  return "unknown";
}

std::string_view name_of(Refusal reason) {
  switch (reason) {
    case Refusal::kRoom: return "room";
    case Refusal::kLimit: return "limit";
    case Refusal::kFault: return "fault";
  }
  return "unknown";
}

}  // namespace

Word::Word(std::string_view text, std::string_view rest) {
  for (const std::string_view part : {text, rest}) {
    for (const char c : part) {
      const bool fits = static_cast<unsigned char>(c) > ' ' && c != '\x7f';
      text_.append(fits ? std::string_view(&c, 1) : std::string_view("_"));
    }
  }
  if (text_.empty()) text_.append("_");
}

MemoryReporter::MemoryReporter(Memory& memory, const TaskTable& tasks, MemorySink& sink)
    : memory_(memory), tasks_(tasks), sink_(sink) {
  memory_.set_observer(this);
}

bool MemoryReporter::wants(std::string_view point) const {
  return detail_ || point == "boot" || point == "setup" || point == "hb";
}

MemorySnapshot MemoryReporter::snapshot(Word point) {
  const MemorySnapshot figures = memory_.snapshot();
  if (wants(point.view())) {
    print(sink_, point.view(), figures);
    sink_.event({MemoryEvent::Kind::kSnapshot, point, figures});
  }
  if (const auto trip = memory_.take_trip()) fire(point.view(), *trip);
  return figures;
}

void MemoryReporter::print_all(Word point) {
  print_tasks(point.view());
  print_top_tags();
  print_recent();
}

void MemoryReporter::on_trip(const Trip& trip) { fire(memory_.figures(trip.tag).name, trip); }

void MemoryReporter::fire(std::string_view point, const Trip& trip) {
  const MemorySnapshot s = memory_.snapshot();
  print(sink_, point, s, trip);
  const Word word(point);
  sink_.event({MemoryEvent::Kind::kTripwire, word, s});
  print_all(word);
}

void MemoryReporter::print_tasks(std::string_view point) {
  if (dumping_.exchange(true)) return;  // Another task is dumping the same tasks.
  const std::size_t total = tasks_.worst(dump_);
  Line("[Mem] Task dump (")
      .add(total)
      .add(" tasks, sorted by stack margin) tag=")
      .add(point)
      .send(sink_);
  for (std::size_t i = 0; i < total && i < dump_.size(); ++i) {
    const TaskFigures& task = dump_[i];
    Line line("[Task] name=");
    line.add(task.name).add(" prio=").add(std::size_t{task.priority});
    line.add(" core=").add(static_cast<std::size_t>(task.core));
    line.add(" stack_rem=").add(task.stack_rem).add("B").send(sink_);
  }
  if (total > dump_.size()) {
    Line("[Mem] Task dump truncated: total=").add(total).add(" max=").add(dump_.size()).send(sink_);
  }
  dumping_ = false;
}

// By selection instead of sorting: no second table, and five passes over 32 tags are nothing.
void MemoryReporter::print_top_tags() {
  std::uint32_t printed = 0;
  for (std::size_t rank = 0; rank < kTopTags; ++rank) {
    TagFigures top;
    std::size_t top_index = 0;
    for (std::size_t i = 0; i < memory_.tag_count(); ++i) {
      const TagFigures figures = memory_.figures(Tag{static_cast<std::uint8_t>(i)});
      if (has(printed, i) || figures.live <= top.live) continue;
      top = figures;
      top_index = i;
    }
    if (top.live == 0) return;
    printed |= bit(top_index);
    Line line("[Mem] Tag name=");
    line.add(top.name).add(" live=").add(top.live).add("B on_chip=").add(top.on_chip);
    line.add("B peak=").add(top.peak).add("B blocks=").add(std::size_t{top.blocks});
    line.add(" failures=").add(std::size_t{top.failures}).send(sink_);
  }
}

void MemoryReporter::print_recent() {
  for (std::size_t r = 0; r < memory_.region_count(); ++r) {
    if (memory_.region(r).kind != RegionKind::kInternal) continue;
    std::array<Memory::Recent, Memory::kRecent> recent;
    const std::size_t count = memory_.recent(r, recent);
    for (std::size_t i = 0; i < count; ++i) {
      Line line("[Mem] Recent region=");
      line.add(memory_.region(r).name).add(" age=").add(i);
      line.add(" tag=").add(memory_.figures(recent[i].tag).name);
      line.add(" size=").add(recent[i].bytes).add("B").send(sink_);
    }
  }
}

// At the 1st, 2nd, 4th, 8th ... refusal of a tag: a full heap must not flood the log.
void MemoryReporter::on_refusal(const RefusedRequest& refused) {
  if (!std::has_single_bit(refused.tag_failures)) return;
  const MemorySnapshot s = memory_.snapshot();
  const std::string_view tag = memory_.figures(refused.request.tag).name;
  Line line("[Mem] REFUSED tag=");
  line.add(tag).add(" size=").add(refused.request.bytes);
  line.add("B placement=").add(name_of(refused.request.placement));
  line.add(" by=").add(name_of(refused.reason));
  line.add(" failures=").add(std::size_t{refused.tag_failures});
  line.add(" (hf=").add(s.hf).add("B hl=").add(s.hl).add("B pf=").add(s.pf);
  line.add("B pl=").add(s.pl).add("B)").send(sink_);
  sink_.event({MemoryEvent::Kind::kRefusal, Word(tag), s});
}

}  // namespace takt
