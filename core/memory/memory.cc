// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/memory.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"

namespace takt {
namespace {

bool is_on_chip(RegionKind kind) { return kind != RegionKind::kExternal; }

std::size_t span_of(const Tlsf& heap, const void* block) {
  return heap.size_of(block) + Tlsf::kHeaderBytes;
}

}  // namespace

void Memory::add_region(const RegionSpec& spec, std::span<std::byte> storage,
                        std::size_t granularity) {
  TAKT_ASSERT(region_count_ < kMaxRegions && is_word(spec.name));
  TAKT_ASSERT(storage.size() == spec.bytes);
  Region& region = regions_[region_count_++];
  region.spec = spec;
  region.heap.emplace(storage, granularity);
  Level& sum = level(spec.kind);
  sum.free += region.heap->free_bytes();
  sum.min = sum.free;
  sum.largest = find_largest(spec.kind);
  heap_min_ = chip_free();
  window_ = now();
  readers_.fill(window_);
}

Tag Memory::add_tag(const TagSpec& spec) {
  TAKT_ASSERT(tag_count_ < kMaxTags && is_word(spec.name));
  tags_[tag_count_].name = spec.name;
  tags_[tag_count_].limit = spec.limit;
  if (spec.start_only) start_only_ |= bit(tag_count_);
  return Tag{static_cast<std::uint8_t>(tag_count_++)};
}

const Memory::Region& Memory::region_of(const void* block) const {
  std::size_t i = 0;
  // Bounded: by the regions.
  while (i < region_count_ && !regions_[i].heap->contains(block)) ++i;
  TAKT_ASSERT(i < region_count_);
  return regions_[i];
}

Memory::Region& Memory::region_of(const void* block) {
  return const_cast<Region&>(std::as_const(*this).region_of(block));
}

std::size_t Memory::chip_free() const {
  return level(RegionKind::kInternal).free + level(RegionKind::kDma).free;
}

std::size_t Memory::chip_largest() const {
  return std::max(level(RegionKind::kInternal).largest, level(RegionKind::kDma).largest);
}

std::size_t Memory::find_largest(RegionKind kind) const {
  std::size_t result = 0;
  for (std::size_t i = 0; i < region_count_; ++i) {
    if (regions_[i].spec.kind == kind) result = std::max(result, regions_[i].heap->largest());
  }
  return result;
}

Memory::Window Memory::now() const {
  const Level& internal = level(RegionKind::kInternal);
  const Level& external = level(RegionKind::kExternal);
  return {{chip_free(), chip_largest()},
          {internal.free, internal.largest},
          {external.free, external.largest}};
}

void Memory::note(Window& window, const Window& other) {
  window.chip.note(other.chip);
  window.internal.note(other.internal);
  window.external.note(other.external);
}

// Brings every sum, minimum and window up to date after a change to the heap of `region`.
void Memory::account(Region& region, std::size_t free_before, Tag tag) {
  const RegionKind kind = region.spec.kind;
  Level& sum = level(kind);
  sum.free = sum.free - free_before + region.heap->free_bytes();
  sum.min = std::min(sum.min, sum.free);
  sum.largest = find_largest(kind);
  const Extremes now_of_kind(sum.free, sum.largest);
  if (kind == RegionKind::kExternal) return window_.external.note(now_of_kind);
  heap_min_ = std::min(heap_min_, chip_free());
  window_.chip.note({chip_free(), chip_largest()});
  if (kind == RegionKind::kDma) return;
  window_.internal.note(now_of_kind);
  if (sum.free < low_) {
    low_ = sum.free;
    low_tag_ = tag;
  }
}

void Memory::charge(const Region& region, Tag tag, std::size_t span) {
  TagFigures& figures = tags_[tag.index];
  figures.live += span;
  figures.peak = std::max(figures.peak, figures.live);
  if (is_on_chip(region.spec.kind)) figures.on_chip += span;
}

void Memory::discharge(const Region& region, Tag tag, std::size_t span) {
  TagFigures& figures = tags_[tag.index];
  figures.live -= span;
  if (is_on_chip(region.spec.kind)) figures.on_chip -= span;
}

void* Memory::take_from(Region& region, const MemoryRequest& request, Refusal& reason) {
  Tlsf& heap = *region.heap;
  TagFigures& figures = tags_[request.tag.index];
  const std::size_t free_before = heap.free_bytes();
  void* block = heap.allocate_aligned(request.bytes, request.align, request.tag.index);
  if (block == nullptr) return nullptr;
  const std::size_t span = span_of(heap, block);
  // Asked only now, because a granted block may be larger than its request.
  if (figures.limit != 0 && figures.live + span > figures.limit) {
    heap.free(block);
    reason = Refusal::kLimit;
    return nullptr;
  }
  account(region, free_before, request.tag);
  charge(region, request.tag, span);
  ++figures.blocks;
  region.recent[region.allocations++ % kRecent] = {request.tag, request.bytes};
  return block;
}

void* Memory::allocate_in(RegionKind kind, const MemoryRequest& request, Refusal& reason) {
  for (std::size_t i = 0; i < region_count_; ++i) {
    Region& region = regions_[i];
    if (region.spec.kind != kind) continue;
    if (request.placement == Placement::kDma && !region.spec.dma_capable) continue;
    if (void* block = take_from(region, request, reason)) return block;
  }
  return nullptr;
}

void* Memory::allocate_held(const MemoryRequest& request, Refusal& reason) {
  using enum RegionKind;
  const Placement placement = request.placement;
  if (placement == Placement::kInternal) return allocate_in(kInternal, request, reason);
  const RegionKind first = placement == Placement::kDma ? kDma : kExternal;
  void* block = allocate_in(first, request, reason);
  if (block != nullptr || placement == Placement::kExternal) return block;
  return allocate_in(kInternal, request, reason);
}

void* Memory::allocate(const MemoryRequest& request) {
  TAKT_ASSERT(request.tag.index < tag_count_);
  Refusal reason = Refusal::kRoom;
  void* block = nullptr;
  std::uint32_t failures = 0;
  std::optional<Trip> trip;
  {
    Exclusive held(exclusion_);
    TAKT_ASSERT(!locked_ || !has(start_only_, request.tag.index));
    if (faults_.hits(++requests_)) {
      reason = Refusal::kFault;
    } else {
      block = allocate_held(request, reason);
    }
    if (block == nullptr) failures = ++tags_[request.tag.index].failures;
    trip = trip_held();
  }
  if (trip) observer_->on_trip(*trip);
  if (block == nullptr && observer_ != nullptr) {
    observer_->on_refusal({request, reason, failures});
  }
  return block;
}

void Memory::free(void* block) {
  if (block == nullptr) return;
  Exclusive held(exclusion_);
  Region& region = region_of(block);
  const Tag tag{region.heap->owner_of(block)};
  discharge(region, tag, span_of(*region.heap, block));
  --tags_[tag.index].blocks;
  const std::size_t free_before = region.heap->free_bytes();
  region.heap->free(block);
  account(region, free_before, tag);
}

bool Memory::resize_held(void* block, std::size_t bytes) {
  Region& region = region_of(block);
  Tlsf& heap = *region.heap;
  const Tag tag{heap.owner_of(block)};
  const TagFigures& figures = tags_[tag.index];
  const std::size_t old_bytes = heap.size_of(block);
  const std::size_t old_span = span_of(heap, block);
  TAKT_ASSERT(!locked_ || bytes <= old_bytes || !has(start_only_, tag.index));
  const std::size_t free_before = heap.free_bytes();
  if (!heap.resize(block, bytes)) return false;
  const std::size_t span = span_of(heap, block);
  if (figures.limit != 0 && span > old_span && figures.live - old_span + span > figures.limit) {
    heap.resize(block, old_bytes);
    return false;
  }
  discharge(region, tag, old_span);
  charge(region, tag, span);
  account(region, free_before, tag);
  return true;
}

void* Memory::reallocate(void* block, std::size_t bytes, Placement placement, std::size_t align) {
  Tag tag;
  std::size_t old_bytes = 0;
  std::optional<Trip> trip;
  bool resized = false;
  {
    Exclusive held(exclusion_);
    const Region& region = region_of(block);
    tag = Tag{region.heap->owner_of(block)};
    old_bytes = region.heap->size_of(block);
    // A request that is to fail fails below, where refusals are counted and told.
    resized = !faults_.hits(requests_ + 1) && resize_held(block, bytes);
    if (resized) ++requests_;
    trip = trip_held();
  }
  if (trip) observer_->on_trip(*trip);
  if (resized) return block;
  // Copied with nothing held: it may take long, and nobody else knows either block.
  void* moved = allocate({bytes, placement, tag, align});
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(old_bytes, bytes));
  free(block);
  return moved;
}

