// SPDX-License-Identifier: Apache-2.0
// Builds the tables of a Program in one block of the caller's memory, exactly as large as needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "takt/core/base/assert.h"
#include "takt/core/program/limits.h"
#include "takt/core/program/model.h"

namespace takt {

/// How many rows and bytes of text a program needs.
struct ProgramSize {
  std::size_t outputs = 0;
  std::size_t interlocks = 0;
  std::size_t phases = 0;
  std::size_t components = 0;
  std::size_t points = 0;
  std::size_t loops = 0;
  std::size_t patterns = 0;  ///< 0 or 1.
  std::size_t segments = 0;
  std::size_t text_bytes = 0;

  /// Size of one block that holds all tables and texts, alignment included.
  std::size_t bytes() const;
};

/// Fills the tables in the order in which add_ is called. A codec reads its source twice: once to
/// count into a ProgramSize, once to add. So no table grows, nothing is copied twice, and memory
/// is known before it is taken. Each returned row is default-initialised and stays where it is.
class ProgramBuilder {
 public:
  /// `block` must be aligned for std::max_align_t, outlive the Program, and hold size.bytes():
  /// less is a fault of the programmer, as is adding more rows than were counted.
  ProgramBuilder(const ProgramSize& size, std::span<std::byte> block);

  Output& add_output() { return outputs_.add(); }
  Interlock& add_interlock() { return interlocks_.add(); }
  /// The phase's components are those added until the next phase.
  Phase& add_phase();
  /// The component's points are those added until the next component.
  Component& add_component();
  Point& add_point();
  Loop& add_loop() { return loops_.add(); }
  /// Of a program for two sides: the program has the pattern, and the pattern all segments.
  Pattern& add_pattern() { return patterns_.add(); }
  Segment& add_segment() { return segments_.add(); }
  std::string_view add_text(std::string_view text);

  std::span<Output> outputs() { return outputs_.rows(); }
  std::span<Interlock> interlocks() { return interlocks_.rows(); }
  std::span<Phase> phases() { return phases_.rows(); }
  std::span<Component> components() { return components_.rows(); }
  std::span<Point> points() { return points_.rows(); }
  std::span<Pattern> patterns() { return patterns_.rows(); }

  Program finish(std::string_view name, std::uint32_t repeats) const;

 private:
  template <typename Row>
  class Table {
   public:
    void place(std::byte* memory, std::size_t capacity) {
      first_ = reinterpret_cast<Row*>(memory);
      capacity_ = capacity;
      std::uninitialized_value_construct_n(first_, capacity);
    }
    Row& add() {
      TAKT_ASSERT(count_ < capacity_);
      return first_[count_++];
    }
    std::span<Row> rows() const { return {first_, count_}; }
    std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }

   private:
    Row* first_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t count_ = 0;
  };

  Table<Output> outputs_;
  Table<Interlock> interlocks_;
  Table<Phase> phases_;
  Table<Component> components_;
  Table<Point> points_;
  Table<Loop> loops_;
  Table<Pattern> patterns_;
  Table<Segment> segments_;
  Table<char> text_;
  std::size_t bytes_;
};

}  // namespace takt
