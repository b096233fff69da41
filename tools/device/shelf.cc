// SPDX-License-Identifier: Apache-2.0
#include "tools/device/shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "takt/core/program/codec.h"
#include "tools/cli/failure.h"
#include "tools/cli/file.h"
#include "tools/programs/encoded.h"
#include "tools/programs/loading.h"

namespace takt {
namespace {

constexpr std::string_view kSuffix = ".takt";

}  // namespace

HostShelf::HostShelf(std::string folder) : folder_(std::move(folder)) {
  if (folder_.empty()) return;
  std::error_code error;
  const std::filesystem::directory_iterator files{folder_, error};
  if (error) throw Failure{Exit::kWorld, fmt::format("{}: {}", folder_, error.message())};
  for (const auto& file : files) {
    if (file.path().extension() != kSuffix || volumes_.size() == kMostPrograms) continue;
    FileContent content = read_whole(file.path().string(), kMostBytes);
    const sync::ProgramHash hash = sync::hash_of(content.bytes);
    // What is not the program that its name promises was cut short, or put there by somebody else.
    if (content.too_large || file.path() != path_of(hash)) continue;
    static_cast<void>(put(hash, std::move(content.bytes)));  // find() says what is wrong with it.
  }
}

std::string HostShelf::path_of(sync::ProgramHash hash) const {
  return (std::filesystem::path{folder_} / fmt::format("{:016x}{}", hash, kSuffix)).string();
}

HostShelf::Title HostShelf::add(const Timeline& timeline) {
  std::string compiled = encoded(timeline, Format::kCompiled);
  const Title title{sync::hash_of(compiled), static_cast<std::uint32_t>(compiled.size())};
  if (compiled.size() > kMostBytes) {
    throw Failure{Exit::kNo, fmt::format("the program is too large to be sent to others: {} bytes "
                                         "compiled, of {} at most",
                                         compiled.size(), kMostBytes)};
  }
  if (put(title.hash, std::move(compiled)) != Status::kOk) {
    throw Failure{Exit::kNo, "the program cannot be read back from its compiled form"};
  }
  return title;
}

/// Any error stays with the program: it is here, and no good.
Status HostShelf::put(sync::ProgramHash hash, std::string compiled) {
  if (volumes_.contains(hash)) return volumes_[hash]->timeline.status();
  auto volume = std::make_unique<Volume>();
  volume->compiled = std::move(compiled);
  IgnoredDiagnostics ignored;
  Loader loader{volume->compiled, {}, ignored};
  const Result<Program> program = load_into(volume->block, loader);
  volume->timeline = program.ok() ? check(program.value(), ignored) : program.status();
  const Status status = volume->timeline.status();
  volumes_[hash] = std::move(volume);
  return status;
}

Result<Timeline> HostShelf::find(sync::ProgramHash program) {
  const auto found = volumes_.find(program);
  if (found == volumes_.end()) return Status::kNotLoaded;
  const Result<Timeline>& timeline = found->second->timeline;
  if (wired_ == nullptr || !timeline.ok()) return timeline;
  const Program& other = timeline.value().program();
  const bool fits = other.pattern != nullptr && wired_->pattern != nullptr &&
                    other.pattern->sides == wired_->pattern->sides &&
                    std::ranges::equal(other.outputs, wired_->outputs, &Output::plays_as);
  if (!fits) return Status::kUnsupported;
  return timeline;
}

std::size_t HostShelf::read(sync::ProgramHash program, std::uint32_t offset,
                            std::span<std::byte> to) {
  const auto found = volumes_.find(program);
  if (found == volumes_.end()) return 0;
  const std::string_view compiled = found->second->compiled;
  if (offset >= compiled.size()) return 0;
  const std::string_view part = compiled.substr(offset, to.size());
  std::ranges::copy(std::as_bytes(std::span{part}), to.begin());
  return part.size();
}

Status HostShelf::write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
                        std::span<const std::byte> bytes) {
  if (volumes_.size() >= kMostPrograms) return Status::kNoMemory;
  if (size > kMostBytes) {
    auto refused = std::make_unique<Volume>();
    refused->timeline = Status::kTooLarge;
    volumes_[program] = std::move(refused);
    return Status::kTooLarge;
  }
  if (offset == 0) {
    coming_ = program;
    coming_bytes_.clear();
  }
  if (coming_ != program || offset != coming_bytes_.size()) return Status::kCorrupt;
  for (const std::byte byte : bytes) coming_bytes_ += static_cast<char>(byte);
  if (coming_bytes_.size() < size) return Status::kOk;
  if (sync::hash_of(coming_bytes_) != program) return Status::kCorrupt;
  if (put(program, coming_bytes_) != Status::kOk || folder_.empty()) return Status::kOk;
  try {
    write_whole(path_of(program), coming_bytes_);
  } catch (const Failure& failure) {
    error_ = failure.what();
  }
  return Status::kOk;
}

}  // namespace takt
