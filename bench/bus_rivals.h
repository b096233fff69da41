// SPDX-License-Identifier: Apache-2.0
// What the bus is measured against: queues of copied values, and the pool as its design document
// describes it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <semaphore>
#include <vector>

namespace takt::bench {

using Nanos = std::chrono::nanoseconds;

/// A mutex that can note how long it was held.
class TimedMutex {
 public:
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

/// A bounded queue of values, copied in and out under its lock: a FreeRTOS queue, with a mutex in
/// the place of its critical section. Both ends can be waited for, as there; nobody does in the
/// measurements, so waking costs next to nothing.
class CopyingQueue {
 public:
  CopyingQueue(std::size_t item_bytes, std::size_t depth)
      : item_bytes_(item_bytes), depth_(depth), items_(item_bytes * depth) {}

  bool send(const std::byte* item) {
    {
      const std::lock_guard lock(mutex_);
      if (count_ == depth_) return false;
      std::memcpy(items_.data() + item_bytes_ * ((first_ + count_) % depth_), item, item_bytes_);
      ++count_;
    }
    arrived_.notify_one();
    return true;
  }
  bool receive(std::byte* item) {
    {
      const std::lock_guard lock(mutex_);
      if (count_ == 0) return false;
      std::memcpy(item, items_.data() + item_bytes_ * first_, item_bytes_);
      first_ = first_ + 1 == depth_ ? 0 : first_ + 1;
      --count_;
    }
    left_.notify_one();
    return true;
  }

  TimedMutex& mutex() { return mutex_; }

 private:
  std::size_t item_bytes_;
  std::size_t depth_;
  TimedMutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable left_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::vector<std::byte> items_;
};

/// As the design document says: entries with an atomic count, a mutex-protected free list with a
/// semaphore for those who wait for an entry, queues that carry pointers. It counts before it
/// enqueues, unlike the document, because that order crashes.
class MutexPool {
 public:
  struct Entry {
    std::atomic<std::uint32_t> holders{0};
    Entry* next = nullptr;
    std::byte* payload = nullptr;
  };

  MutexPool(std::size_t entries, std::size_t payload_bytes)
      : available_(static_cast<std::ptrdiff_t>(entries)),
        entries_(entries),
        payloads_(entries * payload_bytes) {
    for (std::size_t i = 0; i < entries; ++i) {
      entries_[i].payload = payloads_.data() + i * payload_bytes;
      entries_[i].next = free_;
      free_ = &entries_[i];
    }
  }

  /// Null if none is free. The caller holds the only reference.
  Entry* try_alloc() {
    if (!available_.try_acquire()) return nullptr;
    const std::lock_guard lock(mutex_);
    Entry* entry = free_;
    free_ = entry->next;
    entry->holders.store(1, std::memory_order_relaxed);
    return entry;
  }
  void release(Entry& entry) {
    if (entry.holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    {
      const std::lock_guard lock(mutex_);
      entry.next = free_;
      free_ = &entry;
    }
    available_.release();
  }

  /// To all queues; returns how many took it. The caller's reference is used up.
  unsigned broadcast(Entry& entry, std::vector<CopyingQueue*>& queues) {
    Entry* const pointer = &entry;
    unsigned delivered = 0;
    for (CopyingQueue* queue : queues) {
      entry.holders.fetch_add(1, std::memory_order_relaxed);
      if (queue->send(reinterpret_cast<const std::byte*>(&pointer))) {
        ++delivered;
      } else {
        entry.holders.fetch_sub(1, std::memory_order_relaxed);
      }
    }
    release(entry);
    return delivered;
  }

  TimedMutex& mutex() { return mutex_; }

 private:
  std::counting_semaphore<> available_;
  TimedMutex mutex_;
  std::vector<Entry> entries_;
  std::vector<std::byte> payloads_;
  Entry* free_ = nullptr;
};

}  // namespace takt::bench
