// SPDX-License-Identifier: Apache-2.0
#include "takt/app/metrics/bus_report.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "takt/core/base/text.h"
#include "takt/core/json/json_writer.h"

namespace takt {
namespace {

using bus::Histogram;
using bus::ModuleFigures;
using bus::Pool;
using bus::QueueFigures;
using bus::Snapshot;
using bus::TopicFigures;

using Line = FixedText<256>;

/// A name and where its figure is found, so that all formats say the same.
template <typename Figures>
struct Field {
  std::string_view name;
  std::uint32_t Figures::*member;
};

constexpr std::array kSizeFields{
    Field<Pool::ClassUsage>{"total", &Pool::ClassUsage::total},
    Field<Pool::ClassUsage>{"in_use", &Pool::ClassUsage::in_use},
    Field<Pool::ClassUsage>{"peak", &Pool::ClassUsage::peak},
    Field<Pool::ClassUsage>{"failures", &Pool::ClassUsage::failures},
};
constexpr std::array kQueueFields{
    Field<QueueFigures>{"depth", &QueueFigures::depth},
    Field<QueueFigures>{"length", &QueueFigures::length},
    Field<QueueFigures>{"peak_length", &QueueFigures::peak_length},
    Field<QueueFigures>{"average_length_milli", &QueueFigures::average_length_milli},
    Field<QueueFigures>{"accepted", &QueueFigures::accepted},
    Field<QueueFigures>{"delivered", &QueueFigures::delivered},
    Field<QueueFigures>{"dropped", &QueueFigures::dropped},
    Field<QueueFigures>{"displaced", &QueueFigures::displaced},
    Field<QueueFigures>{"returned", &QueueFigures::returned},
};
constexpr std::array kModuleFields{
    Field<ModuleFigures>{"handled", &ModuleFigures::handled},
    Field<ModuleFigures>{"kept", &ModuleFigures::kept},
    Field<ModuleFigures>{"crashes", &ModuleFigures::crashes},
    Field<ModuleFigures>{"stalls", &ModuleFigures::stalls},
    Field<ModuleFigures>{"restarts", &ModuleFigures::restarts},
    Field<ModuleFigures>{"returned", &ModuleFigures::returned},
    Field<ModuleFigures>{"longest_hold_us", &ModuleFigures::longest_hold_us},
};
constexpr std::array kTopicFields{
    Field<TopicFigures>{"in_use", &TopicFigures::in_use},
    Field<TopicFigures>{"quota", &TopicFigures::quota},
    Field<TopicFigures>{"refused", &TopicFigures::refused},
};
constexpr std::array kFaultFields{
    Field<Pool::Faults>{"double_releases", &Pool::Faults::double_releases},
    Field<Pool::Faults>{"stale_releases", &Pool::Faults::stale_releases},
    Field<Pool::Faults>{"stale_reads", &Pool::Faults::stale_reads},
    Field<Pool::Faults>{"late_releases", &Pool::Faults::late_releases},
    Field<Pool::Faults>{"refused_clones", &Pool::Faults::refused_clones},
};

template <typename Figures, std::size_t kCount>
void json_fields(const std::array<Field<Figures>, kCount>& fields, const Figures& figures,
                 json::Writer& out) {
  for (const Field<Figures>& field : fields) out.field(field.name, figures.*field.member);
}

void json_counts(std::string_view name, const Histogram::Counts& counts, json::Writer& out) {
  out.begin_array(name);
  for (const std::uint32_t count : counts) out.value(count);
  out.end_array();
}

template <typename Figures, std::size_t kMost, typename Write>
void json_objects(std::string_view name, const std::array<Figures, kMost>& all, std::size_t count,
                  json::Writer& out, Write write) {
  out.begin_array(name);
  for (std::size_t i = 0; i < count; ++i) {
    out.begin_object();
    write(all[i]);
    out.end_object();
  }
  out.end_array();
}

/// `{queue="3",module="display"}` and the like.
Line labels_of(const Pool::ClassUsage& size) {
  Line labels;
  labels.append("payload_bytes=\"").append(std::int64_t{size.payload_bytes}).append("\"");
  return labels;
}
Line labels_of(const QueueFigures& queue) {
  Line labels;
  labels.append("queue=\"").append(std::int64_t{queue.number}).append("\",module=\"");
  labels.append(queue.module).append("\"");
  return labels;
}
Line labels_of(const ModuleFigures& module) {
  Line labels;
  labels.append("module=\"").append(module.name).append("\"");
  return labels;
}
Line labels_of(const TopicFigures& topic) {
  Line labels;
  labels.append("topic=\"").append(topic.name).append("\"");
  return labels;
}

// What can fall is a gauge; everything else only counts up.
bool is_gauge(std::string_view name) {
  for (const std::string_view gauge :
       {"total", "in_use", "peak", "depth", "length", "peak_length", "average_length_milli", "kept",
        "longest_hold_us", "quota"}) {
    if (name == gauge) return true;
  }
  return false;
}

void type_line(std::string_view group, std::string_view name, std::string_view type, TextOut& out) {
  Line line;
  line.append("# TYPE takt_bus_").append(group).append(name).append(" ").append(type);
  out.write(line.append("\n").view());
}

template <typename Figures, std::size_t kFields, std::size_t kMost>
void prometheus_group(std::string_view group, const std::array<Field<Figures>, kFields>& fields,
                      const std::array<Figures, kMost>& all, std::size_t count, TextOut& out) {
  for (const Field<Figures>& field : fields) {
    type_line(group, field.name, is_gauge(field.name) ? "gauge" : "counter", out);
    for (std::size_t i = 0; i < count; ++i) {
      Line line;
      line.append("takt_bus_").append(group).append(field.name).append("{");
      line.append(labels_of(all[i]).view()).append("} ");
      out.write(line.append(std::int64_t{all[i].*field.member}).append("\n").view());
    }
  }
}

// Microseconds as seconds: Prometheus knows no other unit of time.
void append_seconds(Micros duration, Line& line) {
  constexpr std::int64_t kPerSecond = 1'000'000;
  line.append(duration.count() / kPerSecond).append(".");
  for (std::int64_t digit = kPerSecond / 10; digit > 0; digit /= 10) {
    line.append(duration.count() / digit % 10);
  }
}

template <typename Figures, std::size_t kMost>
void prometheus_histogram(std::string_view name, const std::array<Figures, kMost>& all,
                          std::size_t count, Histogram::Counts Figures::*member, TextOut& out) {
  type_line(name, "", "histogram", out);
  for (std::size_t i = 0; i < count; ++i) {
    const Histogram::Counts& counts = all[i].*member;
    std::int64_t below = 0;
    for (std::size_t b = 0; b < counts.size(); ++b) {
      below += counts[b];
      Line line;
      line.append("takt_bus_").append(name).append("_bucket{").append(labels_of(all[i]).view());
      line.append(",le=\"");
      if (b + 1 < counts.size()) {
        append_seconds(Histogram::bound(b), line);
      } else {
        line.append("+Inf");
      }
      out.write(line.append("\"} ").append(below).append("\n").view());
    }
    Line line;
    line.append("takt_bus_").append(name).append("_count{").append(labels_of(all[i]).view());
    out.write(line.append("} ").append(below).append("\n").view());
  }
}

void cell(std::string_view text, std::size_t width, Line& line) {
  for (std::size_t i = text.size(); i < width; ++i) line.append(" ");
  line.append(text);
}

template <typename Figures, std::size_t kFields, std::size_t kMost>
void table(std::string_view title, const std::array<Field<Figures>, kFields>& fields,
           const std::array<Figures, kMost>& all, std::size_t count, TextOut& out) {
  Line heads;
  heads.append(title).append("\n ");
  for (const Field<Figures>& field : fields) cell(field.name, field.name.size() + 2, heads);
  out.write(heads.append("\n").view());
  for (std::size_t i = 0; i < count; ++i) {
    Line line;
    line.append(" ");
    for (const Field<Figures>& field : fields) {
      FixedText<24> number;
      cell(number.append(std::int64_t{all[i].*field.member}).view(), field.name.size() + 2, line);
    }
    out.write(line.append("  ").append(labels_of(all[i]).view()).append("\n").view());
  }
}

}  // namespace

void write_json(const Snapshot& snapshot, TextOut& text) {
  json::Writer out{text};
  out.begin_object();
  json_objects("pool", snapshot.sizes, snapshot.size_count, out, [&](const auto& size) {
    out.field("payload_bytes", size.payload_bytes);
    json_fields(kSizeFields, size, out);
  });
  json_objects("queues", snapshot.queues, snapshot.queue_count, out, [&](const auto& queue) {
    out.field("queue", queue.number);
    out.field("module", queue.module);
    out.field("lane", queue.lane == bus::Lane::kControl ? "control" : "normal");
    json_fields(kQueueFields, queue, out);
    json_counts("age", queue.age, out);
  });
  json_objects("modules", snapshot.modules, snapshot.module_count, out, [&](const auto& module) {
    out.field("module", module.name);
    out.field("ready", module.ready);
    json_fields(kModuleFields, module, out);
    json_counts("hold", module.hold, out);
  });
  json_objects("topics", snapshot.topics, snapshot.topic_count, out, [&](const auto& topic) {
    out.field("topic", topic.name);
    json_fields(kTopicFields, topic, out);
  });
  out.begin_object("faults");
  json_fields(kFaultFields, snapshot.faults, out);
  out.end_object();
  out.end_object();
}

void write_prometheus(const Snapshot& snapshot, TextOut& out) {
  prometheus_group("pool_", kSizeFields, snapshot.sizes, snapshot.size_count, out);
  prometheus_group("queue_", kQueueFields, snapshot.queues, snapshot.queue_count, out);
  prometheus_group("module_", kModuleFields, snapshot.modules, snapshot.module_count, out);
  prometheus_group("topic_", kTopicFields, snapshot.topics, snapshot.topic_count, out);
  prometheus_histogram("age_seconds", snapshot.queues, snapshot.queue_count, &QueueFigures::age,
                       out);
  prometheus_histogram("hold_seconds", snapshot.modules, snapshot.module_count,
                       &ModuleFigures::hold, out);
  for (const Field<Pool::Faults>& field : kFaultFields) {
    type_line("", field.name, "counter", out);
    Line line;
    line.append("takt_bus_").append(field.name).append(" ");
    out.write(line.append(std::int64_t{snapshot.faults.*field.member}).append("\n").view());
  }
}

void write_table(const Snapshot& snapshot, TextOut& out) {
  table("pool", kSizeFields, snapshot.sizes, snapshot.size_count, out);
  table("queues", kQueueFields, snapshot.queues, snapshot.queue_count, out);
  table("modules", kModuleFields, snapshot.modules, snapshot.module_count, out);
  table("topics", kTopicFields, snapshot.topics, snapshot.topic_count, out);
  out.write("faults\n");
  for (const Field<Pool::Faults>& field : kFaultFields) {
    Line line;
    line.append("  ").append(field.name).append(" ");
    out.write(line.append(std::int64_t{snapshot.faults.*field.member}).append("\n").view());
  }
}

Status run_bus_command(std::string_view words, const Snapshot& snapshot, TextOut& out) {
  if (words.empty()) {
    write_table(snapshot, out);
  } else if (words == "json") {
    write_json(snapshot, out);
    out.write("\n");
  } else if (words == "prometheus") {
    write_prometheus(snapshot, out);
  } else {
    return Status::kUnsupported;
  }
  return Status::kOk;
}

}  // namespace takt
