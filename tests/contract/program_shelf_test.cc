// SPDX-License-Identifier: Apache-2.0
// The laws of shelves that programs lie on.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "takt/app/control/programs.h"
#include "tests/contract/faults.h"
#include "tests/contract/program_shelf_laws.h"
#include "tests/support/memory_device.h"
#include "tests/support/one_program.h"
#include "tests/support/program.h"
#include "tools/device/shelf.h"

namespace takt::contract {
namespace {

/// Of a program that another shelf holds.
class Shelves {
 public:
  explicit Shelves() : owner_(built_.timeline()), compiled_(owner_.bytes()) {
    EXPECT_EQ(owner_.read(owner_.hash(), 0, compiled_), compiled_.size());
  }
  std::span<const std::byte> compiled() const { return compiled_; }
  sync::ProgramHash hash() const { return owner_.hash(); }

 protected:
  const testing::Built built_{testing::two_sides()};
  testing::OneProgram owner_;
  std::vector<std::byte> compiled_;
};

class HostShelves : public Shelves {
 public:
  ProgramShelf& shelf() { return shelf_; }

 private:
  HostShelf shelf_{""};
};

/// The shelf of a device, in the memory of its board.
class DeviceShelves : public Shelves {
 public:
  ProgramShelf& shelf() { return programs_; }

 private:
  TestDevice device_;
  Programs programs_{device_.memory, {.tag = device_.memory.add_tag({"program"}), .shares = true}};
};

class ShelvesOfTests : public Shelves {
 public:
  ProgramShelf& shelf() { return shelf_; }

 private:
  testing::OneProgram shelf_{built_.timeline(), false};
};

TEST(ProgramShelfContract, EveryLawHoldsForTheShelfOfAHost) {
  expect_all(kProgramShelfLaws<HostShelves>);
}

TEST(ProgramShelfContract, EveryLawHoldsForTheShelfOfADevice) {
  expect_all(kProgramShelfLaws<DeviceShelves>);
}

TEST(ProgramShelfContract, EveryLawHoldsForTheOneOfTests) {
  expect_all(kProgramShelfLaws<ShelvesOfTests>);
}

}  // namespace
}  // namespace takt::contract
