// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/cage.h"

#include <pthread.h>

#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/bits.h"
#include "takt/ports/linux/cage_slots.h"
#include "takt/ports/linux/mutex_exclusion.h"

extern "C" {
// Defined by cage_malloc.cc; a program that leaves it out has the system's malloc.
[[gnu::weak]] void takt_malloc_is_caged();
}

namespace takt {
namespace cage {

constinit thread_local const Binding* g_binding = nullptr;

namespace {

constexpr std::size_t kPage = 4'096;
// Blocks as malloc must return them on this machine.
constexpr std::size_t kGranularity = alignof(std::max_align_t);

// Stacks lie at the end of a slot, each above one page that is never opened.
constexpr std::size_t kMaxStacks = 16;
constexpr std::size_t kStackStride = kSlotBytes / 2 / kMaxStacks;
constexpr std::size_t kMaxBudget = 128 * 1024;
// Thread-local storage and glibc's own frames, which lie above the task's first frame.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t kAboveTask = 1024 * 1024;
#else
constexpr std::size_t kAboveTask = 64 * 1024;
#endif
static_assert(kMaxBudget + kAboveTask + kPage <= kStackStride);

constexpr std::uint32_t kAllPlaces = (1U << kMaxStacks) - 1;

constexpr std::size_t kRegionRoom = kSlotBytes - kMaxStacks * kStackStride;

constexpr std::size_t page_up(std::size_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

}  // namespace

/// At the start of its slot. Never destroyed, only dropped with the pages: blocks may outlive the
/// cage, and free() needs this for them.
struct Core {
  explicit Core(std::size_t own_slot) : slot(own_slot) {}

  std::size_t slot;
  MutexExclusion memory_exclusion;
  MutexExclusion tasks_exclusion;
  Memory memory{memory_exclusion};
  TaskTable tasks{tasks_exclusion};
  Tag stacks = memory.add_tag({"stacks"});
  std::atomic<std::uint32_t> stack_places{kAllPlaces};  // Bit i: place i is free.
};

namespace {

Core& core_of(std::size_t slot) { return *std::launder(reinterpret_cast<Core*>(start_of(slot))); }

Core& core_of(const void* block) { return core_of(slot_of(block)); }

template <typename Do>
void for_each_core(Do&& action) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (references(slot) != 0) action(core_of(slot));
  }
}

// A fork while another thread is inside a cage would leave the child with its lock held for ever.
void before_fork() {
  slots_mutex().lock();
  for_each_core([](Core& core) {
    core.tasks_exclusion.enter();
    core.memory_exclusion.enter();
  });
}

void after_fork() {
  for_each_core([](Core& core) {
    core.memory_exclusion.leave();
    core.tasks_exclusion.leave();
  });
  slots_mutex().unlock();
}

bool install_fork_handlers() { return pthread_atfork(before_fork, after_fork, after_fork) == 0; }

std::span<std::byte> stack_at(std::size_t slot, unsigned place) {
  std::byte* end = start_of(slot) + kSlotBytes - place * kStackStride;
  return {end - kStackStride + kPage, kStackStride - kPage};
}

// The lowest free place, or kMaxStacks.
unsigned take_stack_place(Core& core) {
  std::uint32_t free = core.stack_places.load();
  while (free != 0) {
    const std::uint32_t rest = without_lowest(free);
    if (core.stack_places.compare_exchange_weak(free, rest)) return lowest(free);
  }
  return kMaxStacks;
}

}  // namespace

void* allocate(const Binding& binding, std::size_t bytes, std::size_t align) noexcept {
  // What an observer of this allocation allocates is no part of the device.
  const UncagedScope uncaged;
  Core& core = *binding.core;
  void* block = core.memory.allocate({bytes, binding.placement, binding.tag, align});
  if (block != nullptr) add_reference(core.slot);
  return block;
}

void release(void* block) noexcept {
  const std::size_t slot = slot_of(block);
  core_of(slot).memory.free(block);
  drop_reference(slot);
}

std::size_t usable_size(const void* block) noexcept {
  return core_of(block).memory.usable_size(block);
}

bool belongs_to(const Binding& binding, const void* block) noexcept {
  return slot_of(block) == binding.core->slot;
}

void* reallocate(const Binding& binding, void* block, std::size_t bytes) noexcept {
  const UncagedScope uncaged;
  return binding.core->memory.reallocate(block, bytes, binding.placement, kGranularity);
}

}  // namespace cage

using cage::Core;

struct CagedTask::State {
  Core* core;
  TaskSpec spec;
  cage::Binding binding;
  std::function<void()> body;
  unsigned place;  // Of the stack.
  void* budget;    // The block of internal memory that pays for it.
  pthread_t thread{};

  static void* run(void* argument);
  void give_back();
};

