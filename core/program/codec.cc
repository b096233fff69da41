// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/codec.h"

#include "takt/core/program/compiled.h"

namespace takt {

Status Loader::scan() {
  Reporter reporter{source_, sink_};
  if (source_.size() > kMaxSourceBytes) {
    reporter.error(
        message_of("the document is too large; the limit is ", kMaxSourceBytes, " bytes").view());
    return Status::kTooLarge;
  }
  if (is_compiled(source_)) {
    format_ = Format::kCompiled;
    return Status::kOk;
  }
  if (options_.text != nullptr) return options_.text->scan(*this, reporter);
  reporter.error("only compiled programs are read here; 'takt compile' makes them");
  return Status::kUnsupported;
}

Status Loader::measure(std::span<std::byte> scratch) {
  Reporter reporter{source_, sink_};
  if (format_ != Format::kCompiled) return options_.text->measure(*this, scratch, reporter);
  const Result<ProgramSize> size = measure_compiled(source_, reporter);
  if (size.ok()) size_ = size.value();
  return size.status();
}

Result<Program> Loader::build(std::span<std::byte> block) {
  Reporter reporter{source_, sink_};
  ProgramBuilder builder{size_, block};
  if (format_ != Format::kCompiled) return options_.text->build(*this, builder, reporter);
  return build_compiled(source_, builder, reporter);
}

Result<Timeline> Loader::check(const Program& program) {
  if (format_ != Format::kCompiled) return options_.text->check(*this, program);
  return takt::check(program, sink_);
}

}  // namespace takt
