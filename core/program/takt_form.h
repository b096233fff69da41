// SPDX-License-Identifier: Apache-2.0
// Reads takt's own JSON form.
#pragma once

#include <optional>

#include "takt/core/program/form.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {

class TaktForm final : public Form {
 public:
  json::Walker::Root root() const override;

 private:
  /// What the draft of the component that is being read does not say.
  struct Points {
    bool fit = true;  ///< The points so far have a tick.
    std::uint32_t steps = 0;
    std::uint32_t directed = 0;    ///< Pulses that name a direction.
    std::uint32_t undirected = 0;  ///< Pulses that name none.
    std::uint32_t edges = 0;
    std::uint16_t highest_level = 0;
  };

  void start() override;
  std::string_view program_name() const override { return name_.view(); }
  void begin(const json::Walker& at, const json::Shape& shape) override;
  void begin_pattern(const json::Walker& at, std::string_view phase);
  void value(const json::Walker& at, const json::Shape& shape, const json::Field& field,
             const json::Value& value) override;
  void end(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) override;

  /// The object that is being read, as far as it has come.
  void* draft_of(const json::Shape& shape);
  void keep_text(const json::Walker& at, const json::Shape& shape, const json::Field& field,
                 std::string_view text);
  /// The number that stands for `value` in the model; nothing: there is none, or not in this pass.
  std::optional<std::int64_t> number_of(const json::Walker& at, const json::Shape& shape,
                                        const json::Field& field, const json::Value& value);
  std::int64_t millis_of(const json::Walker& at, const json::Shape& shape, const json::Field& field,
                         Micros duration) const;
  void exclude(const json::Walker& at, std::string_view id);

  void end_output(const json::Walker& at, std::uint32_t seen);
  void add_output(const json::Walker& at);
  void link_output(const json::Walker& at);
  void end_interlock(const json::Walker& at, std::uint32_t seen);
  void end_phase(const json::Walker& at);
  void end_condition(const json::Walker& at, std::uint32_t seen);
  void end_step(const json::Walker& at, std::uint32_t seen);
  void end_edge(const json::Walker& at, std::uint32_t seen);
  void end_component(const json::Walker& at, std::uint32_t seen);
  bool check_fields(const json::Walker& at, std::uint32_t seen) const;
  void finish_pulses(const json::Walker& at, std::uint32_t seen);
  void finish_edges(const json::Walker& at, std::uint32_t seen);
  void finish_ramp(const json::Walker& at, std::uint32_t seen);
  void resolve_component(const json::Walker& at, std::uint32_t seen);
  void misfit(const json::Walker& at);
  void end_loop(const json::Walker& at);
  void end_segment();
  void end_pattern(const json::Walker& at, const json::Shape& shape, std::uint32_t seen);
  void end_root(const json::Walker& at, std::uint32_t seen);

  /// The index of an output; reports if there is none of that id.
  std::uint8_t resolve_output(const json::Walker& at, std::string_view id);
  /// The index of the only phase of that name; reports if there is none, or several.
  std::size_t resolve_phase(const json::Walker& at, std::string_view name);

  NameText name_;
  Program root_;
  Output output_;
  Interlock interlock_;
  std::uint32_t excluded_ =
      0;  ///< Outputs that the interlock names, also those that are not there.
  Phase phase_;
  ComponentDraft component_;
  Points points_;
  StepDraft step_;
  EdgeDraft edge_;
  Loop loop_;
  Pattern pattern_;
  Segment segment_;
  std::size_t analog_ = 0;  ///< Analog outputs so far.
};

}  // namespace takt
