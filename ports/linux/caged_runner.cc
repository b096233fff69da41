// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/linux/caged_runner.h"

#include <utility>

#include "takt/ports/linux/signals_held_back.h"

namespace takt {

Status CagedRunner::start(Work& work) {
  if (task_) return Status::kBusy;
  work_ = &work;
  stopping_.store(false);
  began_.store(false);
  const SignalsHeldBack held_back;
  Result<CagedTask> task = cage_.start(spec_, Tag{}, [this] { loop(); });
  if (!task.ok()) return task.status();
  task_.emplace(std::move(task.value()));
  began_.wait(false);
  return Status::kOk;
}

void CagedRunner::wake() {
  wakes_.fetch_add(1);
  waiter_.wake(wakes_);
}

void CagedRunner::stop() {
  if (!task_) return;
  stopping_.store(true);
  wake();
  task_.reset();
}

void CagedRunner::loop() {
  LastAct::lend_stack(fault_stack_);
  began_.store(true);
  began_.notify_one();
  while (!stopping_.load()) {
    const std::uint32_t seen = wakes_.load();
    LocalTime now = clock_.now();
    const LocalTime due = work_->run(now);
    // Else it has been woken: then it runs whatever its deadline.
    while (wakes_.load() == seen && (now = clock_.now()) < due) waiter_.wait(wakes_, seen, due);
  }
}

}  // namespace takt
