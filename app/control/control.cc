// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/control.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace takt {
namespace {

PlayerSnapshot::State state_of(EngineState state) {
  switch (state) {
    case EngineState::kEmpty: return PlayerSnapshot::State::kEmpty;
    case EngineState::kReady: return PlayerSnapshot::State::kReady;
    case EngineState::kPlaying: return PlayerSnapshot::State::kPlaying;
    case EngineState::kPaused: return PlayerSnapshot::State::kPaused;
    case EngineState::kFault: return PlayerSnapshot::State::kFault;
  }
  return PlayerSnapshot::State::kEmpty;
}

PlayerSnapshot::End end_of(EndReason reason) {
  switch (reason) {
    case EndReason::kNone: return PlayerSnapshot::End::kNone;
    case EndReason::kFinished: return PlayerSnapshot::End::kFinished;
    case EndReason::kStopped: return PlayerSnapshot::End::kStopped;
    case EndReason::kFault: return PlayerSnapshot::End::kFault;
  }
  return PlayerSnapshot::End::kNone;
}

PlayerSnapshot snapshot_of(const EngineStatus& status, LocalTime now) {
  PlayerSnapshot snapshot;
  snapshot.at = now;
  snapshot.state = state_of(status.state);
  snapshot.end = end_of(status.end);
  snapshot.phase = status.entry.phase;
  snapshot.loop = status.entry.loop;
  snapshot.pass = status.entry.pass;
  snapshot.phase_elapsed = status.phase_elapsed;
  snapshot.elapsed = status.elapsed;
  snapshot.remaining = status.remaining;
  snapshot.edges = status.edges;
  snapshot.faults = status.faults;
  snapshot.lost_pulses = status.lost_pulses;
  snapshot.beyond_tolerance = status.beyond_tolerance.count;
  snapshot.withheld = status.withheld;
  snapshot.silenced = status.silenced;
  snapshot.latest = status.lateness.max;
  return snapshot;
}

}  // namespace

Status Control::join(bus::Registry& registry, LocalTime now) {
  const Result<bus::ModuleId> id = registry.attach(*this, {.name = "control", .keeps = kKeeps});
  if (!id.ok()) return id.status();
  id_ = id.value();
  const Result<bus::QueueRecord*> commands = registry.add_queue(id_, kCommandQueue);
  if (!commands.ok()) return commands.status();
  const Result<bus::QueueRecord*> readings = registry.add_queue(id_, kReadingQueue);
  if (!readings.ok()) return readings.status();
  Status status = registry.subscribe(*commands.value(), kCommands);
  if (status == Status::kOk) status = registry.subscribe(*readings.value(), kReadings);
  if (status == Status::kOk) status = executor_.add(id_, now);
  executor_.call_when_needed();
  return status;
}

LocalTime Control::run(LocalTime now) {
  now_ = now;
  watch_emergency_stop(now);
  std::uint32_t taken = 0;
  if (task_ && now >= task_->retry_at) work_off(now);
  while (!task_ && taken < kMostAtOnce && take_next(now)) ++taken;
  const LocalTime due = driver_.run(now);
  watch_agreement(now);
  report_incidents(now);
  programs_.tidy(engine_);
  const LocalTime next = std::min(due, show(now));
  if (config_.observer != nullptr) config_.observer->after_run(engine_, now);
  ran_at_ = now;
  if (task_) return std::min(next, task_->retry_at);
  return taken == kMostAtOnce ? now : next;
}

/// Whatever came first: a program is there before the command that plays it. False: nothing came.
bool Control::take_next(LocalTime now) {
  Handover program;
  if (handed_over_.pop(program)) {
    task_ = Task{program, {}, now, now};
    work_off(now);
    return true;
  }
  bus::Turn turn = executor_.begin(now);
  if (!turn) return false;
  turn.run();
  executor_.finish(std::move(turn), now, bus::Executor::Outcome::kDone);
  return true;
}

void Control::process(const bus::Message& message) {
  if (const Reading* const reading = message.get(kReadings)) {
    // When it was so, as far as the engine has not gone on since.
    const LocalTime at = std::clamp(reading->at, ran_at_, now_);
    return engine_.sense(reading->sensor.view(), reading->value, at);
  }
  const Command* const command = message.get(kCommands);
  if (command == nullptr) return;
  task_ = Task{std::nullopt, *command, now_, now_};
  work_off(now_);
}

