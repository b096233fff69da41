// SPDX-License-Identifier: Apache-2.0
#include "tools/device/shelf.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <random>

#include "tests/support/program.h"
#include "tools/cli/failure.h"
#include "tools/cli/file.h"

namespace takt {
namespace {

using testing::Built;
using testing::two_sides;

class Shelf : public ::testing::Test {
 protected:
  Shelf() {
    std::string path = (std::filesystem::temp_directory_path() / "shelf.XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  ~Shelf() override { std::filesystem::remove_all(folder_); }

  /// As it comes over a link.
  static Status carry(HostShelf& from, HostShelf::Title title, HostShelf& to) {
    std::array<std::byte, sync::kChunkBytes> chunk{};
    for (std::uint32_t offset = 0; offset < title.bytes;) {
      const std::size_t size = from.read(title.hash, offset, chunk);
      if (size == 0) return Status::kNotLoaded;
      const Status status = to.write(title.hash, title.bytes, offset, std::span{chunk}.first(size));
      if (status != Status::kOk) return status;
      offset += static_cast<std::uint32_t>(size);
    }
    return Status::kOk;
  }

  std::string folder_;
  const Built built_{two_sides()};
};

TEST_F(Shelf, WhatComesOverALinkIsTheSameProgramAndOutlivesARestart) {
  HostShelf owner{""};
  const HostShelf::Title title = owner.add(built_.timeline());
  HostShelf other{folder_};
  EXPECT_EQ(other.find(title.hash).status(), Status::kNotLoaded);
  ASSERT_EQ(carry(owner, title, other), Status::kOk);
  const Result<Timeline> found = other.find(title.hash);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value().duration(), built_.timeline().duration());
  EXPECT_EQ(other.take_error(), "");
  HostShelf restarted{folder_};
  EXPECT_TRUE(restarted.find(title.hash).ok());
}

TEST_F(Shelf, AProgramThatChangedOnTheWayBeginsAnew) {
  HostShelf owner{""};
  const HostShelf::Title title = owner.add(built_.timeline());
  HostShelf other{folder_};
  std::array<std::byte, sync::kChunkBytes> chunk{};
  const std::size_t size = owner.read(title.hash, 0, chunk);
  chunk[size / 2] ^= std::byte{1};
  Status status = other.write(title.hash, title.bytes, 0, std::span{chunk}.first(size));
  for (auto offset = static_cast<std::uint32_t>(size); offset < title.bytes;) {
    const std::size_t more = owner.read(title.hash, offset, chunk);
    status = other.write(title.hash, title.bytes, offset, std::span{chunk}.first(more));
    offset += static_cast<std::uint32_t>(more);
  }
  EXPECT_EQ(status, Status::kCorrupt);
  EXPECT_EQ(other.find(title.hash).status(), Status::kNotLoaded);
  EXPECT_EQ(carry(owner, title, other), Status::kOk);
  EXPECT_TRUE(other.find(title.hash).ok());
}

TEST_F(Shelf, WhatIsTooLargeOrNoProgramIsRefusedForGood) {
  HostShelf shelf{folder_};
  const std::array<std::byte, 8> bytes{};
  EXPECT_EQ(shelf.write(7, HostShelf::kMostBytes + 1, 0, bytes), Status::kTooLarge);
  EXPECT_EQ(shelf.find(7).status(), Status::kTooLarge);
  const sync::ProgramHash hash = sync::hash_of({reinterpret_cast<const char*>(bytes.data()), 8});
  EXPECT_EQ(shelf.write(hash, 8, 0, bytes), Status::kOk);
  EXPECT_FALSE(shelf.find(hash).ok());
  EXPECT_NE(shelf.find(hash).status(), Status::kNotLoaded);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Shelf, AFileThatIsNotWhatItsNamePromisesIsLeftAlone) {
  {
    HostShelf owner{""};
    HostShelf other{folder_};
    ASSERT_EQ(carry(owner, owner.add(built_.timeline()), other), Status::kOk);
  }
  const std::filesystem::path file = std::filesystem::directory_iterator { folder_ } -> path();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  HostShelf owner{""};
  HostShelf restarted{folder_};
  EXPECT_EQ(restarted.find(owner.add(built_.timeline()).hash).status(), Status::kNotLoaded);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(Shelf, WhatIsWiredTakesNoProgramForOtherOutputs) {
  testing::Draft other = two_sides();
  other.outputs.front().pin = 17;
  const Built wired{other};
  HostShelf shelf{""};
  const HostShelf::Title title = shelf.add(built_.timeline());
  const HostShelf::Title fits = shelf.add(wired.timeline());
  shelf.wire(wired.program());
  EXPECT_EQ(shelf.find(title.hash).status(), Status::kUnsupported);
  EXPECT_TRUE(shelf.find(fits.hash).ok());
}

TEST_F(Shelf, AFolderThatIsNotThereIsAFailure) {
  EXPECT_THROW(HostShelf{folder_ + "/no"}, Failure);
}

}  // namespace
}  // namespace takt
