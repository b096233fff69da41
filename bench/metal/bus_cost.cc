// SPDX-License-Identifier: Apache-2.0
// Counts the instructions of a message on a Cortex-M3: over takt's bus, in queues of copied values,
// and in a bare pool of pointers. Prints `name value` lines, as cost.cc.
#include <cstdint>
#include <string_view>

#include "bench/bus_ways.h"
#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"
#include "takt/ports/cortex_m/console.h"
#include "takt/ports/cortex_m/semihosting.h"
#include "takt/ports/cortex_m/stopwatch.h"

namespace takt::bench {
namespace {

class Bench {
 public:
  Bench() : console_(mps2::uart0()) {}

  void compare(unsigned bytes, unsigned consumers) {
    measure<TaktWay>("takt", bytes, consumers);
    measure<CopiedWay<PlainSection>>("section", bytes, consumers);
    measure<CopiedWay<Spinlock>>("spinlock", bytes, consumers);
    measure<BarePoolWay<PlainSection>>("pool_section", bytes, consumers);
    measure<BarePoolWay<Spinlock>>("pool_spinlock", bytes, consumers);
  }

 private:
  static constexpr unsigned kBroadcasts = 100;

  /// Of a broadcast: filled, passed, and read and let go by each consumer.
  template <typename Way>
  void measure(std::string_view name, unsigned bytes, unsigned consumers) {
    Way way{bytes, consumers};
    std::uint32_t seen = 0;
    const std::uint32_t begin = Stopwatch::ticks();
    for (unsigned i = 0; i < kBroadcasts; ++i) {
      const unsigned reached = way.publish(i);
      TAKT_ASSERT(reached == consumers);
      for (unsigned c = 0; c < consumers; ++c) {
        const bool came = way.consume(c, i, seen);
        TAKT_ASSERT(came);
      }
    }
    const std::uint64_t instructions = instructions_.of(Stopwatch::ticks() - begin);
    TAKT_ASSERT(seen >= kBroadcasts);
    console_.write(FixedText<80>{"bus_"}
                       .append(name)
                       .append("_")
                       .append(std::int64_t{bytes})
                       .append("_")
                       .append(std::int64_t{consumers})
                       .append(" ")
                       .append(static_cast<std::int64_t>(instructions / kBroadcasts))
                       .append("\n")
                       .view());
  }

  Console console_;
  Instructions instructions_;
};

}  // namespace
}  // namespace takt::bench

int main() {
  takt::set_assert_hook([](const char* /*file*/, int line, const char* what) {
    takt::Console console{takt::mps2::uart0()};
    console.write(takt::FixedText<160>{what}.append(" ").append(std::int64_t{line}).view());
    takt::end_emulation(false);
  });
  takt::Stopwatch::start();
  takt::bench::Bench bench;
  for (const unsigned bytes : {64U, 1'108U}) {
    for (const unsigned consumers : {1U, 4U}) bench.compare(bytes, consumers);
  }
  return 0;
}
