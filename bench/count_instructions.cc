// SPDX-License-Identifier: Apache-2.0
#include "bench/count_instructions.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace takt {
namespace {

// Stops the child. A bare system call, so that few instructions of its own are counted.
void mark() { syscall(SYS_tgkill, getpid(), gettid(), SIGSTOP); }

[[noreturn]] void run_child(const SteppedRun& run) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
  mark();  // From here on the parent leads.
  run.prepare();
  // The first is empty, to be subtracted, and called by the same path as the others.
  const std::function<void(std::size_t)> nothing = [](std::size_t) {};
  mark();
  nothing(0);
  mark();
  for (std::size_t i = 0; i < run.operations; ++i) {
    mark();
    run.operation(i);
    mark();
    run.then(i);
  }
  _exit(0);
}

// Waits until the child stops; none: it ended.
std::optional<int> stop_signal(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return std::nullopt;
  return WSTOPSIG(status);
}

std::optional<int> resume(pid_t child, bool one_step) {
  const auto how = one_step ? PTRACE_SINGLESTEP : PTRACE_CONT;
  if (ptrace(how, child, nullptr, nullptr) != 0) return std::nullopt;
  return stop_signal(child);
}

// From one mark to the next.
std::optional<std::uint64_t> count_one(pid_t child) {
  if (resume(child, false) != SIGSTOP) return std::nullopt;
  for (std::uint64_t steps = 0; steps < kMostInstructions; ++steps) {
    const auto signal = resume(child, true);
    if (signal == SIGSTOP) return steps;
    if (signal != SIGTRAP) return std::nullopt;
  }
  return resume(child, false) == SIGSTOP ? std::optional(kMostInstructions) : std::nullopt;
}

std::optional<std::vector<std::uint64_t>> count_all(pid_t child, std::size_t operations) {
  if (stop_signal(child) != SIGSTOP) return std::nullopt;
  const auto empty = count_one(child);
  std::vector<std::uint64_t> counts;
  for (std::size_t i = 0; empty && i < operations; ++i) {
    const auto count = count_one(child);
    if (!count) return std::nullopt;
    const bool all_counted = *count < kMostInstructions;
    counts.push_back(all_counted ? *count - std::min(*count, *empty) : *count);
  }
  return empty ? std::optional(counts) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> count_instructions(const SteppedRun& run) {
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) run_child(run);
  auto counts = count_all(child, run.operations);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return counts;
}

}  // namespace takt
