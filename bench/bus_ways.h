// SPDX-License-Identifier: Apache-2.0
// The same work in several ways: a message is published, each consumer takes it, looks at both ends
// of its payload and lets it go. Each way is used by the host's comparison and the board's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "bench/bus_rivals.h"
#include "takt/core/base/assert.h"
#include "takt/core/base/waiter.h"
#include "takt/core/bus/bus.h"
#include "takt/core/bus/consumer.h"
#include "takt/core/bus/registry.h"

namespace takt::bench {

inline constexpr unsigned kDepth = 16;

// So many that even if all consumers but one stall, the publisher is not held up.
constexpr unsigned entries_for(unsigned consumers) { return (consumers + 1) * (kDepth + 1); }

inline constexpr bus::Topic<bus::Bytes> kTopic{1, "bench"};

struct BusSink final : bus::Module {
  void process(const bus::Message&) override {}
};

inline void fill(std::byte* payload, std::size_t bytes, std::uint32_t number) {
  std::memcpy(payload, &number, sizeof number);
  std::memcpy(payload + bytes - sizeof number, &number, sizeof number);
}

// A reader's part: both ends of the payload.
inline std::uint32_t look(const std::byte* payload, std::size_t bytes) {
  std::uint32_t head = 0;
  std::uint32_t tail = 0;
  std::memcpy(&head, payload, sizeof head);
  std::memcpy(&tail, payload + bytes - sizeof tail, sizeof tail);
  return head ^ tail;
}

class TaktWay {
 public:
  // Time is a number here: reading a clock costs all ways alike, and more than the rest.
  static LocalTime time_of(std::uint32_t number) { return LocalTime{Micros{number}}; }
  static constexpr Micros kAge{20};

  TaktWay(unsigned bytes, unsigned consumers)
      : TaktWay(bytes, consumers, kDepth, entries_for(consumers)) {}
  TaktWay(unsigned bytes, unsigned consumers, std::uint16_t depth, unsigned entries,
          Waiter* waiter = nullptr)
      : bytes_(bytes),
        control_(bus::Pool::control_bytes(entries)),
        payload_(bus::Pool::memory_bytes(bytes, entries)),
        memory_(consumers * (bus::Registry::queue_bytes(depth) + bus::Registry::module_bytes(4))),
        pool_(control_, waiter),
        added_(pool_.add(bytes, payload_)),
        bus_(pool_),
        registry_(bus_, memory_),
        sinks_(consumers) {
    TAKT_ASSERT(added_ == Status::kOk);
    for (BusSink& sink : sinks_) {
      const bus::ModuleId id = registry_.attach(sink, {.name = "sink"}).value();
      bus::QueueRecord* queue = registry_.add_queue(id, {.depth = depth}).value();
      const Status subscribed = registry_.subscribe(*queue, kTopic);
      TAKT_ASSERT(subscribed == Status::kOk);
      consumers_.push_back(registry_.consumer(id));
    }
  }

  unsigned publish(std::uint32_t number) {
    Result<bus::Loan<bus::Bytes>> loan = bus_.try_alloc(kTopic, bytes_, bus::kNobody);
    if (!loan.ok()) return 0;
    fill(loan.value().bytes().data(), bytes_, number);
    return bus_.publish(kTopic, std::move(loan.value()), time_of(number)).delivered();
  }
  bool consume(unsigned consumer, std::uint32_t number, std::uint32_t& seen) {
    const bus::Delivery delivery = consumers_[consumer].take(time_of(number) + kAge);
    if (!delivery) return false;
    seen += 1 + look(delivery.message().bytes().data(), bytes_);
    return true;
  }
  double bytes_copied(unsigned) const { return 0; }
  bus::Pool& pool() { return pool_; }
  bus::Bus& bus() { return bus_; }

 private:
  unsigned bytes_;
  std::vector<std::byte> control_;
  std::vector<std::byte> payload_;
  std::vector<std::byte> memory_;
  bus::Pool pool_;
  Status added_;
  bus::Bus bus_;
  bus::Registry registry_;
  std::deque<BusSink> sinks_;
  std::vector<bus::Consumer> consumers_;
};

template <typename Lock>
class CopiedWay {
 public:
  CopiedWay(unsigned bytes, unsigned consumers, unsigned depth = kDepth)
      : bytes_(bytes), outgoing_(bytes), incoming_(consumers) {
    for (unsigned c = 0; c < consumers; ++c) {
      queues_.push_back(&storage_.emplace_back(bytes, depth));
      incoming_[c].resize(bytes);
    }
  }

  unsigned publish(std::uint32_t number) {
    fill(outgoing_.data(), bytes_, number);
    unsigned delivered = 0;
    for (CopyingQueue<Lock>* queue : queues_) delivered += queue->send(outgoing_.data());
    return delivered;
  }
  bool consume(unsigned consumer, std::uint32_t /*number*/, std::uint32_t& seen) {
    if (!queues_[consumer]->receive(incoming_[consumer].data())) return false;
    seen += 1 + look(incoming_[consumer].data(), bytes_);
    return true;
  }
  double bytes_copied(unsigned consumers) const { return 2.0 * bytes_ * consumers; }
  std::vector<Lock*> locks() {
    std::vector<Lock*> locks;
    for (CopyingQueue<Lock>* queue : queues_) locks.push_back(&queue->lock());
    return locks;
  }

 private:
  unsigned bytes_;
  std::deque<CopyingQueue<Lock>> storage_;
  std::vector<CopyingQueue<Lock>*> queues_;
  std::vector<std::byte> outgoing_;
  std::vector<std::vector<std::byte>> incoming_;
};

template <typename Lock>
class BarePoolWay {
 public:
  using Block = typename BarePool<Lock>::Block;

  BarePoolWay(unsigned bytes, unsigned consumers)
      : bytes_(bytes), pool_(entries_for(consumers), bytes) {
    for (unsigned c = 0; c < consumers; ++c) {
      queues_.push_back(&storage_.emplace_back(sizeof(Block*), kDepth));
    }
  }

  unsigned publish(std::uint32_t number) {
    Block* const block = pool_.try_alloc(static_cast<std::uint32_t>(queues_.size()));
    if (block == nullptr) return 0;
    fill(block->data, bytes_, number);
    unsigned delivered = 0;
    for (CopyingQueue<Lock>* queue : queues_) {
      if (queue->send(reinterpret_cast<const std::byte*>(&block))) {
        ++delivered;
      } else {
        pool_.release(*block);
      }
    }
    return delivered;
  }
  bool consume(unsigned consumer, std::uint32_t /*number*/, std::uint32_t& seen) {
    Block* block = nullptr;
    if (!queues_[consumer]->receive(reinterpret_cast<std::byte*>(&block))) return false;
    seen += 1 + look(block->data, bytes_);
    pool_.release(*block);
    return true;
  }

 private:
  unsigned bytes_;
  BarePool<Lock> pool_;
  std::deque<CopyingQueue<Lock>> storage_;
  std::vector<CopyingQueue<Lock>*> queues_;
};

}  // namespace takt::bench
