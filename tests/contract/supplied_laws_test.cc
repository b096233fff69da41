// SPDX-License-Identifier: Apache-2.0
// The laws of what a board and an application supply find whatever these do not do.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "takt/app/bus/memory.h"
#include "takt/ports/virtual/waiter.h"
#include "takt/ports/virtual/world.h"
#include "tests/contract/authenticator_laws.h"
#include "tests/contract/faults.h"
#include "tests/contract/pool_memory_laws.h"
#include "tests/contract/program_shelf_laws.h"
#include "tests/contract/waiter_laws.h"
#include "tests/contract/watchdog_laws.h"
#include "tests/support/authenticator_for_test.h"
#include "tests/support/memory_device.h"
#include "tests/support/one_program.h"
#include "tests/support/program.h"

namespace takt::contract {
namespace {

class FaultyWaiter final : public Waiter {
 public:
  FaultyWaiter(World& world, const VirtualClock& clock, std::string_view fault)
      : clock_(clock), fault_(fault), good_(world, clock) {}

  bool wait(const Word& word, std::uint32_t seen, LocalTime deadline) override {
    if (fault_ == "never waits") return true;
    if (fault_ == "needs a deadline" && deadline == kNever) return false;
    if (fault_ == "waits for what is past" && deadline <= clock_.now()) return true;
    if (fault_ == "gives up early") deadline = std::max(clock_.now(), deadline - Micros{10});
    if (fault_ == "sleeps through wakes" || fault_ == "does not look") {
      const Word other{0};
      const bool looks = fault_ == "sleeps through wakes" && word.load() != seen;
      return looks || good_.wait(other, 0, deadline);
    }
    return good_.wait(word, seen, deadline);
  }
  void wake(const Word& word) override { good_.wake(word); }
  void nap() override {
    if (fault_ != "naps alone") good_.nap();
  }

 private:
  const VirtualClock& clock_;
  const std::string_view fault_;
  VirtualWaiter good_;
};

class WaiterPort {
 public:
  explicit WaiterPort(std::string_view fault) : waiter_(world_, clock_, fault) {}
  Clock& clock() { return clock_; }
  Waiter& waiter() { return waiter_; }
  Runner& runner() { return runner_; }

 private:
  World world_;
  VirtualClock clock_{world_};
  FaultyWaiter waiter_;
  VirtualRunner runner_{world_, clock_, VirtualRunner::Rank::kOrdinary};
};

TEST(WaiterLaws, FindEveryFault) {
  expect_found(
      kWaiterLaws<WaiterPort>,
      std::array{Row{"does not look", "a word that has changed is not waited for"},
                 Row{"never waits", "a wait lasts until its deadline"},
                 Row{"gives up early", "a wait lasts until its deadline"},
                 Row{"waits for what is past", "a deadline that has passed ends a wait at once"},
                 Row{"sleeps through wakes", "no wake is lost"},
                 Row{"needs a deadline", "a wait without a deadline ends by a wake"},
                 Row{"naps alone", "a nap lets others run"}});
}

class WatchdogPort final : private Watchdog {
 public:
  explicit WatchdogPort(std::string_view fault) : fault_(fault) {}
  Watchdog& watchdog() { return *this; }
  static Micros asked() { return seconds(1); }
  Micros held() const { return held_; }
  void hold(Micros patience) { held_ = patience; }
  void pass(Micros time) {
    starved_ += time;
    const Micros limit = fault_ == "bites early" ? held_ / 4 * 3 : held_;
    bitten_ = bitten_ || (starved_ > limit && fault_ != "never bites");
  }
  bool has_bitten() const { return bitten_; }
  static void expect_bite() {}

 private:
  void feed() override {
    if (fault_ != "is not fed") starved_ = {};
  }
  Micros patience() const override {
    if (fault_ == "says more than asked") return asked() + Micros{1};
    if (fault_ == "says nothing") return {};
    if (fault_ == "says less than it does") return held_ - Micros{1};
    return fault_ == "remembers" ? asked() : held_;
  }