void* CagedTask::State::run(void* argument) {
  State& state = *static_cast<State*>(argument);
  // The board's stack begins where the task's own frames begin.
  auto* top = static_cast<std::byte*>(__builtin_frame_address(0));
  const std::span<const std::byte> stack{top - state.spec.stack_bytes, state.spec.stack_bytes};
  pthread_setname_np(pthread_self(), std::string(state.spec.name.substr(0, 15)).c_str());
  const bool listed = state.core->tasks.add(state.spec, stack);
  TAKT_ASSERT(listed);  // The table has room for more than kMaxStacks.
  cage::g_binding = &state.binding;
  state.body();
  state.body = nullptr;  // What it captured ends on the task, as it would on a device.
  cage::g_binding = nullptr;
  state.core->tasks.remove(stack);
  return nullptr;
}

void CagedTask::State::give_back() {
  core->memory.free(budget);
  core->stack_places.fetch_or(1U << place);
}

CagedTask::CagedTask(std::unique_ptr<State> state) : state_(std::move(state)) {}
CagedTask::CagedTask(CagedTask&&) noexcept = default;
CagedTask::~CagedTask() { join(); }

void CagedTask::join() {
  if (!state_) return;
  pthread_join(state_->thread, nullptr);
  state_->give_back();
  state_.reset();
}

Result<std::unique_ptr<Cage>> Cage::create(const Config& config) {
  static const bool kForkIsSafe = cage::install_fork_handlers();
  if (!kForkIsSafe) return Status::kNoMemory;
  std::size_t bytes = cage::page_up(sizeof(Core));
  for (const RegionSpec& region : config.regions) bytes += cage::page_up(region.bytes);
  if (bytes > cage::kRegionRoom) return Status::kTooLarge;

  const UncagedScope uncaged;
  const std::scoped_lock held(cage::slots_mutex());
  const auto slot = cage::acquire_slot();
  if (!slot.ok()) return slot.status();
  std::byte* at = cage::start_of(slot.value());
  if (const Status status = cage::open_pages(at, bytes); status != Status::kOk) {
    cage::abandon_slot(slot.value());
    return status;
  }
  Core& core = *new (at) Core(slot.value());
  at += cage::page_up(sizeof(Core));
  for (const RegionSpec& region : config.regions) {
    core.memory.add_region(region, {at, region.bytes}, cage::kGranularity);
    at += cage::page_up(region.bytes);
  }
  core.memory.arm(config.tripwire_bytes);
  core.memory.set_faults(config.faults);
  return std::unique_ptr<Cage>(new Cage(core));
}

Cage::~Cage() {
  TAKT_ASSERT(core_.stack_places.load() == cage::kAllPlaces);  // No task is running.
  core_.memory.set_observer(nullptr);
  // Blocks from malloc hold references of their own. One that was taken through memory() and not
  // returned has none, so the slot is kept for good: a leak, but no dangling pointer.
  const std::uint32_t from_malloc = cage::references(core_.slot) - 1;
  if (core_.memory.live_blocks() <= from_malloc) cage::drop_reference(core_.slot);
}

bool Cage::intercepts() { return &takt_malloc_is_caged != nullptr; }

Result<CagedTask> Cage::start(const TaskSpec& spec, Tag tag, std::function<void()> body) {
  if (spec.stack_bytes > cage::kMaxBudget) return Status::kTooLarge;
  // What the host's thread library allocates for a thread is no part of the device.
  const UncagedScope uncaged;
  const unsigned place = cage::take_stack_place(core_);
  if (place == cage::kMaxStacks) return Status::kNoMemory;
  void* budget = core_.memory.allocate({spec.stack_bytes, Placement::kInternal, core_.stacks});
  auto state = std::make_unique<CagedTask::State>(CagedTask::State{
      &core_, spec, {&core_, tag, spec.placement}, std::move(body), place, budget});
  const std::span<std::byte> stack = cage::stack_at(core_.slot, place);
  if (budget == nullptr || cage::open_pages(stack.data(), stack.size()) != Status::kOk) {
    state->give_back();
    return Status::kNoMemory;
  }
  paint_stack(stack.last(spec.stack_bytes + cage::kAboveTask));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack.data(), stack.size());
  const int failed =
      pthread_create(&state->thread, &attributes, CagedTask::State::run, state.get());
  pthread_attr_destroy(&attributes);
  if (failed != 0) {
    state->give_back();
    return Status::kIo;
  }
  return CagedTask(std::move(state));
}

Memory& Cage::memory() { return core_.memory; }
TaskTable& Cage::tasks() { return core_.tasks; }

bool Cage::owns(const void* address) const {
  return cage::owned(address) && cage::slot_of(address) == core_.slot;
}

CagedScope::CagedScope(Cage& cage, Tag tag, Placement placement)
    : binding_{&cage.core_, tag, placement}, before_(cage::g_binding) {
  cage::g_binding = &binding_;
}

CagedScope::~CagedScope() { cage::g_binding = before_; }

UncagedScope::UncagedScope() : before_(std::exchange(cage::g_binding, nullptr)) {}

UncagedScope::~UncagedScope() { cage::g_binding = before_; }

}  // namespace takt
