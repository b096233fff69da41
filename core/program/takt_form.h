// SPDX-License-Identifier: Apache-2.0
// Reads takt's own JSON form.
#pragma once

#include "takt/core/program/form.h"

namespace takt {

class TaktForm final : public Form {
 public:
  json::Walker::Root root() const override;

 private:
  /// The object that is being read, as far as it has come.
  struct OutputDraft {
    NameText id;
    NameText direction;
    Output row;
    std::int32_t range = 0;  ///< 0: not given.
  };
  struct InterlockDraft {
    NameText motor;
    Interlock row;
    Micros reversal_dead_time;
    std::uint32_t named = 0;  ///< Of never_together.
  };
  struct PhaseDraft {
    NameText name;
    Micros delay;
  };
  struct EndDraft {
    NameText sensor;
    Condition row;
    bool fault_on_timeout = true;
  };
  struct ComponentDraft {
    NameText output;
    Component row;
    Micros on, pause, length;
    bool clockwise = false;
    bool fits = true;  ///< The points so far have a tick.
    std::uint32_t steps = 0;
    std::uint32_t directed = 0;    ///< Pulses that name a direction,
    std::uint32_t undirected = 0;  ///< and that do not.
    std::uint32_t edges = 0;
    std::uint16_t highest_level = 0;
  };
  struct StepDraft {
    Micros on, pause;
    bool clockwise = false;
  };
  struct EdgeDraft {
    Micros at;
    std::uint16_t value = 0;
  };
  struct LoopDraft {
    NameText from, to;
    Loop row;
  };
  struct PatternDraft {
    Pattern row;
    Segment segment;
  };

  void start() override;
  std::string_view program_name() const override { return name_.view(); }
  void begin(const json::Walker& at, const json::Shape& shape) override;
  void begin_pattern(const json::Walker& at, std::string_view phase);
  void value(const json::Walker& at, const json::Shape& shape, const json::Field& field,
             const json::Value& value) override;
  void end(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) override;

  void root_value(const json::Field& field, const json::Value& value);
  void output_value(const json::Field& field, const json::Value& value);
  void interlock_value(const json::Walker& at, const json::Field& field, const json::Value& value);
  void component_value(const json::Field& field, const json::Value& value);
  void end_value(const json::Field& field, const json::Value& value);
  void loop_value(const json::Field& field, const json::Value& value);
  void pattern_value(const json::Field& field, const json::Value& value);
  void segment_value(const json::Walker& at, const json::Field& field, const json::Value& value);
  void side_value(const json::Walker& at, Side side, const json::Field& field,
                  const json::Value& value);

  void end_output(const json::Walker& at, std::uint32_t seen);
  void add_output(const json::Walker& at);
  void link_output(const json::Walker& at);
  void end_interlock(const json::Walker& at, std::uint32_t seen);
  void add_interlock(const json::Walker& at);
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

  /// The index of an output; reports at `where` if there is none of that id.
  std::uint8_t resolve_output(const json::Walker& at, const Where& where, std::string_view id);
  /// The index of the only phase of that name; reports if there is none, or several.
  std::size_t resolve_phase(const json::Walker& at, std::string_view field, std::string_view name);

  NameText name_;
  OutputDraft output_;
  InterlockDraft interlock_;
  PhaseDraft phase_;
  EndDraft end_;
  ComponentDraft component_;
  StepDraft step_;
  EdgeDraft edge_;
  LoopDraft loop_;
  PatternDraft pattern_;
  std::size_t analog_ = 0;  ///< Analog outputs so far.
};

}  // namespace takt