  const std::string_view fault_;
  Micros held_ = seconds(1);
  Micros starved_;
  bool bitten_ = false;
};

TEST(WatchdogLaws, FindEveryFault) {
  constexpr std::string_view kAsked = "patience is what was asked, or less";
  constexpr std::string_view kFed = "fed in time it never bites";
  constexpr std::string_view kStarved = "starved it bites, and not before its patience";
  expect_found(kWatchdogLaws<WatchdogPort>,
               std::array{Row{"says more than asked", kAsked}, Row{"says nothing", kAsked},
                          Row{"says less than it does", kAsked},
                          Row{"remembers", "patience is read back, not remembered"},
                          Row{"is not fed", kFed}, Row{"bites early", kFed},
                          Row{"bites early", kStarved}, Row{"never bites", kStarved}});
}

class FaultyAuthenticator final : public Authenticator {
 public:
  FaultyAuthenticator(std::string_view fault, std::uint64_t key)
      : fault_(fault), good_(fault == "ignores the key" ? 1 : key) {}

  AuthTag tag_of(std::span<const std::byte> message) override {
    AuthMessage bytes{};
    std::ranges::copy(message, bytes.begin());
    std::size_t size = message.size();
    if (fault_ == "ignores the length") size = bytes.size();
    if (fault_ == "ignores the end" && size > 64) size = 64;
    if (fault_ == "skips a bit" && size > 0) bytes[0] &= std::byte{0x7F};
    if (fault_ == "remembers") bytes[0] ^= static_cast<std::byte>(calls_++);
    AuthTag tag = good_.tag_of(std::span{bytes}.first(size));
    if (fault_ == "is short") tag.back() = {};
    return tag;
  }

 private:
  const std::string_view fault_;
  sync::AuthenticatorForTest good_;
  unsigned calls_ = 0;
};

class AuthenticatorPort {
 public:
  explicit AuthenticatorPort(std::string_view fault)
      : one_(fault, 1), twin_(fault, fault == "has its own key" ? 3 : 1), stranger_(fault, 2) {}
  Authenticator& one() { return one_; }
  Authenticator& twin() { return twin_; }
  Authenticator& stranger() { return stranger_; }

 private:
  FaultyAuthenticator one_;
  FaultyAuthenticator twin_;
  FaultyAuthenticator stranger_;
};

TEST(AuthenticatorLaws, FindEveryFault) {
  constexpr std::string_view kEqual = "equal messages have equal tags";
  constexpr std::string_view kBits = "every bit of a message counts";
  expect_found(kAuthenticatorLaws<AuthenticatorPort>,
               std::array{Row{"remembers", kEqual}, Row{"has its own key", kEqual},
                          Row{"ignores the end", kBits}, Row{"skips a bit", kBits},
                          Row{"ignores the length", "the length of a message counts"},
                          Row{"ignores the key", "another key makes other tags"},
                          Row{"is short", "every bit of a tag is used"}});
}

class PoolPort final : private bus::PoolMemory {
 public:
  explicit PoolPort(std::string_view fault) : fault_(fault) {}
  bus::PoolMemory& memory() { return *this; }

 private:
  Piece take(std::size_t bytes) override {
    if (fault_ == "rounds up") bytes += 16;
    if (fault_ == "gives one twice") return std::span{shared_}.first(std::min(bytes, kShared));
    if (fault_ == "is not aligned") bytes += 8;
    Piece piece = good_.take(bytes);
    if (piece.empty() && fault_ == "gives less") piece = good_.take(16);
    if (piece.empty() && fault_ == "spoils when it refuses" && !latest_.empty()) {
      latest_[0] ^= std::byte{1};
    }
    if (!piece.empty()) latest_ = piece;
    return fault_ == "is not aligned" && !piece.empty() ? piece.subspan(8) : piece;
  }
  void give_back(Piece memory) override {
    if (fault_ == "gives one twice" || fault_ == "keeps all") return;
    if (fault_ == "is not aligned") memory = {memory.data() - 8, memory.size() + 8};
    good_.give_back(memory);
  }

