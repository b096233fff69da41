// SPDX-License-Identifier: Apache-2.0
#include "takt/app/control/programs.h"

#include <algorithm>
#include <utility>

#include "takt/core/base/text_out.h"
#include "takt/core/program/codec.h"

namespace takt {
namespace {

class CountingSink final : public TextOut {
 public:
  void write(std::string_view bytes) override { count_ += bytes.size(); }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

class BlockSink final : public TextOut {
 public:
  explicit BlockSink(std::byte* block) : next_(block) {}
  void write(std::string_view bytes) override {
    next_ = std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), next_);
  }

 private:
  std::byte* next_;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::size_t with_playback(const Program& program) {
  return program.memory_bytes + sizeof(Engine) + EngineNeeds::of(program).bytes();
}

}  // namespace

Programs::~Programs() {
  for (Place& place : places_) release(place);
}

std::byte* Programs::take(std::size_t bytes, Tag tag) {
  return static_cast<std::byte*>(
      memory_.allocate({bytes, config_.placement, tag, alignof(std::max_align_t)}));
}

std::size_t Programs::claim() {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    State expected = State::kFree;
    if (places_[i].state.compare_exchange_strong(expected, State::kLoading)) return i;
  }
  return kPlaces;
}

void Programs::release(Place& place) {
  if (place.state.load(std::memory_order_acquire) == State::kFree) return;
  place.volume.reset();
  memory_.free(std::exchange(place.block, nullptr));
  memory_.free(std::exchange(place.compiled, nullptr));
  place.state.store(State::kFree, std::memory_order_release);
}

Result<std::size_t> Programs::load(std::string_view source, DiagnosticSink& sink) {
  const std::size_t index = claim();
  if (index == kPlaces) return Status::kBusy;
  Place& place = places_[index];
  wanted_bytes_ = 0;
  Status status = build(source, sink, place, wanted_bytes_);
  if (status == Status::kOk && config_.shares) status = compile(place);
  if (status == Status::kOk) return index;
  release(place);
  return status;
}

/// The tables of `place`; `wanted`: their bytes, if those are too many.
Status Programs::build(std::string_view source, DiagnosticSink& sink, Place& place,
                       std::size_t& wanted) {
  Loader loader{source, {.text = config_.text}, sink};
  if (const Status status = loader.scan(); status != Status::kOk) return status;
  std::byte* const scratch = take(loader.scratch_bytes(), config_.tag);
  if (scratch == nullptr) return Status::kNoMemory;
  Status status = loader.measure({scratch, loader.scratch_bytes()});
  const std::size_t bytes = status == Status::kOk ? loader.program_bytes() : 0;
  if (status == Status::kOk && config_.most_bytes != 0 && bytes > config_.most_bytes) {
    wanted = bytes;
    status = Status::kTooLarge;
  }
  if (status == Status::kOk) {
    place.block = take(bytes, config_.tag);
    if (place.block == nullptr) status = Status::kNoMemory;
  }
  Result<Program> program = status == Status::kOk ? loader.build({place.block, bytes}) : status;
  memory_.free(scratch);
  if (!program.ok()) return program.status();
  const Result<Timeline> timeline = loader.check(program.value());
  if (!timeline.ok()) return timeline.status();
  if (config_.most_bytes != 0 && with_playback(program.value()) > config_.most_bytes) {
    wanted = with_playback(program.value());
    return Status::kTooLarge;
  }
  place.volume.emplace(Volume{timeline.value(), 0, {}});
  return Status::kOk;
}

/// The compiled form of `place`, whose tables are there.
Status Programs::compile(Place& place) {
  const Program& program = place.volume->timeline.program();
  CountingSink counted;
  encode_compiled(program, counted);
  if (counted.count() > kMostCompiledBytes) {
    wanted_bytes_ = counted.count();
    return Status::kTooLarge;
  }
  place.compiled = take(counted.count(), config_.compiled_tag);
  if (place.compiled == nullptr) return Status::kNoMemory;
  BlockSink block{place.compiled};
  encode_compiled(program, block);
  place.volume->compiled = {place.compiled, counted.count()};
  place.volume->hash = sync::hash_of(text_of(place.volume->compiled));
  return Status::kOk;
}

const Programs::Volume& Programs::adopt(std::size_t place) {
  places_[place].state.store(State::kAdopted, std::memory_order_relaxed);
  return *places_[place].volume;
}

