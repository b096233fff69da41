// SPDX-License-Identifier: Apache-2.0
#include "takt/core/bus/trace_json.h"

#include "takt/core/base/text.h"

namespace takt::bus {
namespace {

using Line = FixedText<256>;

const char* topic_name(const Snapshot& snapshot, std::uint8_t number) {
  for (std::size_t i = 0; i < snapshot.topic_count; ++i) {
    if (snapshot.topics[i].number == number) return snapshot.topics[i].name;
  }
  return "message";
}

void thread_names(const Snapshot& snapshot, TextOut& out) {
  for (std::size_t i = 0; i < snapshot.module_count; ++i) {
    Line line;
    line.append(R"({"ph":"M","name":"thread_name","pid":1,"tid":)");
    line.append(std::int64_t{snapshot.modules[i].id}).append(R"(,"args":{"name":")");
    out.write(line.append(snapshot.modules[i].name).append("\"}},\n").view());
  }
}

// The fields that every event has. A message is known by slot and generation.
Line event(const char* phase, const char* name, ModuleId thread, const Trace::Instant& instant) {
  Line line;
  line.append(R"({"ph":")").append(phase).append(R"(","cat":"bus","name":")").append(name);
  line.append(R"(","pid":1,"tid":)").append(std::int64_t{thread}).append(",\"ts\":");
  line.append(instant.time.since_zero().count()).append(R"(,"args":{"message":)");
  line.append(std::int64_t{instant.handle.word()}).append(",\"source\":");
  line.append(std::int64_t{instant.source});
  return line;
}

void write_flow(const char* phase, ModuleId thread, const Trace::Instant& instant, TextOut& out) {
  Line line = event(phase, "message", thread, instant);
  line.append("},\"id\":").append(std::int64_t{instant.handle.word()});
  out.write(line.append(R"(,"bp":"e"})").append(",\n").view());
}

}  // namespace

void write_chrome_trace(const Trace& trace, const Snapshot& snapshot, TextOut& out) {
  out.write("{\"traceEvents\":[\n");
  thread_names(snapshot, out);
  trace.for_each([&](const Trace::Instant& instant) {
    switch (instant.kind) {
      case Trace::Kind::kPublish: {
        Line line = event("X", topic_name(snapshot, instant.place), instant.source, instant);
        out.write(line.append("},\"dur\":0},\n").view());
        write_flow("s", instant.source, instant, out);
        break;
      }
      case Trace::Kind::kEnqueue: {
        Line line = event("i", "enqueue", instant.source, instant);
        line.append(",\"queue\":").append(std::int64_t{instant.place});
        out.write(line.append("},\"s\":\"t\"},\n").view());
        break;
      }
      case Trace::Kind::kReceive:
        out.write(event("B", "handle", instant.place, instant).append("}},\n").view());
        write_flow("f", instant.place, instant, out);
        break;
      case Trace::Kind::kRelease:
        out.write(event("E", "handle", instant.place, instant).append("}},\n").view());
        break;
    }
  });
  // Chrome's format lets no comma stand before the end, so something harmless has to.
  out.write(R"({"ph":"M","name":"process_name","pid":1,"args":{"name":"takt bus"}})");
  out.write("\n],\"displayTimeUnit\":\"ns\"}\n");
}

}  // namespace takt::bus
