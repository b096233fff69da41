// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sim_report.h"

#include <fmt/format.h>

#include "tools/cli/text.h"

namespace takt {
namespace {

using sim::percentile;

void json_percentiles(JsonOut& out, std::string_view name, double p50, double p99, double max) {
  out.begin_object(name);
  out.field("p50", p50);
  out.field("p99", p99);
  out.field("max", max);
  out.end_object();
}

bool is_told(const sim::Count& count, Told told) {
  return count.in_records || told == Told::kBySimulation;
}

void print_row(std::string_view name, double p50, double p99, double max) {
  fmt::print("  {:<32} {:>10.1f} {:>10.1f} {:>10.1f}\n", name, p50, p99, max);
}

}  // namespace

void print_count(std::string_view name, std::uint64_t value) {
  fmt::print("  {:<32} {:>10}\n", name, with_commas(value));
}

void print_verdict(const sim::Verdict& verdict, Told told) {
  for (const sim::Count& count : sim::kCounts) {
    if (is_told(count, told)) print_count(count.name, verdict.*count.value);
  }
}

void print_measures(const sim::Summary& sum) {
  fmt::print("  {:<32} {:>10} {:>10} {:>10}\n", "", "p50", "p99", "max");
  print_row("error between both sides, us", sum.edge_errors.at(0.5), sum.edge_errors.at(0.99),
            sum.edge_errors.max());
  print_row("skew at the start, us", sum.start_skews.at(0.5), sum.start_skews.at(0.99),
            sum.start_skews.max());
  print_row("until settled, s", percentile(sum.settle_s, 0.5), percentile(sum.settle_s, 0.99),
            percentile(sum.settle_s, 1));
  if (sum.pulse_kept.empty()) return;
  fmt::print("  pulses keep {:.1f} % of their length (p50), {:.1f} % at least\n",
             100 * percentile(sum.pulse_kept, 0.5), 100 * percentile(sum.pulse_kept, 0));
}

void json_verdict(JsonOut& out, const sim::Verdict& verdict, Told told) {
  for (const sim::Count& count : sim::kCounts) {
    if (is_told(count, told)) out.field(count.key, verdict.*count.value);
  }
}

void json_measures(JsonOut& out, const sim::Summary& sum) {
  json_percentiles(out, "edge_error_us", sum.edge_errors.at(0.5), sum.edge_errors.at(0.99),
                   sum.edge_errors.max());
  json_percentiles(out, "start_skew_us", sum.start_skews.at(0.5), sum.start_skews.at(0.99),
                   sum.start_skews.max());
  json_percentiles(out, "settle_s", percentile(sum.settle_s, 0.5), percentile(sum.settle_s, 0.99),
                   percentile(sum.settle_s, 1));
  out.begin_object("pulse_kept");
  out.field("p50", percentile(sum.pulse_kept, 0.5));
  out.field("min", percentile(sum.pulse_kept, 0));
  out.end_object();
}

}  // namespace takt