  static constexpr std::size_t kShared = 32 * 1024;

  const std::string_view fault_;
  TestDevice device_;
  RegionPoolMemory good_{device_.memory, device_.memory.add_tag({"bus"})};
  std::vector<std::byte> shared_ = std::vector<std::byte>(kShared);
  Piece latest_;
};

TEST(PoolMemoryLaws, FindEveryFault) {
  constexpr std::string_view kSize = "a piece is as large as asked, and aligned";
  constexpr std::string_view kRoom = "without room nothing is taken";
  expect_found(
      kPoolMemoryLaws<PoolPort>,
      std::array{Row{"rounds up", kSize}, Row{"is not aligned", kSize},
                 Row{"gives one twice", "pieces keep what is written until they are given back"},
                 Row{"gives less", kRoom}, Row{"spoils when it refuses", kRoom},
                 Row{"keeps all", "what was given back can be taken again, in any order"}});
}

class ShelfPort final : private ProgramShelf {
 public:
  explicit ShelfPort(std::string_view fault) : fault_(fault), compiled_(owner_.bytes()) {
    EXPECT_EQ(owner_.read(owner_.hash(), 0, compiled_), compiled_.size());
  }
  ProgramShelf& shelf() { return *this; }
  std::span<const std::byte> compiled() const { return compiled_; }
  sync::ProgramHash hash() const { return owner_.hash(); }

 private:
  Result<Timeline> find(sync::ProgramHash /*program*/) override {
    const std::size_t enough = compiled_.size() - (fault_ == "is there too early" ? 1 : 0);
    if (fault_ != "is always there" && bytes_.size() < enough) return Status::kNotLoaded;
    return built_.timeline();
  }
  std::size_t read(sync::ProgramHash program, std::uint32_t offset,
                   std::span<std::byte> to) override {
    if (!find(program).ok() || offset >= bytes_.size()) return 0;
    std::size_t size = std::min(to.size(), bytes_.size() - offset);
    if (fault_ == "reads less") size = std::min<std::size_t>(size, 128);
    if (fault_ == "reads from the beginning") offset = 0;
    std::ranges::copy(std::span{bytes_}.subspan(offset, size), to.begin());
    return size;
  }
  Status write(sync::ProgramHash program, std::uint32_t size, std::uint32_t offset,
               std::span<const std::byte> bytes) override {
    if (offset == 0 && fault_ != "goes on") bytes_.clear();
    if (offset != bytes_.size() && fault_ != "takes gaps") return Status::kCorrupt;
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    const std::string all(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
    if (bytes_.size() < size || sync::hash_of(all) == program || fault_ == "trusts") {
      return Status::kOk;
    }
    if (fault_ != "keeps what is corrupt") bytes_.clear();
    return Status::kCorrupt;
  }

  const std::string_view fault_;
  const testing::Built built_{testing::two_sides()};
  testing::OneProgram owner_{built_.timeline()};
  std::vector<std::byte> compiled_;
  std::vector<std::byte> bytes_;
};

TEST(ProgramShelfLaws, FindEveryFault) {
  constexpr std::string_view kAbsent = "a program is absent until its last byte has come";
  constexpr std::string_view kPromise = "what is not what its hash promises is corrupt";
  expect_found(kProgramShelfLaws<ShelfPort>,
               std::array{Row{"is always there", kAbsent}, Row{"is there too early", kAbsent},
                          Row{"reads less", kAbsent}, Row{"reads from the beginning", kAbsent},
                          Row{"goes on", "a program that comes again begins anew"},
                          Row{"takes gaps", "a gap is corrupt, and all over again is good"},
                          Row{"trusts", kPromise}, Row{"keeps what is corrupt", kPromise}});
}

}  // namespace
}  // namespace takt::contract
