// SPDX-License-Identifier: Apache-2.0
// Reads cycles of the CycleOptima firmware, version 4, in every wrapper that they come in.
#pragma once

#include <array>
#include <span>

#include "takt/core/program/codec.h"
#include "takt/core/program/form.h"

namespace takt {

class CycleOptimaForm final : public Form {
 public:
  /// `wrapped`: the phases are not at the root of the document but in its field `data`.
  CycleOptimaForm(const LoadOptions& options, bool wrapped)
      : options_(options), wrapped_(wrapped) {}

  json::Walker::Root root() const override;

  /// Reports mappings that can never be right.
  static void check_options(const LoadOptions& options, Reporter& reporter);

 private:
  struct StepDraft {
    Micros on = seconds(1);
    Micros pause;
    bool clockwise = true;
  };
  struct PhaseDraft {
    NameText name;
    NameText id;
    std::uint32_t id_at = 0;  ///< In the source; 0: there is none.
    Micros start;
  };
  struct TriggerDraft {
    std::uint8_t type = 0;
    std::int32_t threshold = 0;
    bool above = true;
  };
  struct ComponentDraft {
    NameText output;
    std::uint32_t id_at = 0;
    Micros start;
    Micros duration;
  };
  struct MotorDraft {
    std::uint32_t repeats = 1;
    std::uint32_t steps = 0;
    StepDraft last;
    bool toggles = false;
    bool fits = true;  ///< The points so far have a tick.
  };

  void start() override;
  std::string_view program_name() const override { return name_.view(); }
  void begin(const json::Walker& at, const json::Shape& shape) override;
  void value(const json::Walker& at, const json::Shape& shape, const json::Field& field,
             const json::Value& value) override;
  void end(const json::Walker& at, const json::Shape& shape, std::uint32_t seen) override;

  void name_value(std::uint8_t rank, std::string_view text);
  void phase_value(const json::Walker& at, const json::Field& field, const json::Value& value);
  void component_value(const json::Walker& at, const json::Field& field, const json::Value& value);
  void end_phase(const json::Walker& at, std::uint32_t seen);
  void end_step(const json::Walker& at);
  void end_motor(const json::Walker& at);
  void toggle(const json::Walker& at);
  void end_component(const json::Walker& at, std::uint32_t seen);
  void note_component_id(const json::Walker& at);
  void add_outputs();
  void misfit(const json::Walker& at);

  /// The name that a person recognises.
  NameText shown_name() const;
  /// The index of the output that a `compId` means; reports if there is none.
  std::uint8_t resolve(const json::Walker& at) const;

  LoadOptions options_;
  bool wrapped_;
  NameText name_;
  std::uint8_t name_rank_ = 0;  ///< Of where name_ was found; the highest wins.
  PhaseDraft phase_;
  TriggerDraft trigger_;
  ComponentDraft component_;
  MotorDraft motor_;
  StepDraft step_;
  std::size_t ids_ = 0;
  /// Where the ids of the phase's components are in the source.
  std::array<std::uint32_t, kMaxComponentsPerPhase> id_at_{};
};

}  // namespace takt
