// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/session_trace.h"

namespace takt::sim {
namespace {

// One character for each signal; those of the right device follow those of the left.
constexpr char kMotor = 'A';
constexpr char kPercent = 'C';
constexpr char kAhead = 'E';
constexpr char kBound = 'G';
constexpr char kSent = 'I';
constexpr char kArrived = 'K';

constexpr std::string_view kHeader =
    "$timescale 1 us $end\n"
    "$scope module pair $end\n"
    "$var wire 1 A left $end\n"
    "$var wire 1 B right $end\n"
    "$var real 64 C left_percent $end\n"
    "$var real 64 D right_percent $end\n"
    "$var real 64 E left_session_ahead_us $end\n"
    "$var real 64 F right_session_ahead_us $end\n"
    "$var real 64 G left_bound_us $end\n"
    "$var real 64 H right_bound_us $end\n"
    "$var wire 1 I sent_to_left $end\n"
    "$var wire 1 J sent_to_right $end\n"
    "$var wire 1 K arrived_at_left $end\n"
    "$var wire 1 L arrived_at_right $end\n"
    "$upscope $end\n"
    "$enddefinitions $end\n";

char of(char first, std::size_t device) { return static_cast<char>(first + device); }

}  // namespace

Status SessionTrace::open(const std::string& path) {
  const Status status = file_.open(path);
  if (status != Status::kOk) return status;
  file_.append(kHeader);
  time(TrueTime{});
  for (char id = kMotor; id <= 'L'; ++id) {
    id < kPercent || id >= kSent ? wire(id, false) : number(id, 0);
  }
  return file_.status();
}

Status SessionTrace::close(Micros at) {
  time(TrueTime{at});
  return file_.close();
}

void SessionTrace::time(TrueTime at) {
  if (at == at_) return;
  at_ = at;
  file_.append('#');
  file_.append(at.since_zero().count());
  file_.append('\n');
}

void SessionTrace::wire(char id, bool value) {
  file_.append(value ? '1' : '0');
  file_.append(id);
  file_.append('\n');
}

void SessionTrace::number(char id, std::int64_t value) {
  file_.append('r');
  file_.append(value);
  file_.append(' ');
  file_.append(id);
  file_.append('\n');
}

void SessionTrace::output(std::size_t device, TrueTime at, unsigned percent) {
  time(at);
  wire(of(kMotor, device), percent != 0);
  number(of(kPercent, device), percent);
}

void SessionTrace::message(std::size_t to, TrueTime at, bool sent) {
  time(at);
  bool& toggle = toggles_[to + (sent ? 0 : 2)];
  toggle = !toggle;
  wire(of(sent ? kSent : kArrived, to), toggle);
}

void SessionTrace::clock(std::size_t device, TrueTime at, const Believed& belief) {
  time(at);
  number(of(kAhead, device), (belief.session.since_zero() - at.since_zero()).count());
  number(of(kBound, device), belief.bound.count());
}

}  // namespace takt::sim
