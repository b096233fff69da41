// SPDX-License-Identifier: Apache-2.0
#include "tools/play/play_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/text.h"
#include "tools/play/phase_ends.h"
#include "tools/programs/run_text.h"

namespace takt {

void PlayLog::note(const EngineStatus& status, Micros at) {
  if (refills_ && status.refills != refills_seen_) {
    refills_seen_ = status.refills;
    fmt::print(to_, "window refill {}, {} so far\n", status.refills, counted(status.edges, "edge"));
  }
  if (phases_ && status.state == EngineState::kPlaying) note_phase(status, at);
}

void PlayLog::note_end(const PhaseEnd& end, Micros at) {
  if (phases_) say_end(end, timeline_.entry(end.entry).phase, at);
  entry_.reset();
}

void PlayLog::say_end(const PhaseEnd& end, std::size_t phase, Micros at) const {
  fmt::print(to_, "{:>9}  {}\n", clock_text(at), sentence_of(end, phase, timeline_.program()));
}

void PlayLog::note_phase(const EngineStatus& status, Micros at) {
  const Entry& now = status.entry;
  if (entry_ && entry_->phase == now.phase && entry_->loop == now.loop &&
      entry_->pass == now.pass) {
    return;
  }
  const Micros began = std::max(at - status.phase_elapsed, Micros{0});
  if (entry_) say_end({}, entry_->phase, began);
  entry_ = now;
  const Program& program = timeline_.program();
  const std::string_view name = program.phases[now.phase].name;
  fmt::print(to_, "{:>9}  phase {} of {}: {}, {}\n", clock_text(began), now.phase + 1,
             program.phases.size(), name.empty() ? "(no name)" : printable(name),
             readable(timeline_.length_of(now.phase)));
  std::fflush(to_);
}

std::string sentence_of(const EngineStatus& status, const Timeline& timeline) {
  std::string text{name_of(status.state)};
  if (status.state == EngineState::kPlaying || status.state == EngineState::kPaused) {
    text += fmt::format(
        ": phase {} of {}: {}, {} of {}; {} of {} in all", status.entry.phase + 1,
        timeline.program().phases.size(), phase_title(timeline.program(), status.entry.phase),
        clock_text(status.phase_elapsed), clock_text(timeline.length_of(status.entry.phase)),
        clock_text(status.elapsed), clock_text(timeline.duration()));
  }
  return text + fmt::format(", {}, at most {} us late", counted(status.edges, "edge"),
                            status.lateness.max.count());
}

}  // namespace takt
