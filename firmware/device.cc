// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/device.h"

#include <algorithm>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/base/text.h"

namespace takt::firmware {
namespace {

using Line = FixedText<400>;

/// As on a 32-bit device; what needs more says so.
constexpr std::size_t kGranularity = 4;

constexpr std::size_t kPayloadBytes = std::max(kLargestMessage, sizeof(MemoryEvent));

constexpr bus::QueueOptions kAnswerQueue{8, bus::Policy::kDropOldest, bus::Lane::kNormal, 4};
constexpr bus::QueueOptions kSnapshotQueue{1, bus::Policy::kLatest, bus::Lane::kNormal, 1};
constexpr bus::QueueOptions kIncidentQueue = bus::QueueOptions::stream(8);
constexpr bus::ModuleOptions kMailboxOptions{.name = "root", .keeps = 0};

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

/// Faults of a program, a line each.
class PrintingSink final : public DiagnosticSink {
 public:
  explicit PrintingSink(Ports& ports) : ports_(ports) {}
  void report(const Diagnostic& diagnostic) override {
    Line line{diagnostic.severity == Severity::kError ? "[Program] error" : "[Program] warning"};
    if (!diagnostic.pointer.empty()) line.append(" at ").append(diagnostic.pointer.view());
    if (diagnostic.line != 0) {
      line.append(" (").append(std::int64_t{diagnostic.line}).append(":");
      line.append(std::int64_t{diagnostic.column}).append(")");
    }
    ports_.print(line.append(": ").append(diagnostic.message.view()).view());
    ports_.print("\n");
  }