void Programs::tidy(const Engine& engine) {
  const auto is_free = [](const Place& place) {
    return place.state.load(std::memory_order_relaxed) == State::kFree;
  };
  if (config_.shares && std::ranges::any_of(places_, is_free)) return;
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Place& place = places_[i];
    if (i == kept_ || i == wired_ || i == arrival_.place) continue;
    if (place.state.load(std::memory_order_relaxed) != State::kAdopted) continue;
    if (!engine.in_use(place.volume->timeline.program())) release(place);
  }
}

std::size_t Programs::place_of(sync::ProgramHash program) const {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const Place& place = places_[i];
    if (place.state.load(std::memory_order_relaxed) == State::kAdopted && place.volume &&
        place.volume->hash == program) {
      return i;
    }
  }
  return kPlaces;
}

Result<Timeline> Programs::find(sync::ProgramHash program) {
  if (program == 0) return Status::kNotLoaded;
  const std::size_t index = place_of(program);
  if (index == kPlaces) return program == refused_ ? refusal_ : Status::kNotLoaded;
  const Timeline& timeline = places_[index].volume->timeline;
  if (wired_ == kPlaces || wired_ == index) return timeline;
  const Program& other = timeline.program();
  const Program& wired = places_[wired_].volume->timeline.program();
  const bool fits = other.pattern != nullptr && wired.pattern != nullptr &&
                    other.pattern->sides == wired.pattern->sides &&
                    std::ranges::equal(other.outputs, wired.outputs, &Output::plays_as);
  if (!fits) return Status::kUnsupported;
  return timeline;
}

std::size_t Programs::read(sync::ProgramHash program, std::uint32_t offset,
                           std::span<std::byte> to) {
  const std::size_t index = place_of(program);
  if (program == 0 || index == kPlaces) return 0;
  const std::span<const std::byte> compiled = places_[index].volume->compiled;
  if (offset >= compiled.size()) return 0;
  const std::size_t count = std::min<std::size_t>(to.size(), compiled.size() - offset);
  std::copy_n(compiled.begin() + offset, count, to.begin());
  return count;
}

Status Programs::write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
                       std::span<const std::byte> bytes) {
  if (offset == 0) {
    if (const Status status = begin_arrival(program, size); status != Status::kOk) {
      refused_ = program;
      refusal_ = status;
      return status;
    }
  }
  const bool fits = arrival_.program == program && arrival_.have == offset &&
                    bytes.size() <= arrival_.size - arrival_.have;
  if (!fits) return Status::kCorrupt;
  std::ranges::copy(bytes, places_[arrival_.place].compiled + offset);
  arrival_.have += static_cast<std::uint32_t>(bytes.size());
  return arrival_.have < size ? Status::kOk : end_arrival();
}

Status Programs::begin_arrival(sync::ProgramHash program, std::uint32_t size) {
  drop_arrival();
  if (size > kMostCompiledBytes) return Status::kTooLarge;
  const std::size_t index = claim();
  if (index == kPlaces) return Status::kNoMemory;
  places_[index].compiled = take(size, config_.compiled_tag);
  if (places_[index].compiled == nullptr) {
    release(places_[index]);
    return Status::kNoMemory;
  }
  arrival_ = {program, size, 0, index};
  return Status::kOk;
}

/// A program that came whole and is no good is known as such from then on: asking again is of no
/// use.
Status Programs::end_arrival() {
  Place& place = places_[arrival_.place];
  const std::span<const std::byte> compiled{place.compiled, arrival_.size};
  if (sync::hash_of(text_of(compiled)) != arrival_.program) {
    drop_arrival();
    return Status::kCorrupt;
  }
  IgnoredDiagnostics ignored;
  std::size_t wanted = 0;
  const Status status = build(text_of(compiled), ignored, place, wanted);
  if (status != Status::kOk) {
    refused_ = arrival_.program;
    refusal_ = status;
    drop_arrival();
    return Status::kOk;
  }
  place.volume->hash = arrival_.program;
  place.volume->compiled = compiled;
  place.state.store(State::kAdopted, std::memory_order_relaxed);
  arrival_ = {};
  return Status::kOk;
}

void Programs::drop_arrival() {
  if (arrival_.place != kPlaces) release(places_[arrival_.place]);
  arrival_ = {};
}

}  // namespace takt
