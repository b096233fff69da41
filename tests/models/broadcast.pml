// SPDX-License-Identifier: Apache-2.0
/* How a message is handed out and given back: core/bus/bus.h, send(), and core/bus/pool.h, release().
 *
 * Two publishers broadcast to two consumers through queues of one place and a pool of two slots, so
 * that slots are used again while late releases are still on their way, and queues are full now and
 * then. Each step on a shared word is one atomic step, as its compare-and-swap is.
 *
 * With -DREVERSED the count is raised after the enqueue, as the earlier design had it: then a fast
 * consumer frees a message that is still being handed out, and spin must find that.
 */
#define SLOTS 2
#define CONSUMERS 2
#define PUBLISHERS 2
#define BROADCASTS 2

byte holders[SLOTS];
bool is_free[SLOTS] = true;
byte written_by[SLOTS];       /* The payload: who wrote it last. */
chan queue[CONSUMERS] = [1] of { byte, byte };  /* Slot, and what its payload must say. */
byte publishers_done;

inline release(s, n) {
  d_step {
    assert(!is_free[s]);
    assert(holders[s] >= (n));  /* In brackets: parameters are pasted in as text. */
    holders[s] = holders[s] - (n);
    if
    :: holders[s] == 0 -> is_free[s] = true
    :: else
    fi
  }
}

proctype Publisher(byte me) {
  byte slot, target, unused, sent;
  do
  :: sent == BROADCASTS -> break
  :: else ->
    atomic {  /* One compare-and-swap on the free list. */
      if
      :: is_free[0] -> slot = 0
      :: is_free[1] -> slot = 1
      fi;
      assert(holders[slot] == 0);
      is_free[slot] = false;
      holders[slot] = 1
    }
    written_by[slot] = 10 * me + sent;
    unused = 0;
    target = 0;
#ifndef REVERSED
    holders[slot] = CONSUMERS;  /* A plain store: nobody else holds the slot yet. */
#endif
    do
    :: target == CONSUMERS -> break
    :: else ->
      if
      :: nfull(queue[target]) -> queue[target] ! slot, 10 * me + sent;
#ifdef REVERSED
         holders[slot] = holders[slot] + 1
#endif
      :: full(queue[target]) ->
#ifndef REVERSED
         unused++
#else
         skip
#endif
      fi;
      target++
    od;
#ifdef REVERSED
    release(slot, 1);
#else
    /* The references of queues that took nothing are still the publisher's. */
    if
    :: unused > 0 -> release(slot, unused)
    :: else
    fi;
#endif
    sent++
  od;
  publishers_done++
}

proctype Consumer(byte me) {
  byte slot, expected;
  do
  :: queue[me] ? slot, expected ->
    assert(!is_free[slot]);
    assert(written_by[slot] == expected);  /* Intact when the handler begins, */
    assert(written_by[slot] == expected);  /* and when it ends. */
    release(slot, 1)
  :: publishers_done == PUBLISHERS && empty(queue[me]) -> break
  od
}

init {
  byte i;
  atomic {
    for (i : 0 .. PUBLISHERS - 1) { run Publisher(i + 1) }
    for (i : 0 .. CONSUMERS - 1) { run Consumer(i) }
  }
  _nr_pr == 1;  /* All have ended: */
  for (i : 0 .. SLOTS - 1) {
    assert(is_free[i] && holders[i] == 0)
  }
}
