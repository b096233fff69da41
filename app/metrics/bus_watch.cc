// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_watch.h"

#include "takt/core/base/text.h"

namespace takt {

using Line = FixedText<160>;
using bus::ModuleFigures;
using bus::Pool;
using bus::QueueFigures;

bool BusWatch::is_due(Subject& subject, std::uint32_t count, LocalTime now, std::uint32_t& more) {
  more = count - subject.reported;
  if (more == 0 || now < subject.quiet_until) return false;
  subject.reported = count;
  subject.quiet_until = now + kQuiet;
  return true;
}

void BusWatch::report(const bus::Snapshot& snapshot, LocalTime now, TextOut& log) {
  std::uint32_t more = 0;
  for (std::size_t i = 0; i < snapshot.size_count; ++i) {
    const Pool::ClassUsage& size = snapshot.sizes[i];
    if (!is_due(failures_[i], size.failures, now, more)) continue;
    Line line;
    line.append("bus: no free slot of ").append(std::int64_t{size.payload_bytes});
    line.append(" B, ").append(std::int64_t{more}).append(" times; in use ");
    line.append(std::int64_t{size.in_use}).append(" of ").append(std::int64_t{size.total});
    log.write(line.append("\n").view());
  }
  for (std::size_t i = 0; i < snapshot.queue_count; ++i) {
    const QueueFigures& queue = snapshot.queues[i];
    if (is_due(losses_[queue.number], queue.dropped + queue.displaced, now, more)) {
      Line line;
      line.append("bus: ").append(queue.module).append(" lost ").append(std::int64_t{more});
      line.append(" messages in queue ").append(std::int64_t{queue.number});
      log.write(line.append("\n").view());
    }
    Subject& filling = fillings_[queue.number];
    if (4 * queue.length <= 3 * queue.depth || now < filling.quiet_until) continue;
    filling.quiet_until = now + kQuiet;
    Line line;
    line.append("bus: queue ").append(std::int64_t{queue.number}).append(" of ");
    line.append(queue.module).append(" is over 75 % full: ").append(std::int64_t{queue.length});
    log.write(line.append(" of ").append(std::int64_t{queue.depth}).append("\n").view());
  }
  for (std::size_t i = 0; i < snapshot.module_count; ++i) {
    const ModuleFigures& module = snapshot.modules[i];
    if (!is_due(restarts_[module.id], module.restarts, now, more)) continue;
    Line line;
    line.append("bus: ").append(module.name).append(" was restarted ");
    line.append(std::int64_t{more}).append(" times; crashes ").append(std::int64_t{module.crashes});
    log.write(line.append(", stalls ").append(std::int64_t{module.stalls}).append("\n").view());
  }
  const Pool::Faults& faults = snapshot.faults;
  if (is_due(faults_, faults.double_releases + faults.stale_releases + faults.stale_reads, now,
             more)) {
    Line line;
    line.append("bus: caught ").append(std::int64_t{more});
    log.write(line.append(" uses of references that were released already\n").view());
  }
}

}  // namespace takt
