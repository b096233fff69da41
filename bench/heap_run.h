// SPDX-License-Identifier: Apache-2.0
// `takt bench memory`: takt's heap beside the system's and the standard library's pools.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace takt {

/// One step of an allocation trace. A slot holds one block at a time.
struct TraceStep {
  std::uint32_t slot;
  std::uint32_t bytes;  ///< 0: frees the slot's block.
};

/// What a device's services ask for, as a seeded mixture: requests with short strings and one JSON
/// text, publications, screens of small objects that live long, images row by row. Every block is
/// freed in the end.
std::vector<TraceStep> device_mixture(std::uint32_t seed, std::size_t pairs);

struct PairCost {
  std::string_view allocator;
  double ns;  ///< Of one allocation and its free, replaying the trace; best of several runs.
};

/// The most instructions of a single operation while `live_blocks` others are live; counting ends
/// at kMostInstructions.
struct WorstOperation {
  std::string_view allocator;
  std::size_t live_blocks;
  std::uint64_t allocate;
  std::uint64_t free;
};

/// After a long mixture on the internal memory of jc3636w518, two thirds full.
struct Fragmentation {
  std::size_t operations;
  int end_percent;
  int worst_percent;
  std::size_t refused;
};

struct MemoryBench {
  std::uint32_t seed;
  std::size_t trace_pairs;
  std::vector<PairCost> pairs;
  std::vector<WorstOperation> worst;
  Fragmentation fragmentation;
};

/// Measures all of it, in some ten seconds.
MemoryBench bench_memory(std::uint32_t seed = 1);

/// Parts of it. Four times `samples` operations are stepped through for each number of live blocks.
/// Empty: this system forbids to trace a process.
std::vector<WorstOperation> bench_worst_of_takt(std::span<const std::size_t> live_blocks,
                                                std::size_t samples);
std::vector<WorstOperation> bench_worst_of_system(std::span<const std::size_t> live_blocks,
                                                  std::size_t samples);
Fragmentation bench_fragmentation(std::uint32_t seed, std::size_t operations);

}  // namespace takt
