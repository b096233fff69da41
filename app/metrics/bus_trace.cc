// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_trace.h"

#include "takt/core/json/json_writer.h"

namespace takt {
namespace {

using bus::ModuleId;
using bus::Snapshot;
using bus::Trace;

const char* topic_name(const Snapshot& snapshot, std::uint8_t number) {
  for (std::size_t i = 0; i < snapshot.topic_count; ++i) {
    if (snapshot.topics[i].number == number) return snapshot.topics[i].name;
  }
  return "message";
}

class ChromeTrace {
 public:
  ChromeTrace(const Snapshot& snapshot, TextOut& out) : snapshot_(snapshot), out_(out) {}

  void write(const Trace& trace) {
    out_.begin_object();
    out_.begin_array("traceEvents");
    thread_names();
    trace.for_each([this](const Trace::Instant& instant) { write(instant); });
    out_.new_line();
    out_.end_array();
    out_.field("displayTimeUnit", "ns");
    out_.end_object();
  }

 private:
  void thread_names() {
    for (std::size_t i = 0; i < snapshot_.module_count; ++i) {
      out_.new_line();
      out_.begin_object();
      out_.field("ph", "M");
      out_.field("name", "thread_name");
      out_.field("pid", 1);
      out_.field("tid", snapshot_.modules[i].id);
      out_.begin_object("args");
      out_.field("name", snapshot_.modules[i].name);
      out_.end_object();
      out_.end_object();
    }
  }

  void write(const Trace::Instant& instant) {
    switch (instant.kind) {
      case Trace::Kind::kPublish:
        begin("X", topic_name(snapshot_, instant.place), instant.source, instant);
        out_.field("dur", 0);
        out_.end_object();
        flow("s", instant.source, instant);
        break;
      case Trace::Kind::kEnqueue:
        begin("i", "enqueue", instant.source, instant, true);
        out_.field("s", "t");
        out_.end_object();
        break;
      case Trace::Kind::kReceive:
        begin("B", "handle", instant.place, instant);
        out_.end_object();
        flow("f", instant.place, instant);
        break;
      case Trace::Kind::kRelease:
        begin("E", "handle", instant.place, instant);
        out_.end_object();
        break;
    }
  }

  /// The fields that every event has. A message is known by slot and generation.
  void begin(const char* phase, const char* name, ModuleId thread, const Trace::Instant& instant,
             bool with_queue = false) {
    out_.new_line();
    out_.begin_object();
    out_.field("ph", phase);
    out_.field("cat", "bus");
    out_.field("name", name);
    out_.field("pid", 1);
    out_.field("tid", thread);
    out_.field("ts", instant.time.since_zero().count());
    out_.begin_object("args");
    out_.field("message", instant.handle.word());
    out_.field("source", instant.source);
    if (with_queue) out_.field("queue", instant.place);
    out_.end_object();
  }

  void flow(const char* phase, ModuleId thread, const Trace::Instant& instant) {
    begin(phase, "message", thread, instant);
    out_.field("id", instant.handle.word());
    out_.field("bp", "e");
    out_.end_object();
  }

  const Snapshot& snapshot_;
  json::Writer out_;
};

}  // namespace

void write_chrome_trace(const Trace& trace, const Snapshot& snapshot, TextOut& out) {
  ChromeTrace{snapshot, out}.write(trace);
  out.write("\n");
}

}  // namespace takt
