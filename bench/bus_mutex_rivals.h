// SPDX-License-Identifier: Apache-2.0
// Rivals of the bus on a host, where they lock mutexes: among them the pool that its design
// document describes.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <semaphore>
#include <vector>

#include "bench/bus_rivals.h"

namespace takt::bench {

using Nanos = std::chrono::nanoseconds;

/// A mutex that can note how long it was held.
class TimedMutex {
 public:
  using Waiters = std::condition_variable;

  void lock() {
    mutex_.lock();
    if (watched_) locked_ = std::chrono::steady_clock::now();
  }
  void unlock() {
    if (watched_) holds_.push_back(std::chrono::steady_clock::now() - locked_);
    mutex_.unlock();
  }
  /// Notes the holds from now on. Not while another thread uses the mutex.
  void watch(std::size_t expected) {
    holds_.reserve(expected);
    watched_ = true;
  }
  const std::vector<Nanos>& holds() const { return holds_; }

 private:
  std::mutex mutex_;
  bool watched_ = false;
  std::chrono::steady_clock::time_point locked_;
  std::vector<Nanos> holds_;
};

/// As the design document says: messages with an atomic count, a mutex-protected free list with a
/// semaphore for those who wait for a message, queues that carry pointers, counters. It counts
/// before it enqueues, unlike the document, because that order crashes.
class MutexPool {
 public:
  static constexpr std::size_t kMaxTargets = 18;
  static constexpr std::uint32_t kNoTarget = 0xFFFF'FFFF;
  /// Numbers of queues; kNoTarget ends the list, unless it is full.
  using Targets = std::array<std::uint32_t, kMaxTargets>;

  struct Message {
    std::atomic<std::uint32_t> holders{0};
    std::uint32_t source = 0;
    Targets targets{};
    std::byte* data = nullptr;
    std::size_t length = 0;
    Message* next = nullptr;
  };

  MutexPool(std::size_t entries, std::size_t payload_bytes)
      : available_(static_cast<std::ptrdiff_t>(entries)),
        messages_(entries),
        payloads_(entries * payload_bytes) {
    for (std::size_t i = 0; i < entries; ++i) {
      messages_[i].data = payloads_.data() + i * payload_bytes;
      messages_[i].next = free_;
      free_ = &messages_[i];
    }
  }

  /// Null if none is free. The caller holds the only reference.
  Message* try_alloc() {
    if (!available_.try_acquire()) {
      alloc_failures_.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    const std::lock_guard lock(mutex_);
    Message* message = free_;
    free_ = message->next;
    ++in_use_;
    message->holders.store(1, std::memory_order_relaxed);
    return message;
  }
  void release(Message& message) {
    if (message.holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    {
      const std::lock_guard lock(mutex_);
      message.next = free_;
      free_ = &message;
      --in_use_;
    }
    available_.release();
  }

  /// To the queues of the message's targets; returns how many took it. The caller's reference is
  /// used up.
  unsigned broadcast(Message& message, const std::vector<CopyingQueue<TimedMutex>*>& queues) {
    Message* const pointer = &message;
    unsigned delivered = 0;
    for (const std::uint32_t target : message.targets) {
      if (target == kNoTarget) break;
      message.holders.fetch_add(1, std::memory_order_relaxed);
      if (queues[target]->send(reinterpret_cast<const std::byte*>(&pointer))) {
        ++delivered;
      } else {
        message.holders.fetch_sub(1, std::memory_order_relaxed);
        enqueue_failures_.fetch_add(1, std::memory_order_relaxed);
      }
    }
    release(message);
    return delivered;
  }

  TimedMutex& mutex() { return mutex_; }

 private:
  std::counting_semaphore<> available_;
  TimedMutex mutex_;
  std::vector<Message> messages_;
  std::vector<std::byte> payloads_;
  Message* free_ = nullptr;
  std::size_t in_use_ = 0;
  std::atomic<std::uint32_t> alloc_failures_{0};
  std::atomic<std::uint32_t> enqueue_failures_{0};
};

}  // namespace takt::bench
