// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/linux/linux_ports.h"

#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"

namespace takt::firmware {
namespace {

using Line = FixedText<512>;

/// What this thread has printed of a line. Lines of two threads do not mix.
thread_local Line g_line;

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

LinuxPorts::LinuxPorts(const Config& config, Console& console)
    : config_(config),
      console_(console),
      pins_(config.chip, console),
      realtime_(clock_,
                config.precise ? ThreadRunner::Mode::kPrecise : ThreadRunner::Mode::kSleep) {
  TAKT_ASSERT(config.board != nullptr);
}

LinuxPorts::~LinuxPorts() {
  for (std::size_t i = stack_count_; i > 0; --i) {
    cage_->tasks().remove(stacks_[i - 1]);
    cage_->memory().free(stacks_[i - 1].data());
  }
}

Status LinuxPorts::open() {
  const Board& board = *config_.board;
  Status status = Status::kOk;
  if (board.limited) {
    status = open_cage();
  } else {
    internal_.make(board.bytes_of(RegionKind::kInternal));
    external_.make(board.bytes_of(RegionKind::kExternal));
  }
  return status == Status::kOk ? open_watchdog() : status;
}

Status LinuxPorts::open_cage() {
  const Board& board = *config_.board;
  Result<std::unique_ptr<Cage>> cage = Cage::create({.regions = board.regions});
  if (!cage.ok()) {
    console_.say(Line{"[Boot] this host has no room for the memory of "}.append(board.name).view());
    return cage.status();
  }
  cage_ = std::move(cage.value());
  const Tag tag = cage_->memory().add_tag({.name = "idle_stacks"});
  // The first is the one that controls. It pays for its stack when it starts.
  for (const TaskSpec& task : board.tasks.subspan(1)) {
    if (const Status status = charge(task, tag); status != Status::kOk) return status;
  }
  caged_.emplace(*this, board.tasks.front());
  return Status::kOk;
}

Status LinuxPorts::charge(const TaskSpec& task, Tag tag) {
  Memory& memory = cage_->memory();
  void* const block = memory.allocate({task.stack_bytes, Placement::kInternal, tag});
  if (block == nullptr) {
    say_lack(task);
    return Status::kNoMemory;
  }
  const std::span<std::byte> stack{static_cast<std::byte*>(block), task.stack_bytes};
  paint_stack(stack);
  const bool listed = cage_->tasks().add(task, stack);
  TAKT_ASSERT(listed && stack_count_ < stacks_.size());  // Boards have fewer tasks.
  stacks_[stack_count_++] = stack;
  return Status::kOk;
}

void LinuxPorts::say_lack(const TaskSpec& task) {
  Line line{"[Boot] no room for "};
  line.append(task.name).append(": it needs ").append(number(task.stack_bytes));
  line.append(" B, and ").append(number(task.stack_bytes - cage_->memory().snapshot().hl));
  console_.say(line.append(" B are lacking").view());
}

Status LinuxPorts::open_watchdog() {
  if (config_.watchdog.empty()) return Status::kOk;
  const Status status = watchdog_.emplace().open_for_outputs(config_.watchdog);
  if (status != Status::kOk) {
    console_.say(watchdog_->error());
    watchdog_.reset();
    return status;
  }
  Line line{"note: the watchdog resets this board "};
  line.append(watchdog_->patience() / seconds(1)).append(".000 s after it was fed last");
  console_.say(line.view());
  return Status::kOk;
}

void LinuxPorts::close(bool outputs_are_off) {
  if (!watchdog_) return;
  if (!outputs_are_off) {
    watchdog_->leave_running();
    console_.say("the watchdog is left to reset the board");
  } else if (watchdog_->close() != Status::kOk) {
    console_.say(watchdog_->error());
  }
}

Runner& LinuxPorts::ordinary() {
  if (caged_) return *caged_;
  return ordinary_;
}

void LinuxPorts::print(std::string_view text) {
  for (;;) {
    const std::size_t end = text.find('\n');
    g_line.append(text.substr(0, end));
    if (end == std::string_view::npos) return;
    // What a console allocates is no part of the board.
    const UncagedScope uncaged;
    console_.say(g_line.view());
    g_line = {};
    text.remove_prefix(end + 1);
  }
}

void LinuxPorts::run(bool (*done)(void*), void* argument) {
  while (!done(argument)) waiter_.nap();
}

LinuxPorts::Pins::Pins(const std::string& chip, Console& console) : console_(console) {
  if (!chip.empty()) chip_.emplace(chip);
}

Status LinuxPorts::Pins::configure(std::span<const PinConfig> pins) {
  if (!chip_) return Status::kOk;
  const UncagedScope uncaged;
  const std::lock_guard lock{mutex_};
  const Status status = chip_->configure(pins);
  if (status != Status::kOk) console_.say(chip_->error());
  return status;
}

Status LinuxPorts::Pins::apply(const Levels& levels) {
  return chip_ ? chip_->apply(levels) : Status::kOk;
}

bool LinuxPorts::Pins::is_guarded() {
  const std::lock_guard lock{mutex_};
  return !chip_ || chip_->is_guarded();
}

Status LinuxPorts::Interrupts::start(Work& work) {
  const UncagedScope uncaged;
  return thread_.start(work);
}

void LinuxPorts::Interrupts::stop() {
  const UncagedScope uncaged;
  thread_.stop();
}

LinuxPorts::ControlTask::ControlTask(LinuxPorts& ports, const TaskSpec& spec)
    : ports_(ports), spec_(spec), task_(*ports.cage_, spec, ports.clock_) {}

Status LinuxPorts::ControlTask::start(Work& work) {
  const Status status = task_.start(work);
  if (status == Status::kNoMemory) ports_.say_lack(spec_);
  return status;
}

void LinuxPorts::Block::make(std::size_t bytes) {
  bytes_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
  size_ = bytes;
}

}  // namespace takt::firmware
