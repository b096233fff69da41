// SPDX-License-Identifier: Apache-2.0
// A bus with memory, and modules that write down what they see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "takt/core/bus/bus.h"
#include "takt/core/bus/registry.h"

namespace takt::bus {

struct Small {
  std::uint32_t number = 0;
  std::uint32_t check = 0;
};

inline constexpr Topic<Small> kSmall{1, "small"};
inline constexpr Topic<Small> kOther{2, "other"};
inline constexpr Topic<Bytes> kRaw{3, "raw"};

/// Counts, remembers numbers, and does what the test says with each message.
class Recorder : public Module {
 public:
  void process(const Message& message) override {
    const Small* payload = message.get(kSmall);
    if (payload == nullptr) payload = message.get(kOther);
    if (payload != nullptr) numbers.push_back(payload->number);
    if (on_message) on_message(message);
  }
  void step(LocalTime planned, LocalTime, std::uint32_t missed) override {
    steps.push_back(planned);
    missed_steps += missed;
  }
  void timed_out(LocalTime now) override { timeouts.push_back(now); }
  void restart(LocalTime) override { ++restarts; }

  std::vector<std::uint32_t> numbers;
  std::vector<LocalTime> steps;
  std::vector<LocalTime> timeouts;
  std::uint32_t missed_steps = 0;
  int restarts = 0;
  std::function<void(const Message&)> on_message;
};

constexpr LocalTime at(std::int64_t micros) { return LocalTime{Micros{micros}}; }

/// `entries` slots of sizeof(Small), as many of 256 bytes.
class BusRig {
 public:
  explicit BusRig(std::size_t entries = 18, Waiter* waiter = nullptr)
      : control_(2 * Pool::control_bytes(entries)),
        small_(Pool::memory_bytes(sizeof(Small), entries)),
        large_(Pool::memory_bytes(256, entries)),
        pool(control_, waiter),
        added_small_(pool.add(sizeof(Small), small_)),
        added_large_(pool.add(256, large_)),
        bus(pool),
        registry(bus, memory_) {
    TAKT_ASSERT(added_small_ == Status::kOk && added_large_ == Status::kOk);
  }

  ModuleId attach(Module& module, const ModuleOptions& options = {.name = "module"}) {
    return registry.attach(module, options).value();
  }
  /// A queue that subscribed to kSmall.
  QueueRecord& queue(ModuleId module, const QueueOptions& options = {}) {
    QueueRecord* queue = registry.add_queue(module, options).value();
    const Status subscribed = registry.subscribe(*queue, kSmall);
    TAKT_ASSERT(subscribed == Status::kOk);
    return *queue;
  }
  Result<Loan<Small>> loan(std::uint32_t number, ModuleId source = kNobody) {
    Result<Loan<Small>> loan = bus.try_alloc(kSmall, source);
    if (loan.ok()) *loan.value() = {number, ~number};
    return loan;
  }
  Broadcast publish(std::uint32_t number, LocalTime now = {}) {
    Result<Loan<Small>> granted = loan(number);
    return granted.ok() ? bus.publish(kSmall, std::move(granted.value()), now) : Broadcast{};
  }
  /// The number of the next message of a module; -1 if there is none.
  std::int64_t take(ModuleId module, LocalTime now = {}) {
    const Delivery delivery = registry.consumer(module).take(now);
    return delivery ? std::int64_t{delivery.message().get(kSmall)->number} : -1;
  }
  std::uint32_t in_use() const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < pool.class_count(); ++i) sum += pool.usage(i).in_use;
    return sum;
  }

 private:
  std::vector<std::byte> control_;
  std::vector<std::byte> small_;
  std::vector<std::byte> large_;
  std::vector<std::byte> memory_ = std::vector<std::byte>(32'768);

 public:
  Pool pool;

 private:
  Status added_small_;
  Status added_large_;

 public:
  Bus bus;
  Registry registry;
};

}  // namespace takt::bus
