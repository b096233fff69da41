// SPDX-License-Identifier: Apache-2.0
// The bus beside queues of copied values, a mutex-guarded pool, and what a device would have.
#pragma once

#include <vector>

namespace takt {

/// One figure for each of the three ways to pass a message.
struct ThreeWays {
  double takt = 0;
  double copied = 0;
  double mutex_pool = 0;
};

/// The same for what a device without mutexes has; the first three ways have the host's.
struct DeviceRivals {
  double copied_section = 0;   ///< Interrupts off for the copy. 0: not measured, in two threads.
  double copied_spinlock = 0;  ///< What a chip with two cores needs.
  double bare_pool = 0;        ///< Pointers: with a section in one thread, a spinlock in two.
};

struct BusCase {
  unsigned payload_bytes = 0;
  unsigned consumers = 0;
  unsigned threads = 0;            ///< 2: the publisher has one of its own.
  ThreeWays ns;                    ///< Per broadcast: filling, passing, reading and releasing.
  DeviceRivals device_ns;          ///< Likewise.
  ThreeWays bytes_copied;          ///< Per broadcast.
  ThreeWays typical_lock_hold_ns;  ///< Median.
  ThreeWays longest_lock_hold_ns;  ///< What the scheduler adds while a lock is held counts.
};

/// The seed's case: 70 queue places, on seven modules; all that the bus keeps for them counts, the
/// modules' own records included.
struct BusMemory {
  unsigned copied_bytes = 0;
  unsigned takt_queue_bytes = 0;
  unsigned takt_pool_bytes = 0;
  unsigned takt_fixed_bytes = 0;  ///< On top, whatever the number of queues: the bus, its pool.
  unsigned takt_bytes() const { return takt_queue_bytes + takt_pool_bytes; }
};

/// 100 broadcasts to a consumer that never takes and one that always does; 18 entries, queues of
/// 32 places.
struct BusStalled {
  unsigned broadcasts = 0;
  ThreeWays healthy_lost;
  ThreeWays entries_left;  ///< Free at the end; copied values have no pool: 0.
};

/// All entries are held by readers.
struct BusExhausted {
  double failing_try_alloc_ns = 0;
  unsigned failures_counted = 0;
  double alloc_for_waited_us = 0;  ///< With a timeout of 2,000 us, nothing coming free.
};

struct BusCrossover {
  unsigned consumers = 0;
  unsigned payload_bytes = 0;  ///< From here on takt beats copied values; 0: nowhere measured.
  unsigned section_payload_bytes = 0;  ///< The same for values that are copied in a section.
};

struct BusBench {
  std::vector<BusCase> cases;
  BusMemory memory;
  BusStalled stalled;
  BusExhausted exhausted;
  std::vector<BusCrossover> crossover;  ///< Single thread.
};

/// Measures all of it. `effort` scales the number of broadcasts; 1 takes some seconds.
BusBench bench_bus(double effort = 1);

}  // namespace takt
