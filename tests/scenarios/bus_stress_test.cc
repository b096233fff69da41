// SPDX-License-Identifier: Apache-2.0
// Two publishers, four consumers, and everything that can go wrong between them: stalls, cancelled
// messages, crashes, kept references, removed and re-attached modules. Once on threads, once in one
// thread whose order of events comes from a seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "takt/app/bus/module_loop.h"
#include "takt/core/bus/executor.h"
#include "takt/ports/linux/clock.h"
#include "takt/ports/linux/futex_waiter.h"
#include "takt/ports/virtual/world.h"

namespace takt::bus {
namespace {

// The whole count is TAKT_BUS_BROADCASTS=5000000 in the environment.
std::uint32_t broadcasts() {
  const char* wanted = std::getenv("TAKT_BUS_BROADCASTS");
  return wanted != nullptr ? static_cast<std::uint32_t>(std::stoul(wanted)) : 500'000;
}

constexpr std::size_t kConsumers = 4;
constexpr std::size_t kPublishers = 2;
constexpr std::uint16_t kEntries = 128;

struct Payload {
  std::uint32_t publisher = 0;
  std::uint32_t number = 0;
  std::array<std::uint32_t, 6> check{};

  void fill(std::uint32_t from, std::uint32_t n) {
    publisher = from;
    number = n;
    for (std::uint32_t i = 0; i < check.size(); ++i) check[i] = (n + i) * 2'654'435'761U ^ from;
  }
  bool is_intact() const {
    Payload other;
    other.fill(publisher, number);
    return other.check == check;
  }
};
constexpr Topic<Payload> kTopic{0, "stress"};

struct Rates {
  std::uint32_t crash = 20'000;  ///< One in so many messages.
  std::uint32_t stall = 5'000;
  std::uint32_t keep = 50;
};

/// Checks what it gets. In each life, numbers of one publisher only rise: so nothing comes twice.
class Checker final : public Module {
 public:
  Checker(std::uint32_t seed, Rates rates) : random_(seed), rates_(rates) {}

  void process(const Message& message) override {
    const Payload* payload = message.get(kTopic);
    const std::uint32_t publisher = payload->publisher;
    if (!payload->is_intact() || publisher >= kPublishers || payload->number < next_[publisher]) {
      ++wrong;
    }
    next_[publisher % kPublishers] = payload->number + 1;
    digest = (digest ^ payload->number) * 1'099'511'628'211U;
    ++received;
    if (random_() % rates_.keep == 0) kept_[random_() % kept_.size()] = message.clone(kTopic);
    for (const Reference<Payload>& kept : kept_) {
      const Payload* old = kept.get();
      if (old != nullptr && !old->is_intact()) ++wrong;
    }
    if (random_() % rates_.stall == 0 && stall) stall();
    if (random_() % rates_.crash == 0) throw std::runtime_error("crash");
  }
  void restart(LocalTime) override {
    for (Reference<Payload>& kept : kept_) kept.reset();
  }

  std::atomic<std::uint64_t> received{0};
  std::uint64_t wrong = 0;
  std::uint64_t digest = 14'695'981'039'346'656'037U;
  std::function<void()> stall;

 private:
  std::mt19937 random_;
  Rates rates_;
  std::array<std::uint32_t, kPublishers> next_{};
  std::array<Reference<Payload>, 3> kept_;
};

struct Rig {
  explicit Rig(Waiter* waiter = nullptr) : pool(control, waiter) {
    const Status added = pool.add(sizeof(Payload), memory);
    TAKT_ASSERT(added == Status::kOk);
  }
  ModuleId attach(Module& module, std::size_t consumer) {
    constexpr std::array kPolicies{Policy::kDropNewest, Policy::kDropOldest, Policy::kLatest,
                                   Policy::kWait};
    const ModuleId id =
        registry.attach(module, {.name = "consumer", .keeps = 3, .stall_limit = millis(1)}).value();
    QueueRecord* queue =
        registry.add_queue(id, {.depth = 16, .policy = kPolicies[consumer]}).value();
    const Status subscribed = registry.subscribe(*queue, kTopic);
    TAKT_ASSERT(subscribed == Status::kOk);
    return id;
  }
  std::uint32_t in_use() const { return pool.usage(0).in_use; }
  /// Whatever a queue ever took has come out, in exactly one way.
  void expect_all_accounted_for(std::uint64_t delivered) const {
    std::uint64_t accepted = 0;
    for (std::size_t i = 0; i < registry.queue_count(); ++i) {
      const QueueRecord& queue = registry.queue(i);
      const Histogram::Counts ages = queue.age.counts();
      const std::uint32_t handed_out = std::accumulate(ages.begin(), ages.end(), 0U);
      EXPECT_EQ(queue.ring.accepted(), handed_out + queue.displaced.get() + queue.returned.get());
      EXPECT_TRUE(queue.ring.drained());
      accepted += queue.ring.accepted();
    }
    EXPECT_EQ(accepted, delivered);
    EXPECT_EQ(in_use(), 0U);
  }