 private:
  Ports& ports_;
};

}  // namespace

EngineNeeds DeviceConfig::needs_of_all(std::size_t cursors) {
  EngineNeeds needs;
  needs.analog_outputs = kMaxAnalogOutputs;
  needs.cursors = cursors;
  needs.guarded_outputs = kMaxOutputs;
  needs.interlocks = kMaxInterlocks;
  needs.patterns = 1;
  return needs;
}

void Device::Sink::line(std::string_view text) {
  ports_.print(text);
  ports_.print("\n");
}

void Device::Sink::event(const MemoryEvent& event) {
  if (publisher_ != nullptr) publisher_->event(event);
}

bool Device::Nudge::wait(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                         LocalTime deadline) {
  return ports_.waiter().wait(word, seen, deadline);
}

void Device::Nudge::wake(const std::atomic<std::uint32_t>& word) {
  ports_.waiter().wake(word);
  ports_.ordinary().wake();
  if (Runner* const services = ports_.services(); services != nullptr) services->wake();
}

void Device::Nudge::nap() { ports_.waiter().nap(); }

void Device::Heartbeat::step(LocalTime /*planned*/, LocalTime /*now*/, std::uint32_t /*missed*/) {
  reporter_.snapshot(Word{"hb"});
}

void Device::Turns::add(Work& work) {
  TAKT_ASSERT(count_ < kMost);
  works_[count_++] = &work;
}

LocalTime Device::Turns::run(LocalTime now) {
  LocalTime due = kNever;
  for (std::size_t i = 0; i < count_; ++i) due = std::min(due, works_[i]->run(now));
  return due;
}

void Device::BusNeeds::add(const bus::ModuleOptions& module) {
  bytes += bus::Registry::module_bytes(module.keeps);
}

void Device::BusNeeds::add(const bus::QueueOptions& queue) {
  ++queues;
  bytes += bus::Registry::queue_bytes(queue.depth);
}

Device::Device(Ports& ports, const DeviceConfig& config)
    : ports_(ports), config_(config), console_(ports), sink_(ports), nudge_(ports) {
  TAKT_ASSERT(config.board != nullptr);
}

Device::~Device() { static_cast<void>(shut_down()); }

Status Device::boot() {
  TAKT_ASSERT(state_ == State::kNew);
  const Status status = make_all();
  state_ = status == Status::kOk ? State::kRunning : State::kOver;
  if (status != Status::kOk) {
    ports_.realtime().stop();
    give_all_back();
  }
  return status;
}

Status Device::make_all() {
  Status status = make_memory();
  if (status == Status::kOk) status = charge_stacks();
  if (status == Status::kOk) status = make_playback();
  if (status == Status::kOk) status = make_bus();
  if (status == Status::kOk) status = make_driver();
  if (status == Status::kOk) status = make_modules(ports_.clock().now());
  if (status != Status::kOk) return status;
  memory_->lock();
  memory_->arm(config_.board->tripwire_bytes);
  status = start_runners();
  if (status == Status::kOk) reporter_->snapshot(Word{"setup"});
  return status;
}

Status Device::make_memory() {
  Exclusion& exclusion = ports_.exclusion();
  memory_ = ports_.memory();
  tasks_ = ports_.tasks();
  if (tasks_ == nullptr) tasks_ = &own_tasks_.emplace(exclusion);
  if (memory_ == nullptr) {
    memory_ = &own_memory_.emplace(exclusion);
    for (RegionSpec region : config_.board->regions) {
      const bool external = region.kind == RegionKind::kExternal;
      const std::span<std::byte> storage =
          external ? ports_.external_memory() : ports_.internal_memory();
      // What the firmware itself has taken is not there to be given.
      region.bytes = std::min(region.bytes, storage.size());
      if (region.bytes == 0) {
        ports_.print(Line{"[Boot] no memory for region "}.append(region.name).view());
        ports_.print("\n");
        return Status::kNoMemory;
      }
      memory_->add_region(region, storage.first(region.bytes), kGranularity);
    }
  }
  tags_ = {
      memory_->add_tag({.name = "stack"}), memory_->add_tag({.name = "player", .start_only = true}),
      memory_->add_tag({.name = "program"}), memory_->add_tag({.name = "bus", .start_only = true}),
      memory_->add_tag({.name = "sync"})};
  reporter_.emplace(*memory_, *tasks_, sink_);
  reporter_->snapshot(Word{"boot"});
  return Status::kOk;
}

/// A block that is given back at the end; null: said what was lacking.
std::byte* Device::take_block(std::string_view what, std::size_t bytes, Placement placement,
                              Tag tag) {
  void* const block = memory_->allocate({bytes, placement, tag, alignof(std::max_align_t)});
  if (block == nullptr) {
    const MemorySnapshot free = memory_->snapshot();
    say_lack(what, bytes, placement == Placement::kInternal ? free.hl : std::max(free.hl, free.pl));
    return nullptr;
  }
  TAKT_ASSERT(block_count_ < blocks_.size());
  blocks_[block_count_++] = {static_cast<std::byte*>(block), bytes};
  return static_cast<std::byte*>(block);
}

void Device::say_lack(std::string_view what, std::size_t bytes, std::size_t largest) {
  Line line{"[Boot] no room for "};
  line.append(what).append(": it needs ").append(number(bytes)).append(" B, and ");
  line.append(number(bytes > largest ? bytes - largest : 0)).append(" B are lacking\n");
  ports_.print(line.view());
}

Status Device::charge_stacks() {
  if (ports_.tasks() != nullptr) return Status::kOk;
  for (const TaskSpec& task : config_.board->tasks) {
    std::span<const std::byte> stack = ports_.stack_of(task);
    if (stack.empty()) {
      std::byte* const block =
          take_block(task.name, task.stack_bytes, Placement::kInternal, tags_.stack);
      if (block == nullptr) return Status::kNoMemory;
      paint_stack({block, task.stack_bytes});
      stack = {block, task.stack_bytes};
    }
    if (!tasks_->add(task, stack)) return Status::kNoMemory;
  }
  return Status::kOk;
}

Status Device::make_playback() {
  const Board& board = *config_.board;
  const std::size_t bytes = config_.largest.bytes();
  std::byte* const block = take_block("playback", bytes, Placement::kInternal, tags_.player);
  if (block == nullptr) return Status::kNoMemory;
  const EngineConfig config{.refill_latency = board.refill_latency,
                            .look_ahead = board.refill_latency * 2,
                            .sides = config_.sides,
                            .lateness = board.lateness,
                            .tolerance = config_.tolerance};
  engine_.emplace(EngineMemory{config_.largest, {block, bytes}}, config);
  realtime_.emplace(engine_->realtime(), ports_.outputs(), ports_.watchdog(), config_.outputs);
  wiring_.emplace(ports_.outputs(), ports_.realtime(), *realtime_);
  programs_.emplace(*memory_, Programs::Config{.tag = tags_.program,
                                               .compiled_tag = tags_.sync,
                                               .placement = Placement::kPreferExternal,
                                               .most_bytes = board.program_bytes(),
                                               .text = config_.text,
                                               .shares = config_.session.has_value()});
  return Status::kOk;
}

Status Device::make_driver() {
  if (!config_.session) {
    solo_.emplace(*engine_, ports_.realtime(), *wiring_, config_.lead);
    return Status::kOk;
  }
  if (ports_.link() == nullptr || ports_.authenticator() == nullptr) {
    ports_.print("[Boot] a session needs a link and an authenticator\n");
    return Status::kUnsupported;
  }
  lockstep_.emplace(*config_.session, *engine_, *programs_, *ports_.authenticator(),
                    ports_.clock().now());
  lockstep_half_.emplace(*lockstep_, *ports_.link(), ports_.clock(), ports_.realtime());
  joint_.emplace(*lockstep_, *lockstep_half_, *programs_, *wiring_);
  return Status::kOk;
}

Status Device::make_bus() {
  BusNeeds needs;
  needs.add(bus::ModuleOptions{.keeps = Control::kKeeps});
  needs.add(Control::kCommandQueue);
  needs.add(Control::kReadingQueue);
  for (const bus::QueueOptions& queue : {kAnswerQueue, kSnapshotQueue, kIncidentQueue}) {
    needs.add(kMailboxOptions);
    needs.add(queue);
  }
  needs.add(kMailboxOptions);  // The heartbeat.
  for (const Service& service : config_.services) {
    needs.add(service.options);
    for (const Listening& listening : service.queues) needs.add(listening.options);
  }
  if (const Status status = make_pool(config_.sizing.entries_for(needs.queues));
      status != Status::kOk) {
    return status;
  }
  std::byte* const block = take_block("the queues", needs.bytes, Placement::kInternal, tags_.bus);
  if (block == nullptr) return Status::kNoMemory;
  bus_.emplace(*pool_);
  registry_.emplace(*bus_, std::span{block, needs.bytes});
  return Status::kOk;
}

Status Device::make_pool(std::uint32_t entries) {
  const std::size_t control_bytes = bus::Pool::control_bytes(entries);
  std::byte* const control = take_block("the bus", control_bytes, Placement::kInternal, tags_.bus);
  if (control == nullptr) return Status::kNoMemory;
  const std::size_t bytes = bus::Pool::memory_bytes(kPayloadBytes, entries);
  std::byte* const payload =
      take_block("the pool of the bus", bytes, Placement::kPreferExternal, tags_.bus);
  if (payload == nullptr) return Status::kNoMemory;
  pool_.emplace(std::span{control, control_bytes}, &nudge_);
  const Status status = pool_->add(kPayloadBytes, {payload, bytes});
  if (status != Status::kOk) return status;
  Line line{"[Bus] pool entries="};
  line.append(std::int64_t{entries}).append(" payload=").append(number(kPayloadBytes));
  line.append(" region=").append(memory_->region_name_of(payload)).append("\n");
  ports_.print(line.view());
  return Status::kOk;
}

Status Device::make_modules(LocalTime now) {
  Driver& driver = joint_ ? static_cast<Driver&>(*joint_) : *solo_;
  publisher_.emplace(*bus_, kMemoryEvents, ports_.clock(), console_);
  control_.emplace(Control::Config{.observer = config_.control}, *bus_, *registry_, *engine_,
                   driver, *programs_);
  heartbeat_.emplace(*reporter_);
  executor_.emplace(*registry_);
  modules_.emplace(*executor_, ports_.clock());
  Status status = registry_->open(kMemoryEvents);
  if (status == Status::kOk) status = control_->join(*registry_, now);
  const auto add = [&](Mailbox& mailbox, const char* name, const Listening& listening) {
    if (status == Status::kOk) status = add_mailbox(mailbox, name, listening);
  };
  add(answers_, "answers", {kAnswerQueue, listen_to<kAnswers>});
  add(snapshots_, "snapshots", {kSnapshotQueue, listen_to<kPlayer>});
  add(incidents_, "incidents", {kIncidentQueue, listen_to<kIncidents>});
  const bus::ModuleOptions beat{.name = "memory", .keeps = 0, .period = config_.heartbeat};
  if (status == Status::kOk) status = add_service({&*heartbeat_, beat, {}}, now);
  for (const Service& service : config_.services) {
    if (status == Status::kOk) status = add_service(service, now);
  }
  executor_->call_when_needed();
  if (status != Status::kOk) {
    ports_.print(
        Line{"[Boot] the bus has no room for all modules: "}.append(name_of(status)).view());
    ports_.print("\n");
  }
  return status;
}

Status Device::add_mailbox(Mailbox& mailbox, const char* name, const Listening& listening) {
  bus::ModuleOptions options = kMailboxOptions;
  options.name = name;
  const Result<bus::ModuleId> id = registry_->attach(mailbox, options);
  if (!id.ok()) return id.status();
  mailbox.consumer = registry_->consumer(id.value());
  const Result<bus::QueueRecord*> queue = registry_->add_queue(id.value(), listening.options);
  return queue.ok() ? listening.subscribe(*registry_, *queue.value()) : queue.status();
}

Status Device::add_service(const Service& service, LocalTime now) {
  const Result<bus::ModuleId> id = registry_->attach(*service.module, service.options);
  if (!id.ok()) return id.status();
  for (const Listening& listening : service.queues) {
    const Result<bus::QueueRecord*> queue = registry_->add_queue(id.value(), listening.options);
    if (!queue.ok()) return queue.status();
    const Status status = listening.subscribe(*registry_, *queue.value());
    if (status != Status::kOk) return status;
  }
  return executor_->add(id.value(), now);
}

Status Device::start_runners() {
  sink_.publish_by(&*publisher_);
  Runner* const apart = ports_.services();
  // Where they share a runner, what services have to say at an instant is there for control.
  Turns& services = apart != nullptr ? services_ : ordinary_;
  services.add(*modules_);
  for (Work* const work : config_.works) services.add(*work);
  ordinary_.add(*control_);
  Status status = ports_.realtime().start(*realtime_);
  if (status == Status::kOk && apart != nullptr) status = apart->start(services_);
  if (status == Status::kOk) status = ports_.ordinary().start(ordinary_);
  if (status != Status::kOk) ports_.print("[Boot] a task could not be started\n");
  return status;
}

Status Device::load(std::string_view source, std::uint32_t number) {
  PrintingSink sink{ports_};
  const Result<std::size_t> place = programs_->load(source, sink);
  if (!place.ok()) {
    say_why(place.status());
    return place.status();
  }
  if (!control_->hand_over(place.value(), number)) {
    programs_->drop(place.value());
    return Status::kBusy;
  }
  ports_.ordinary().wake();
  return Status::kOk;
}

void Device::say_why(Status status) {
  Line line{"[Program] not loaded: "};
  if (status == Status::kTooLarge && programs_->wanted_bytes() != 0) {
    line.append("it takes ").append(number(programs_->wanted_bytes())).append(" B, and this board");
    line.append(" has ").append(number(config_.board->program_bytes())).append(" B for it");
  } else if (status == Status::kBusy) {
    line.append("too many programs are waiting");
  } else if (status == Status::kNoMemory) {
    const MemorySnapshot free = memory_->snapshot();
    line.append("the memory of programs is full; the largest free block has ");
    line.append(number(std::max(free.hl, free.pl))).append(" B");
  } else {
    line.append(name_of(status));
  }
  ports_.print(line.append("\n").view());
}

Status Device::submit(const Command& command) {
  if (command.kind == Command::Kind::kEmergencyStop) emergency_stop();
  Result<bus::Loan<Command>> loan =
      bus_->alloc_for(kCommands, bus::kNobody, ports_.clock().now(), kSubmitPatience);
  if (!loan.ok()) return loan.status();
  *loan.value() = command;
  const bus::Broadcast sent =
      bus_->publish_for(kCommands, std::move(loan.value()), ports_.clock().now(), kSubmitPatience);
  return sent.dropped() == 0 ? Status::kOk : Status::kTimeout;
}

void Device::emergency_stop() {
  engine_->request_emergency_stop();
  ports_.realtime().wake();
  ports_.ordinary().wake();
}

Status Device::make_safe() {
  if (engine_) engine_->request_emergency_stop();
  return ports_.outputs().apply({});
}

Status Device::shut_down() {
  if (std::exchange(state_, State::kOver) != State::kRunning) return Status::kOk;
  if (Runner* const services = ports_.services(); services != nullptr) services->stop();
  ports_.ordinary().stop();
  // Nobody else is in the control half any more. The others of a session hear of it.
  Driver& driver = joint_ ? static_cast<Driver&>(*joint_) : *solo_;
  const LocalTime now = ports_.clock().now();
  Command stop;
  stop.kind = Command::Kind::kStop;
  static_cast<void>(driver.act(stop, now));
  static_cast<void>(driver.run(now));
  ports_.realtime().stop();
  const Status safe = ports_.outputs().apply({});
  give_all_back();
  return safe;
}

void Device::give_all_back() {
  sink_.publish_by(nullptr);
  modules_.reset();
  executor_.reset();
  control_.reset();
  solo_.reset();
  joint_.reset();
  lockstep_half_.reset();
  lockstep_.reset();
  publisher_.reset();
  registry_.reset();
  bus_.reset();
  pool_.reset();
  wiring_.reset();
  realtime_.reset();
  engine_.reset();
  programs_.reset();
  if (memory_ == nullptr) return;
  for (std::size_t i = block_count_; i > 0; --i) {
    if (memory_->tag_of(blocks_[i - 1].data()) == tags_.stack) tasks_->remove(blocks_[i - 1]);
    memory_->free(blocks_[i - 1].data());
  }
  block_count_ = 0;
  memory_->set_observer(nullptr);
}

}  // namespace takt::firmware
