// SPDX-License-Identifier: Apache-2.0
// The forms of a program that are JSON.
#include "takt/core/json/json_reader.h"
#include "takt/core/json/json_walk.h"
#include "takt/core/json/locate.h"
#include "takt/core/program/codec.h"
#include "takt/core/program/cycleoptima_form.h"
#include "takt/core/program/takt_form.h"

namespace takt {
namespace {

/// Fields of the oldest CycleOptima schema, which the firmware does not read any more.
constexpr std::string_view kOldestFields[] = {"phaseName", "phaseStartTime", "compStartTime",
                                              "ifMotor", "singleDir"};

/// Looks at the fields that tell the forms apart.
class Recogniser final : public json::TokenHandler {
 public:
  void on_token(json::Token token, std::string_view text, std::size_t offset) override {
    using json::Token;
    if (depth_ == 0) {
      is_array_ = token == Token::kBeginArray;
      is_object_ = token == Token::kBeginObject;
    }
    if (token == Token::kBeginObject || token == Token::kBeginArray) depth_ += 1;
    if (token == Token::kEndObject || token == Token::kEndArray) depth_ -= 1;
    if (token == Token::kKey) on_key(text, offset);
  }

  bool is_array() const { return is_array_; }
  bool is_object() const { return is_object_; }
  bool has_takt() const { return has_takt_; }
  bool has_phases() const { return has_phases_; }
  bool has_data() const { return has_data_; }
  bool has_data_phases() const { return has_data_phases_; }
  std::string_view oldest() const { return oldest_; }
  std::size_t oldest_offset() const { return oldest_offset_; }

 private:
  void on_key(std::string_view key, std::size_t offset) {
    const bool phases = json::same_name(key, "phases", json::Case::kIgnored);
    if (depth_ == 1) {
      in_data_ = json::same_name(key, "data", json::Case::kIgnored);
      has_data_ = has_data_ || in_data_;
      has_takt_ = has_takt_ || key == "takt";
      has_phases_ = has_phases_ || phases;
    }
    has_data_phases_ = has_data_phases_ || (depth_ == 2 && in_data_ && phases);
    if (!oldest_.empty()) return;
    for (const std::string_view field : kOldestFields) {
      if (!json::same_name(key, field, json::Case::kIgnored)) continue;
      oldest_ = field;
      oldest_offset_ = offset;
    }
  }

  std::size_t depth_ = 0;
  bool is_array_ = false;
  bool is_object_ = false;
  bool has_takt_ = false;
  bool has_phases_ = false;
  bool has_data_ = false;
  bool has_data_phases_ = false;
  bool in_data_ = false;
  std::string_view oldest_;
  std::size_t oldest_offset_ = 0;
};

}  // namespace

/// The members of TextForms.
class JsonForms {
 public:
  static Status scan(Loader& loader, Reporter& reporter) {
    const Result<json::Extent> extent = json::scan(loader.source_, reporter);
    if (!extent.ok()) return extent.status();
    loader.extent_ = extent.value();
    loader.scratch_bytes_ = json::scratch_bytes(loader.extent_);
    return Status::kOk;
  }

  static Status measure(Loader& loader, std::span<std::byte> scratch, Reporter& reporter) {
    loader.scratch_ = scratch;
    const Status status = recognise(loader, reporter);
    if (status != Status::kOk) return status;
    if (loader.format_ == Format::kTakt) {
      TaktForm form;
      return measure_as(form, loader, reporter);
    }
    CycleOptimaForm::check_options(loader.options_, reporter);
    CycleOptimaForm form{loader.options_, loader.wrapped_};
    return measure_as(form, loader, reporter);
  }

  static Result<Program> build(Loader& loader, ProgramBuilder& builder, Reporter& reporter) {
    if (loader.format_ == Format::kTakt) {
      TaktForm form;
      return build_as(form, loader, builder, reporter);
    }
    CycleOptimaForm form{loader.options_, loader.wrapped_};
    return build_as(form, loader, builder, reporter);
  }

  static Result<Timeline> check(Loader& loader, const Program& program) {
    LocatingSink places{loader.source_map(), loader.sink_};
    return takt::check(program, places);
  }

 private:
  static Status recognise(Loader& loader, Reporter& reporter);
  static Status measure_as(Form& form, Loader& loader, Reporter& reporter);
  static Result<Program> build_as(Form& form, Loader& loader, ProgramBuilder& builder,
                                  Reporter& reporter);
};

Status JsonForms::recognise(Loader& loader, Reporter& reporter) {
  Recogniser seen;
  const std::optional<json::SyntaxError> fault =
      json::read(loader.source_, loader.extent_, loader.scratch_, seen);
  // The walk that comes will report it, with a pointer, if the form is known.
  Where where;
  where.offset = json::next_token(loader.source_, json::begin_of(loader.source_));
  if (seen.has_takt()) {
    loader.format_ = Format::kTakt;
    return Status::kOk;
  }
  if (!seen.oldest().empty()) {
    where.offset = seen.oldest_offset();
    where.pointer = pointer_to(loader.source_, where.offset);
    reporter.error(
        where, message_of("this is the oldest CycleOptima schema, with fields such as ",
                          Quoted{seen.oldest()}, "; it is not supported: export the cycle again"));
    return Status::kUnsupported;
  }
  loader.format_ = Format::kCycleOptima;
  loader.wrapped_ = !seen.has_phases();
  if (seen.has_phases() && seen.has_data_phases()) {
    reporter.error(where, message_of("there are phases both at the root and in 'data'"));
    return Status::kOutOfRange;
  }
  if (fault || seen.is_array() || seen.has_phases() || seen.has_data()) return Status::kOk;
  reporter.error(where,
                 message_of("this is no program: it has neither 'takt' (takt's own form) nor "
                            "'phases' or 'data' (a CycleOptima cycle)"));
  return Status::kUnsupported;
}

Status JsonForms::measure_as(Form& form, Loader& loader, Reporter& reporter) {
  json::Walker walker{loader.source_, form.root(), form, reporter};
  form.begin_pass(Pass::kMeasure, nullptr);
  const bool complete = walker.run(loader.extent_, loader.scratch_);
  form.end_pass();
  loader.size_ = form.size();
  if (!reporter.failed() && loader.size_.phases == 0) {
    reporter.error(
        locate(loader.source_, phases_pointer(loader.source_map()), json::Case::kIgnored),
        message_of("a program must have at least one phase"));
  }
  reporter.finish();
  if (!complete) return Status::kCorrupt;
  return reporter.failed() ? Status::kOutOfRange : Status::kOk;
}

Result<Program> JsonForms::build_as(Form& form, Loader& loader, ProgramBuilder& builder,
                                    Reporter& reporter) {
  for (const Pass pass : {Pass::kOutputs, Pass::kLinks, Pass::kPhases, Pass::kLast}) {
    json::Walker walker{loader.source_, form.root(), form, reporter};
    form.begin_pass(pass, &builder);
    walker.run(loader.extent_, loader.scratch_);
    form.end_pass();
    if (reporter.failed()) break;
  }
  reporter.finish();
  if (reporter.failed()) return Status::kOutOfRange;
  return form.finish();
}

constinit const TextForms kJson{JsonForms::scan, JsonForms::measure, JsonForms::build,
                                JsonForms::check};

}  // namespace takt