  std::vector<std::byte> control = std::vector<std::byte>(Pool::control_bytes(kEntries));
  std::vector<std::byte> memory =
      std::vector<std::byte>(Pool::memory_bytes(sizeof(Payload), kEntries));
  std::vector<std::byte> records = std::vector<std::byte>(32'768);
  Pool pool;
  Bus bus{pool};
  Registry registry{bus, records};
};

class Publisher {
 public:
  Publisher(Rig& world, std::uint32_t id) : world_(world), id_(id), random_(id + 1) {}

  /// One broadcast; one in sixteen is written but never sent.
  void publish(LocalTime now) {
    Result<Loan<Payload>> loan = world_.bus.try_alloc(kTopic, kNobody);
    if (!loan.ok()) {
      ++starved;
      return;
    }
    loan.value()->fill(id_, number_++);
    if (random_() % 16 == 0) return;
    const Broadcast result = world_.bus.publish(kTopic, std::move(loan.value()), now);
    delivered += result.delivered();
    displaced += result.displaced();
  }

  std::uint64_t delivered = 0;
  std::uint64_t displaced = 0;
  std::uint64_t starved = 0;

 private:
  Rig& world_;
  std::uint32_t id_;
  std::uint32_t number_ = 0;
  std::mt19937 random_;
};

/// One consumer after the other in one place: its module, its executor, its thread.
struct Seat {
  std::unique_ptr<Checker> module;
  std::unique_ptr<Executor> executor;
  ModuleId id = kNobody;
  std::thread task;
};

TEST(BusStress, NothingIsLostDoubledOrDamagedOnThreads) {
  const std::uint32_t count = broadcasts();
  LinuxClock clock;
  FutexWaiter waiter(clock);
  Rig world(&waiter);
  std::array<Seat, kConsumers> seats;
  std::uint64_t wrong = 0;
  std::uint64_t received = 0;
  std::uint32_t seed = 1;
  const auto seat_consumer = [&](std::size_t i) {
    Seat& seat = seats[i];
    seat.module = std::make_unique<Checker>(seed++, Rates{});
    seat.module->stall = [] { std::this_thread::yield(); };
    seat.executor = std::make_unique<Executor>(world.registry);
    seat.id = world.attach(*seat.module, i);
    ASSERT_EQ(seat.executor->add(seat.id, clock.now()), Status::kOk);
    seat.task = std::thread([&, executor = seat.executor.get()] { run_modules(*executor, clock); });
  };
  const auto unseat = [&](Seat& seat) {
    while (world.registry.remove(seat.id) != Status::kOk) std::this_thread::yield();
    seat.executor->stop();
    seat.task.join();
    seat.executor.reset();
    wrong += seat.module->wrong;
    received += seat.module->received;
    seat.module.reset();
  };
  for (std::size_t i = 0; i < kConsumers; ++i) seat_consumer(i);

  std::deque<Publisher> publishers;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> publishing{kPublishers};
  for (std::uint32_t p = 0; p < kPublishers; ++p) {
    Publisher& publisher = publishers.emplace_back(world, p);
    threads.emplace_back([&] {
      for (std::uint32_t i = 0; i < count / kPublishers; ++i) {
        publisher.publish(LocalTime{Micros{i}});
        if (i % 256 == 0) std::this_thread::yield();
      }
      --publishing;
    });
  }
  std::mt19937 random(99);
  while (publishing != 0) {
    world.registry.evict_stalled(clock.now());
    waiter.nap();
    if (random() % 16 != 0) continue;
    const std::size_t i = random() % kConsumers;
    unseat(seats[i]);
    seat_consumer(i);
  }
  for (std::thread& thread : threads) thread.join();
  for (Seat& seat : seats) unseat(seat);

  std::uint64_t delivered = 0;
  for (const Publisher& publisher : publishers) delivered += publisher.delivered;
  world.expect_all_accounted_for(delivered);
  EXPECT_EQ(wrong, 0U);
  EXPECT_LE(received, delivered);
  EXPECT_GT(received, delivered / 10);
  const Pool::Faults faults = world.pool.faults();
  EXPECT_EQ(faults.double_releases + faults.stale_releases + faults.stale_reads, 0U);
}

/// Runs the same classes in one thread, in an order that the seed decides; returns a digest of all
/// that any consumer saw.
std::uint64_t simulate(std::uint32_t seed, std::uint32_t count) {
  World time;
  VirtualClock clock(time);
  Rig world;
  std::mt19937 random(seed);
  std::array<Seat, kConsumers> seats;
  std::uint64_t digest = 0;
  std::uint64_t wrong = 0;
  std::uint32_t next_seed = seed;
  const auto seat_consumer = [&](std::size_t i) {
    Seat& seat = seats[i];
    seat.module = std::make_unique<Checker>(next_seed++, Rates{.crash = 500});
    seat.executor = std::make_unique<Executor>(world.registry);
    seat.id = world.attach(*seat.module, i);
    EXPECT_EQ(seat.executor->add(seat.id, clock.now()), Status::kOk);
  };
  const auto unseat = [&](Seat& seat) {
    while (world.registry.remove(seat.id) != Status::kOk) run_turn(*seat.executor, clock);
    wrong += seat.module->wrong;
    digest = digest * 31 + seat.module->digest;
    seat.executor.reset();
    seat.module.reset();
  };
  for (std::size_t i = 0; i < kConsumers; ++i) seat_consumer(i);
  std::deque<Publisher> publishers;
  for (std::uint32_t p = 0; p < kPublishers; ++p) publishers.emplace_back(world, p);

  // A stalled consumer is one whose turn has begun and not ended.
  std::array<Turn, kConsumers> stalled;
  for (std::uint32_t sent = 0; sent < count;) {
    time.run_until(time.now() + Micros{static_cast<std::int64_t>(random() % 100)});
    const std::size_t who = random() % kConsumers;
    Seat& seat = seats[who];
    const auto what = static_cast<std::uint32_t>(random() % 1'000);
    if (what < 500) {
      publishers[what % kPublishers].publish(clock.now());
      ++sent;
    } else if (stalled[who]) {
      if (what < 520) {
        seat.executor->finish(std::move(stalled[who]), clock.now(), Executor::Outcome::kDone);
        stalled[who] = Turn{};
      }
    } else if (what < 505) {
      stalled[who] = seat.executor->begin(clock.now());
    } else if (what == 999) {
      unseat(seat);
      seat_consumer(who);
    } else {
      run_turn(*seat.executor, clock);
    }
    if (what % 16 == 0) world.registry.evict_stalled(clock.now());
  }
  for (std::size_t i = 0; i < kConsumers; ++i) {
    seats[i].executor->finish(std::move(stalled[i]), clock.now(), Executor::Outcome::kCrashed);
    unseat(seats[i]);
  }
  std::uint64_t delivered = 0;
  for (const Publisher& publisher : publishers) delivered += publisher.delivered;
  world.expect_all_accounted_for(delivered);
  EXPECT_EQ(wrong, 0U) << "seed " << seed;
  return digest;
}

TEST(BusStress, TheSimulatedRunIsReproducedByItsSeed) {
  const auto seed = static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
  const std::uint64_t digest = simulate(seed, broadcasts());
  EXPECT_EQ(simulate(seed, broadcasts()), digest) << "seed " << seed;
  EXPECT_NE(simulate(seed + 1, broadcasts()), digest) << "seed " << seed;
}

}  // namespace
}  // namespace takt::bus