std::size_t Memory::usable_size(const void* block) const {
  Exclusive held(exclusion_);
  return region_of(block).heap->size_of(block);
}

Tag Memory::tag_of(const void* block) const {
  Exclusive held(exclusion_);
  return Tag{region_of(block).heap->owner_of(block)};
}

void Memory::set_faults(FaultPlan plan) {
  Exclusive held(exclusion_);
  faults_ = plan;
  requests_ = 0;
}

void Memory::arm(std::size_t threshold) {
  Exclusive held(exclusion_);
  threshold_ = threshold;
  armed_ = threshold != 0;
  low_ = level(RegionKind::kInternal).free;
  low_tag_ = Tag{};
}

std::optional<Trip> Memory::trip_held() {
  // With nobody to hear it, it stays armed.
  if (!armed_ || observer_ == nullptr || low_ >= threshold_) return std::nullopt;
  armed_ = false;
  return Trip{low_tag_, low_, threshold_};
}

std::optional<Trip> Memory::take_trip() {
  Exclusive held(exclusion_);
  return trip_held();
}

MemorySnapshot Memory::snapshot() const {
  Exclusive held(exclusion_);
  const Level& internal = level(RegionKind::kInternal);
  const Level& external = level(RegionKind::kExternal);
  const std::size_t free = chip_free();
  const std::size_t largest_on_chip = chip_largest();
  return {.hf = free,
          .hm = heap_min_,
          .hl = largest_on_chip,
          .hi = internal.free,
          .hin = internal.min,
          .frag = fragmentation_percent(free, largest_on_chip),
          .pf = external.free,
          .pm = external.min,
          .pl = external.largest};
}

