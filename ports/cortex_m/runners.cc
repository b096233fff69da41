// SPDX-License-Identifier: Apache-2.0
#include "takt/ports/cortex_m/runners.h"

namespace takt {

Status InterruptRunner::start(Work& work) {
  if (work_.load(std::memory_order_relaxed) != nullptr) return Status::kBusy;
  work_.store(&work, std::memory_order_relaxed);
  deadline_ = LocalTime{};
  woken_.store(false, std::memory_order_relaxed);
  Handler handler{[](void* self) { static_cast<InterruptRunner*>(self)->serve(); }, this};
  if (observer_.run != nullptr) handler = observer_;
  alarm_.start(Urgency::kOutputs, handler);
  return Status::kOk;
}

void InterruptRunner::wake() {
  if (work_.load(std::memory_order_relaxed) == nullptr) return;
  woken_.store(true, std::memory_order_release);
  alarm_.ring();
}

void InterruptRunner::stop() {
  alarm_.stop();
  work_.store(nullptr, std::memory_order_relaxed);
}

void InterruptRunner::serve() {
  alarm_.clear();
  const LocalTime now = clock_.now();
  const bool woken = woken_.load(std::memory_order_acquire);
  if (woken) woken_.store(false, std::memory_order_relaxed);
  if (woken || now >= deadline_) deadline_ = work_.load(std::memory_order_relaxed)->run(now);
  alarm_.set(deadline_);
}

Status LoopRunner::start(Work& work) {
  if (work_ != nullptr) return Status::kBusy;
  work_ = &work;
  deadline_ = LocalTime{};
  woken_.store(false, std::memory_order_relaxed);
  serve_alarm();
  return Status::kOk;
}

void LoopRunner::serve_alarm() {
  serves_alarm_ = true;
  alarm_.start(Urgency::kLoop, {[](void* self) {
                                  auto& runner = *static_cast<LoopRunner*>(self);
                                  runner.alarm_.clear();
                                  runner.rung_.store(true, std::memory_order_release);
                                },
                                this});
}

void LoopRunner::wake() {
  woken_.store(true, std::memory_order_release);
  rung_.store(true, std::memory_order_release);
}

void LoopRunner::stop() {
  work_ = nullptr;
  alarm_.stop();
  serves_alarm_ = false;
}

bool LoopRunner::run_if_due() {
  if (!rung_.load(std::memory_order_acquire)) return false;
  rung_.store(false, std::memory_order_relaxed);
  if (work_ == nullptr) return false;
  const LocalTime now = clock_.now();
  const bool woken = woken_.load(std::memory_order_acquire);
  if (woken) woken_.store(false, std::memory_order_relaxed);
  if (!woken && now < deadline_) {
    alarm_.set(deadline_);
    return false;
  }
  deadline_ = work_->run(now);
  alarm_.set(deadline_);
  return true;
}

void LoopRunner::step() {
  if (run_if_due()) return;
  const NoInterrupts masked;
  if (!rung_.load(std::memory_order_acquire)) sleep();
}

void LoopRunner::step(const std::atomic<std::uint32_t>& word, std::uint32_t seen,
                      LocalTime latest) {
  if (run_if_due()) return;
  if (!serves_alarm_) serve_alarm();
  // When it rings for nothing, run_if_due() sets it to the work's deadline again.
  if (work_ == nullptr || latest < deadline_) alarm_.set(latest);
  const NoInterrupts masked;
  if (!rung_.load(std::memory_order_acquire) && word.load(std::memory_order_acquire) == seen) {
    sleep();
  }
}

/// With interrupts masked: they still end the sleep, and are served when they no longer are.
void LoopRunner::sleep() {
  // QEMU may let time jump to the end of a sleep from when the clock was last read, and so too far.
  static_cast<void>(clock_.now());
  asm volatile("wfi" ::: "memory");
}

}  // namespace takt
