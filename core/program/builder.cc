// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/builder.h"

#include <algorithm>

namespace takt {
namespace {

/// Tables lie one behind the other, the most strictly aligned first, so only their order matters.
template <typename Row>
std::size_t place_after(std::size_t offset, std::size_t rows) {
  return (offset + alignof(Row) - 1) / alignof(Row) * alignof(Row) + rows * sizeof(Row);
}

struct Layout {
  std::size_t outputs, interlocks, patterns, phases, components, points, loops, segments, text;
};

/// Where each table ends.
Layout layout_of(const ProgramSize& size) {
  Layout end{};
  end.outputs = place_after<Output>(0, size.outputs);
  end.interlocks = place_after<Interlock>(end.outputs, size.interlocks);
  end.patterns = place_after<Pattern>(end.interlocks, size.patterns);
  end.phases = place_after<Phase>(end.patterns, size.phases);
  end.components = place_after<Component>(end.phases, size.components);
  end.points = place_after<Point>(end.components, size.points);
  end.loops = place_after<Loop>(end.points, size.loops);
  end.segments = place_after<Segment>(end.loops, size.segments);
  end.text = end.segments + size.text_bytes;
  return end;
}

}  // namespace

std::size_t ProgramSize::bytes() const { return layout_of(*this).text; }

ProgramBuilder::ProgramBuilder(const ProgramSize& size, std::span<std::byte> block)
    : bytes_(size.bytes()) {
  TAKT_ASSERT(block.size() >= bytes_);
  TAKT_ASSERT(reinterpret_cast<std::uintptr_t>(block.data()) % alignof(std::max_align_t) == 0);
  const Layout end = layout_of(size);
  std::byte* const memory = block.data();
  outputs_.place(memory + end.outputs - size.outputs * sizeof(Output), size.outputs);
  interlocks_.place(memory + end.interlocks - size.interlocks * sizeof(Interlock), size.interlocks);
  phases_.place(memory + end.phases - size.phases * sizeof(Phase), size.phases);
  components_.place(memory + end.components - size.components * sizeof(Component), size.components);
  points_.place(memory + end.points - size.points * sizeof(Point), size.points);
  loops_.place(memory + end.loops - size.loops * sizeof(Loop), size.loops);
  patterns_.place(memory + end.patterns - size.patterns * sizeof(Pattern), size.patterns);
  segments_.place(memory + end.segments - size.segments * sizeof(Segment), size.segments);
  text_.place(memory + end.text - size.text_bytes, size.text_bytes);
}

Phase& ProgramBuilder::add_phase() {
  Phase& phase = phases_.add();
  phase.first_component = components_.count();
  return phase;
}

Component& ProgramBuilder::add_component() {
  TAKT_ASSERT(phases_.count() > 0);
  phases_.rows().back().component_count += 1;
  Component& component = components_.add();
  component.first_point = points_.count();
  return component;
}

Point& ProgramBuilder::add_point() {
  TAKT_ASSERT(components_.count() > 0);
  components_.rows().back().point_count += 1;
  return points_.add();
}

std::string_view ProgramBuilder::add_text(std::string_view text) {
  if (text.empty()) return {};
  char* const first = &text_.add();
  for (std::size_t i = 1; i < text.size(); ++i) text_.add();
  std::copy(text.begin(), text.end(), first);
  return {first, text.size()};
}

Program ProgramBuilder::finish(std::string_view name, std::uint32_t repeats) const {
  Program program;
  program.name = name;
  program.repeats = repeats;
  program.outputs = outputs_.rows();
  program.interlocks = interlocks_.rows();
  program.phases = phases_.rows();
  program.components = components_.rows();
  program.points = points_.rows();
  program.loops = loops_.rows();
  if (patterns_.count() > 0) {
    Pattern& pattern = patterns_.rows().front();
    pattern.score.segments = segments_.rows();
    program.pattern = &pattern;
  }
  program.memory_bytes = bytes_;
  return program;
}

}  // namespace takt
