// SPDX-License-Identifier: Apache-2.0
#include "bench/heap_run.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <memory_resource>
#include <random>
#include <utility>

#include "bench/count_instructions.h"
#include "takt/app/boards/board.h"
#include "takt/core/memory/memory.h"
#include "takt/core/memory/tlsf.h"
#include "takt/ports/linux/cage.h"
#include "takt/ports/linux/mutex_exclusion.h"

// Builds with sanitizers take fewer: there each operation has many more instructions.
#ifndef TAKT_STEPPED_SAMPLES
#define TAKT_STEPPED_SAMPLES 8
#endif

namespace takt {
namespace {

constexpr std::size_t kSlots = 600;
constexpr std::size_t kHeapBytes = std::size_t{32} << 20;

struct AlignedFree {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Storage = std::unique_ptr<std::byte[], AlignedFree>;

Storage make_storage(std::size_t bytes) {
  return Storage(static_cast<std::byte*>(std::aligned_alloc(4'096, bytes)));
}

// Each way to allocate has the same two functions.

struct System {
  static constexpr std::string_view kName = "system";
  void* take(std::size_t bytes) { return std::malloc(bytes); }
  void give(void* block, std::size_t) { std::free(block); }
};

struct Heap {
  static constexpr std::string_view kName = "tlsf";
  void* take(std::size_t bytes) { return tlsf.allocate(bytes, 0); }
  void give(void* block, std::size_t) { tlsf.free(block); }

  Storage storage = make_storage(kHeapBytes);
  Tlsf tlsf{{storage.get(), kHeapBytes}, 16};
};

struct Tagged {
  static constexpr std::string_view kName = "memory";
  Tagged() {
    memory.add_region({"ram", RegionKind::kInternal, true, kHeapBytes}, {storage.get(), kHeapBytes},
                      16);
    tag = memory.add_tag({"bench"});
  }
  void* take(std::size_t bytes) { return memory.allocate({bytes, Placement::kInternal, tag}); }
  void give(void* block, std::size_t) { memory.free(block); }

  Storage storage = make_storage(kHeapBytes);
  MutexExclusion exclusion;
  Memory memory{exclusion};
  Tag tag;
};

// As System, on a caged thread.
struct Caged {
  static constexpr std::string_view kName = "caged_malloc";
  static constexpr RegionSpec kRam{"ram", RegionKind::kInternal, true, std::size_t{16} << 20};

  void* take(std::size_t bytes) { return std::malloc(bytes); }
  void give(void* block, std::size_t) { std::free(block); }

  std::unique_ptr<Cage> cage = std::move(Cage::create({.regions = {&kRam, 1}}).value());
  CagedScope scope{*cage, Tag{}, Placement::kInternal};
};

template <typename Resource>
struct Pool {
  void* take(std::size_t bytes) { return resource.allocate(whole(bytes)); }
  void give(void* block, std::size_t bytes) { resource.deallocate(block, whole(bytes)); }
  Resource resource;

 private:
  // libstdc++ 12 aligns a block only as well as its size is: its bug 108952.
  static std::size_t whole(std::size_t bytes) {
    constexpr std::size_t kUnit = alignof(std::max_align_t);
    return (bytes + kUnit - 1) / kUnit * kUnit;
  }
};

struct UnsynchronizedPool : Pool<std::pmr::unsynchronized_pool_resource> {
  static constexpr std::string_view kName = "pmr_unsynchronized_pool";
};

struct SynchronizedPool : Pool<std::pmr::synchronized_pool_resource> {
  static constexpr std::string_view kName = "pmr_synchronized_pool";
};

template <typename Way>
double replay_ns(Way& way, std::span<const TraceStep> trace) {
  struct Held {
    void* block;
    std::size_t bytes;
  };
  std::vector<Held> held(kSlots, Held{nullptr, 0});
  const auto start = std::chrono::steady_clock::now();
  for (const TraceStep& step : trace) {
    Held& slot = held[step.slot];
    if (step.bytes == 0) {
      way.give(slot.block, slot.bytes);
    } else {
      slot = {way.take(step.bytes), step.bytes};
      *static_cast<volatile char*>(slot.block) = 1;
    }
  }
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
  return time.count();
}

template <typename Way>
PairCost cost_of(std::span<const TraceStep> trace) {
  constexpr int kRuns = 7;
  Way way;
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < kRuns; ++i) best = std::min(best, replay_ns(way, trace));
  return {Way::kName, best / (static_cast<double>(trace.size()) / 2)};
}

// A heap with `live` blocks between which every third was freed: holes of many sizes, so that
// frees meet used and free neighbours. Of four operations two are random, and two are built to be
// the worst: an allocation that no hole fits, and a free that merges with both neighbours.
template <typename Way>
class Worn {
 public:
  void fill(std::size_t live) {
    std::vector<Held> all;
    for (std::size_t i = 0; i < live + live / 2; ++i) all.push_back(take(1 + random_() % 200));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i % 3 == 0) {
        give(all[i]);
      } else {
        held_.push_back(all[i]);
      }
    }
    std::ranges::shuffle(held_, random_);
  }

  // Even operations allocate, odd ones free.
  void operate(std::size_t i) {
    if (i % 2 == 0) {
      operand_ = take(operand_.bytes);
    } else {
      give(operand_);
    }
  }

  // Puts the block that was allocated away, and chooses the next operand.
  void prepare(std::size_t next) {
    switch (next % 4) {
      case 0:
        for (const Held& block : around_) give(block);
        around_.clear();
        operand_.bytes = 1 + random_() % 200;
        return;
      case 1: std::swap(operand_, held_[random_() % held_.size()]); return;
      case 2: operand_.bytes = 2'000 + random_() % 4'000; return;
      default: sandwich();
    }
  }

 private:
  struct Held {
    void* block;
    std::size_t bytes;
  };

  Held take(std::size_t bytes) { return {way_.take(bytes), bytes}; }
  void give(const Held& held) { way_.give(held.block, held.bytes); }

  void sandwich() {
    around_.push_back(operand_);
    const Held front = take(7'000);
    operand_ = take(6'500);
    const Held behind = take(9'000);
    around_.push_back(take(6'000));
    give(front);
    give(behind);
  }

  Way way_;
  std::minstd_rand random_{1};
  std::vector<Held> held_;
  std::vector<Held> around_;
  Held operand_{};
};

template <typename Way>
bool add_worst(std::size_t live, std::size_t samples, std::vector<WorstOperation>& worst) {
  Worn<Way> worn;
  const auto counts = count_instructions({
      .prepare =
          [&] {
            worn.fill(live);
            worn.prepare(0);
          },
      .operation = [&](std::size_t i) { worn.operate(i); },
      .then = [&](std::size_t i) { worn.prepare(i + 1); },
      .operations = 4 * samples,
  });
  if (!counts) return false;
  WorstOperation result{Way::kName, live, 0, 0};
  for (std::size_t i = 0; i < counts->size(); i += 2) {
    result.allocate = std::max(result.allocate, (*counts)[i]);
    result.free = std::max(result.free, (*counts)[i + 1]);
  }
  worst.push_back(result);
  return true;
}

}  // namespace

std::vector<TraceStep> device_mixture(std::uint32_t seed, std::size_t pairs) {
  std::mt19937 random(seed);
  const auto between = [&](std::size_t low, std::size_t high) {
    return static_cast<std::uint32_t>(low + random() % (high - low + 1));
  };
  std::vector<TraceStep> trace;
  std::vector<std::uint32_t> in_use;
  std::vector<std::uint32_t> unused(kSlots);
  for (std::uint32_t i = 0; i < kSlots; ++i) unused[i] = i;
  const auto take = [&](std::uint32_t bytes) {
    trace.push_back({unused.back(), bytes});
    in_use.push_back(unused.back());
    unused.pop_back();
  };
  const auto free_at = [&](std::size_t index) {
    trace.push_back({in_use[index], 0});
    unused.push_back(in_use[index]);
    in_use[index] = in_use.back();
    in_use.pop_back();
  };
  while (trace.size() < 2 * pairs) {
    const auto dice = random() % 100;
    if (in_use.size() > kSlots - 40) {
      for (int i = 0; i < 30; ++i) free_at(random() % in_use.size());
    } else if (dice < 40) {  // A request: headers and fields, then its JSON text.
      for (int i = 0; i < 12; ++i) take(between(8, 120));
      take(dice < 2 ? between(14'000, 86'000) : between(300, 2'000));
      for (int i = 0; i < 13; ++i) free_at(in_use.size() - 1);
    } else if (dice < 65) {  // A publication.
      take(between(16, 80));
      take(1'024);
      free_at(in_use.size() - 1);
      free_at(in_use.size() - 1);
    } else if (dice < 95) {  // Objects of a screen: they stay until others push them out.
      for (int i = 0; i < 8; ++i) take(between(24, 200));
      for (int i = 0; i < 7 && in_use.size() > 300; ++i) free_at(random() % in_use.size());
    } else {  // An image: a row buffer and a work area.
      take(11'520);
      take(3'100);
      free_at(in_use.size() - 2);
      free_at(in_use.size() - 1);
    }
  }
  while (!in_use.empty()) free_at(in_use.size() - 1);
  return trace;
}

std::vector<WorstOperation> bench_worst_of_takt(std::span<const std::size_t> live_blocks,
                                                std::size_t samples) {
  std::vector<WorstOperation> worst;
  for (const std::size_t live : live_blocks) {
    if (!add_worst<Heap>(live, samples, worst) || !add_worst<Tagged>(live, samples, worst)) {
      return {};
    }
  }
  return worst;
}

std::vector<WorstOperation> bench_worst_of_system(std::span<const std::size_t> live_blocks,
                                                  std::size_t samples) {
  std::vector<WorstOperation> worst;
  for (const std::size_t live : live_blocks) {
    if (!add_worst<System>(live, samples, worst)) return {};
  }
  return worst;
}

Fragmentation bench_fragmentation(std::uint32_t seed, std::size_t operations) {
  const Board& board = *find_board("jc3636w518");
  const std::size_t bytes = board.bytes_of(RegionKind::kInternal);
  const Storage storage = make_storage(bytes);
  Tlsf heap({storage.get(), bytes}, 4);  // As on the device.
  std::mt19937 random(seed);
  std::vector<void*> held;
  Fragmentation result{operations, 0, 0, 0};
  for (std::size_t i = 0; i < operations; ++i) {
    const bool full = heap.free_bytes() < bytes / 3;
    if (!held.empty() && (full || random() % 2 == 0)) {
      std::swap(held[random() % held.size()], held.back());
      heap.free(held.back());
      held.pop_back();
    } else {
      const auto dice = random() % 1'000;
      const std::size_t size = 8 + random() % (dice < 900 ? 200 : dice < 995 ? 2'000 : 12'000);
      if (void* block = heap.allocate(size, 0)) {
        held.push_back(block);
      } else {
        ++result.refused;
      }
    }
    result.end_percent = fragmentation_percent(heap.free_bytes(), heap.largest());
    result.worst_percent = std::max(result.worst_percent, result.end_percent);
  }
  return result;
}

MemoryBench bench_memory(std::uint32_t seed) {
  constexpr std::size_t kPairs = 200'000;
  constexpr std::size_t kLive[] = {10, 1'000, 100'000};
  constexpr std::size_t kSamples = TAKT_STEPPED_SAMPLES;
  const std::vector<TraceStep> trace = device_mixture(seed, kPairs);
  MemoryBench bench{.seed = seed,
                    .trace_pairs = trace.size() / 2,
                    .pairs = {cost_of<Heap>(trace), cost_of<Tagged>(trace), cost_of<System>(trace),
                              cost_of<UnsynchronizedPool>(trace), cost_of<SynchronizedPool>(trace)},
                    .worst = bench_worst_of_takt(kLive, kSamples),
                    .fragmentation = bench_fragmentation(seed, 1'000'000)};
  if (Cage::intercepts()) bench.pairs.push_back(cost_of<Caged>(trace));
  const auto system = bench_worst_of_system(kLive, kSamples);
  bench.worst.insert(bench.worst.end(), system.begin(), system.end());
  return bench;
}

}  // namespace takt
