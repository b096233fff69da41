// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/snapshot.h"

#include <numeric>

namespace takt::bus {
namespace {

QueueFigures figures_of(const Registry& registry, const QueueRecord& queue) {
  QueueFigures figures;
  figures.module = registry.module(queue.module.load())->options.name;
  figures.number = queue.number;
  figures.lane = queue.options.lane;
  figures.depth = queue.ring.depth();
  figures.length = queue.ring.length();
  figures.peak_length = queue.lengths.peak();
  figures.average_length_milli = queue.lengths.average_milli();
  figures.accepted = queue.ring.accepted();
  figures.dropped = queue.dropped.get();
  figures.displaced = queue.displaced.get();
  figures.returned = queue.returned.get();
  figures.age = queue.age.counts();
  // Each delivery is in the histogram, so it need not be counted twice.
  figures.delivered = std::accumulate(figures.age.begin(), figures.age.end(), 0U);
  return figures;
}

ModuleFigures figures_of(const Registry& registry, ModuleId id, const ModuleRecord& record) {
  ModuleFigures figures;
  figures.name = record.options.name;
  figures.id = id;
  figures.ready = record.state.load() == ModuleRecord::State::kReady;
  figures.handled = record.handled.get();
  figures.kept = registry.pool().ledger(id).held();
  figures.crashes = record.crashes.get();
  figures.stalls = record.stalls.get();
  figures.restarts = record.restarts.get();
  figures.returned = record.returned.get();
  figures.longest_hold_us = record.longest_hold_us.get();
  figures.hold = record.hold.counts();
  return figures;
}

}  // namespace

void take_snapshot(const Registry& registry, Snapshot& snapshot) {
  snapshot.size_count = registry.pool().class_count();
  for (std::size_t i = 0; i < snapshot.size_count; ++i)
    snapshot.sizes[i] = registry.pool().usage(i);
  snapshot.faults = registry.pool().faults();

  snapshot.queue_count = 0;
  for (std::size_t i = 0; i < registry.queue_count(); ++i) {
    const QueueRecord& queue = registry.queue(i);
    if (queue.module.load() == kNobody) continue;
    snapshot.queues[snapshot.queue_count++] = figures_of(registry, queue);
  }
  snapshot.module_count = 0;
  for (unsigned i = 1; i <= kMaxModules; ++i) {
    const auto id = static_cast<ModuleId>(i);
    const ModuleRecord* record = registry.module(id);
    if (record == nullptr || record->state.load() == ModuleRecord::State::kFree) continue;
    snapshot.modules[snapshot.module_count++] = figures_of(registry, id, *record);
  }
  snapshot.topic_count = 0;
  for (std::size_t i = 0; i < kMaxTopics; ++i) {
    const TopicRecord& topic = registry.topics()[i];
    if (topic.name == nullptr) continue;
    snapshot.topics[snapshot.topic_count++] = {topic.name, static_cast<std::uint8_t>(i),
                                               topic.tally.in_use.load(), topic.tally.limit,
                                               topic.tally.refused.load()};
  }
}

}  // namespace takt::bus
