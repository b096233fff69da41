// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/records.h"

namespace takt::bus {

void QueueRecord::close(Waiter* waiter) {
  ring.close();
  space.signal_after_store(waiter);
}

[[gnu::cold, gnu::noinline]] void QueueRecord::discard(Slot* slot, Handle handle) {
  returned.add();
  if (slot != nullptr) Pool::release(*slot, handle);
}

bool Records::empty_queues(ModuleRecord& record) {
  bool drained = true;
  for (unsigned i = 0; i < record.queue_count; ++i) {
    QueueRecord& queue = *record.queues[i];
    queue.close(pool.waiter());
    for (Handle handle = queue.ring.pop(); handle; handle = queue.ring.pop()) {
      Pool::release(handle);
      queue.returned.add();
      record.returned.add();
    }
    drained = drained && queue.ring.drained();
  }
  return drained;
}

}  // namespace takt::bus