TagFigures Memory::figures(Tag tag) const {
  TAKT_ASSERT(tag.index < tag_count_);
  Exclusive held(exclusion_);
  return tags_[tag.index];
}

std::uint32_t Memory::live_blocks() const {
  Exclusive held(exclusion_);
  std::uint32_t sum = 0;
  for (const TagFigures& figures : tags_) sum += figures.blocks;
  return sum;
}

std::size_t Memory::recent(std::size_t region, std::span<Recent> out) const {
  TAKT_ASSERT(region < region_count_);
  Exclusive held(exclusion_);
  const Region& from = regions_[region];
  const std::size_t count = std::min<std::size_t>({kRecent, from.allocations, out.size()});
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = from.recent[(from.allocations - 1 - i) % kRecent];
  }
  return count;
}

// What happened until now belongs to every window that is open.
void Memory::settle_windows() {
  for (std::size_t i = 0; i < reader_count_; ++i) note(readers_[i], window_);
  window_ = now();
}

std::size_t Memory::open_window() {
  Exclusive held(exclusion_);
  TAKT_ASSERT(reader_count_ < kMaxWindows);
  settle_windows();
  readers_[reader_count_] = window_;
  return reader_count_++;
}

Memory::Window Memory::read_window(std::size_t window) {
  Exclusive held(exclusion_);
  TAKT_ASSERT(window < reader_count_);
  settle_windows();
  return std::exchange(readers_[window], window_);
}

bool Memory::check() const {
  Exclusive held(exclusion_);
  for (std::size_t i = 0; i < region_count_; ++i) {
    if (!regions_[i].heap->check().sound) return false;
  }
  return true;
}

}  // namespace takt
