// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sessions.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

namespace takt::sim {
namespace {

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void add(Summary& sum, const Summary& other) {
  sum.sessions += other.sessions;
  sum.verdict += other.verdict;
  sum.edge_errors.add(other.edge_errors);
  sum.start_skews.add(other.start_skews);
  sum.settle_s.insert(sum.settle_s.end(), other.settle_s.begin(), other.settle_s.end());
  sum.pulse_kept.insert(sum.pulse_kept.end(), other.pulse_kept.begin(), other.pulse_kept.end());
  sum.failing_seeds.insert(sum.failing_seeds.end(), other.failing_seeds.begin(),
                           other.failing_seeds.end());
  sum.messages += other.messages;
  sum.cpu_s += other.cpu_s;
  sum.simulated_s += other.simulated_s;
}

}  // namespace

void Histogram::add(float us) {
  const auto whole = static_cast<std::size_t>(std::lround(us));
  ++counts_[std::min(whole, kMost)];
  ++count_;
  max_ = std::max(max_, static_cast<double>(us));
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i <= kMost; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double Histogram::at(double part) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(count_ - 1));
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < kMost; ++i) {
    before += counts_[i];
    if (before > wanted) return static_cast<double>(i);
  }
  return max_;
}

void Summary::add(std::uint64_t seed, const Outcome& outcome) {
  ++sessions;
  verdict += outcome.verdict;
  for (const float error : outcome.edge_errors) edge_errors.add(error);
  for (const float skew : outcome.start_skews) start_skews.add(skew);
  if (outcome.settle_s >= 0) settle_s.push_back(outcome.settle_s);
  if (outcome.pulse_kept >= 0) pulse_kept.push_back(outcome.pulse_kept);
  if (!outcome.verdict.clean()) failing_seeds.push_back(seed);
  messages += outcome.messages;
}

Micros Lengths::of(std::uint64_t seed) const { return Random{seed}.time(shortest, longest); }

double percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

Summary run_sessions(const SessionConfig& config, const Lengths& lengths, std::uint64_t sessions,
                     unsigned threads, const std::function<void(std::uint64_t)>& progress) {
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> done{0};
  Summary sum;
  std::mutex mutex;
  const auto work = [&] {
    Summary own;
    const double began = thread_cpu_s();
    for (std::uint64_t i = next++; i < sessions; i = next++) {
      SessionConfig one = config;
      one.seed += i;
      one.length = lengths.of(one.seed);
      own.add(one.seed, run_session(one));
      own.simulated_s += static_cast<double>(one.length.count()) * 1e-6;
      ++done;
    }
    own.cpu_s = thread_cpu_s() - began;
    const std::lock_guard lock{mutex};
    add(sum, own);
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back(work);
  while (progress && done < sessions) {
    progress(done);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  for (std::thread& worker : workers) worker.join();
  std::ranges::sort(sum.settle_s);
  std::ranges::sort(sum.pulse_kept);
  std::ranges::sort(sum.failing_seeds);
  return sum;
}

}  // namespace takt::sim
