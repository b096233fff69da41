// SPDX-License-Identifier: Apache-2.0
// A bus with two modules in the main loop, fed by an interrupt.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "takt/core/base/text.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/executor.h"
#include "takt/core/bus/registry.h"
#include "takt/firmware/example.h"

namespace takt::firmware {
namespace {

struct Reading {
  std::uint32_t number = 0;
  std::int32_t value = 0;
};
struct Mean {
  std::uint32_t readings = 0;
  std::int32_t value = 0;
};

constexpr bus::Topic<Reading> kReading{1, "reading"};
constexpr bus::Topic<Mean> kMean{2, "mean"};
constexpr std::uint32_t kReadings = 1'000;
constexpr std::uint32_t kReadingsOfMean = 10;
constexpr Micros kPeriod = millis(10);
constexpr std::size_t kSlots = 32;
constexpr std::uint16_t kDepth = 8;

/// The interrupt: publishes a reading each period.
class Sensor final : public Work {
 public:
  Sensor(bus::Bus& bus, Ports& ports) : bus_(bus), ports_(ports) {}

  LocalTime run(LocalTime now) override {
    if (next_ == LocalTime{}) next_ = now;
    if (now < next_) return next_;
    Result<bus::Loan<Reading>> loan = bus_.try_alloc(kReading, bus::kNobody);
    if (loan.ok()) {
      *loan.value() = {sent_, static_cast<std::int32_t>(sent_ * 7 % 100)};
      const bus::Broadcast sent = bus_.publish(kReading, std::move(loan.value()), next_);
      dropped_ += sent.dropped();
    } else {
      ++dropped_;
    }
    ports_.watchdog()->feed();
    next_ += kPeriod;
    if (++sent_ < kReadings) return next_;
    done_.store(true, std::memory_order_release);
    return kNever;
  }
  bool done() const { return done_.load(std::memory_order_acquire); }
  std::uint32_t dropped() const { return dropped_; }
  LocalTime first() const { return next_ - kPeriod * std::int64_t{sent_}; }

 private:
  bus::Bus& bus_;
  Ports& ports_;
  LocalTime next_;
  std::uint32_t sent_ = 0;
  std::uint32_t dropped_ = 0;
  std::atomic<bool> done_{false};
};

/// Makes means of readings.
class Meter final : public bus::Module {
 public:
  explicit Meter(bus::Bus& bus) : bus_(bus) {}

  void process(const bus::Message& message) override {
    sum_ += message.get(kReading)->value;
    if (++count_ % kReadingsOfMean != 0) return;
    Result<bus::Loan<Mean>> loan = bus_.try_alloc(kMean, bus::kNobody);
    if (!loan.ok()) return;
    *loan.value() = {count_, sum_ / static_cast<std::int32_t>(kReadingsOfMean)};
    sum_ = 0;
    static_cast<void>(bus_.publish(kMean, std::move(loan.value()), message.published()));
  }

 private:
  bus::Bus& bus_;
  std::uint32_t count_ = 0;
  std::int32_t sum_ = 0;
};

/// Writes what it sees of both.
class Recorder final : public bus::Module {
 public:
  Recorder(Ports& ports, const Sensor& sensor) : ports_(ports), sensor_(sensor) {}

  void process(const bus::Message& message) override {
    FixedText<80> row;
    row.append((message.published() - sensor_.first()).count());
    if (const Reading* const reading = message.get(kReading)) {
      row.append(",reading,").append(std::int64_t{reading->value});
      ++readings_;
    } else if (const Mean* const mean = message.get(kMean)) {
      row.append(",mean,").append(std::int64_t{mean->value});
      last_mean_ = mean->readings;
    }
    ports_.trace(row.append("\n").view());
  }
  bool done() const { return readings_ == kReadings && last_mean_ == kReadings; }

 private:
  Ports& ports_;
  const Sensor& sensor_;
  std::uint32_t readings_ = 0;
  std::uint32_t last_mean_ = 0;
};

/// The main loop: all modules have their turn, until the recorder has seen everything. False: all
/// was sent, and it has not.
bool run_modules(Ports& ports, bus::Executor& executor, const Sensor& sensor,
                 const Recorder& recorder) {
  while (!recorder.done()) {
    const bool sent = sensor.done();  // Before the look for work, so that the last one is seen.
    if (bus::Turn turn = executor.begin(ports.clock().now())) {
      turn.run();
      executor.finish(std::move(turn), ports.clock().now(), bus::Executor::Outcome::kDone);
    } else if (sent) {
      return false;
    } else {
      executor.wait();
    }
  }
  return true;
}

constexpr std::size_t kBusBytes =
    2 * bus::Registry::module_bytes(4) + 2 * bus::Registry::queue_bytes(kDepth) + 64;

alignas(std::max_align_t) std::array<std::byte, bus::Pool::control_bytes(kSlots)> g_control;
alignas(std::max_align_t)
    std::array<std::byte, bus::Pool::memory_bytes(sizeof(Reading), kSlots)> g_slots;
alignas(std::max_align_t) std::array<std::byte, kBusBytes> g_bus_memory;

bool attach(bus::Registry& registry, bus::Executor& executor, bus::Module& module, const char* name,
            bool means, LocalTime now) {
  const Result<bus::ModuleId> id = registry.attach(module, {.name = name});
  if (!id.ok()) return false;
  const Result<bus::QueueRecord*> queue = registry.add_queue(id.value(), {.depth = kDepth});
  if (!queue.ok() || registry.subscribe(*queue.value(), kReading) != Status::kOk) return false;
  if (means && registry.subscribe(*queue.value(), kMean) != Status::kOk) return false;
  return executor.add(id.value(), now) == Status::kOk;
}

}  // namespace

bool run_example(Ports& ports, const Board& /*board*/) {
  bus::Pool pool{g_control, &ports.waiter()};
  if (pool.add(sizeof(Reading), g_slots) != Status::kOk) return false;
  bus::Bus bus{pool};
  bus::Registry registry{bus, g_bus_memory};
  bool good = false;
  {
    bus::Executor executor{registry};
    Sensor sensor{bus, ports};
    Meter meter{bus};
    Recorder recorder{ports, sensor};
    const LocalTime now = ports.clock().now();
    if (!attach(registry, executor, meter, "meter", false, now) ||
        !attach(registry, executor, recorder, "recorder", true, now) ||
        ports.realtime().start(sensor) != Status::kOk) {
      ports.print("the bus cannot be set up\n");
      return false;
    }
    good = run_modules(ports, executor, sensor, recorder);
    ports.realtime().stop();
    good = good && sensor.dropped() == 0 && pool.usage(0).in_use == 0;
  }
  return good;
}

}  // namespace takt::firmware