void Control::work_off(LocalTime now) {
  Outcome outcome = attempt(*task_, now);
  if (outcome.next == Outcome::Next::kTryAgain) {
    if (now - task_->since < kPatience) {
      task_->retry_at = now + kRetry;
      return;
    }
    outcome = Outcome::refused(Status::kTimeout, "the outputs have not come to rest");
  }
  const Task task = *std::exchange(task_, std::nullopt);
  if (task.program && outcome.status == Status::kOk) programs_.keep(task.program->place);
  if (task.program && outcome.status != Status::kOk) programs_.give_up(task.program->place);
  const std::uint32_t number = task.program ? task.program->number : task.command.number;
  if (outcome.next != Outcome::Next::kAskWhether) return answer(number, outcome, now);
  answer(agreeing_, Outcome::refused(Status::kBusy, "another command came before"), now);
  agreeing_ = number;
}

Outcome Control::attempt(const Task& task, LocalTime now) {
  if (task.program) {
    const Programs::Volume& volume = programs_.adopt(task.program->place);
    const auto bytes = static_cast<std::uint32_t>(volume.compiled.size());
    return driver_.load({task.program->place, volume.timeline, volume.hash, bytes}, now);
  }
  if (task.command.kind != Command::Kind::kEmergencyStop) return driver_.act(task.command, now);
  engine_.request_emergency_stop();
  watch_emergency_stop(now);
  return Outcome::done();
}

/// It may come from anywhere, also beside the bus.
void Control::watch_emergency_stop(LocalTime now) {
  const bool held = engine_.realtime().emergency_stopped();
  if (held && !is_held_) driver_.hold(now);
  is_held_ = held;
}

void Control::watch_agreement(LocalTime now) {
  if (agreeing_ == 0) return;
  const std::optional<Outcome> outcome = driver_.agreed(now);
  if (outcome) answer(std::exchange(agreeing_, 0), *outcome, now);
}

template <bus::Payload P>
void Control::publish(bus::Topic<P> topic, const P& value, LocalTime now) {
  Result<bus::Loan<P>> loan = bus_.try_alloc(topic, id_);
  if (!loan.ok()) return;  // The pool counts it.
  *loan.value() = value;
  static_cast<void>(bus_.publish(topic, std::move(loan.value()), now));
}

void Control::answer(std::uint32_t number, const Outcome& outcome, LocalTime now) {
  if (number != 0) publish(kAnswers, {number, outcome.status, outcome.reason}, now);
}

void Control::report_incidents(LocalTime now) {
  // A program that has not begun has no faults or ends: so there is a timeline.
  Fault fault;
  // Bounded: by the room of the engine's queues.
  while (engine_.take_fault(fault)) {
    const Timeline* const timeline = engine_.timeline();
    const bool wanted = fault.reason == FaultReason::kEmergencyStop;
    Incident incident{
        fault.at, wanted ? Incident::Kind::kEmergencyStop : Incident::Kind::kFault, 0, {}};
    if (timeline == nullptr) {
      incident.text.append("outputs cannot be written");
    } else {
      if (fault.entry < timeline->entry_count())
        incident.phase = timeline->entry(fault.entry).phase;
      incident.text.append(describe(fault, timeline->program()).view());
    }
    publish(kIncidents, incident, now);
  }
  PhaseEnd end;
  // Bounded: as above.
  while (engine_.take_phase_end(end)) {
    if (end.cause == PhaseEndCause::kPlan) continue;
    Incident incident{end.at, Incident::Kind::kPhaseEnd, 0, {}};
    incident.phase = engine_.timeline()->entry(end.entry).phase;
    incident.text.append(name_of(end.cause));
    if (end.cause == PhaseEndCause::kSensor) {
      incident.text.append(" ").append(end.sensor).append(" at ").append(std::int64_t{end.value});
    }
    publish(kIncidents, incident, now);
  }
}

/// When to be called again for it.
LocalTime Control::show(LocalTime now) {
  PlayerSnapshot snapshot = snapshot_of(engine_.status(now), now);
  const Driver::Run run = driver_.latest_run();
  snapshot.held = is_held_;
  snapshot.run = run.number;
  snapshot.began = run.began;
  const auto turn = [](const PlayerSnapshot& s) {
    return std::tuple{s.state, s.end, s.held, s.run, s.phase, s.loop, s.pass};
  };
  if (now >= show_at_ || turn(snapshot) != turn(shown_)) {
    shown_ = snapshot;
    publish(kPlayer, snapshot, now);
    const bool moves = snapshot.state == PlayerSnapshot::State::kPlaying;
    show_at_ = moves ? now + config_.snapshot_every : kNever;
  }
  return show_at_;
}

}  // namespace takt
