// SPDX-License-Identifier: Apache-2.0
// The laws of links hold for the worst that ports/api allows, and find whatever it does not.
#include "tests/contract/datagram_link_laws.h"

#include <gtest/gtest.h>

#include <deque>
#include <string_view>
#include <vector>

#include "takt/ports/api/clock.h"

namespace takt::contract {
namespace {

enum class Fault : std::uint8_t {
  kNone,
  kNoise,  ///< Something arrives that nobody sent.
  kCuts,
  kDamages,
  kReadsLater,  ///< The caller's bytes, once send() has returned.
  kIsDeaf,
  kTellsNumbersApart,  ///< Those that it does not know too.
  kSendsPartOfTooLarge,
  kTakesTooLarge,
  kStampsEarly,
  kStampsLate,
  kStampsWhenTaken,
  kNewestFirst,
  kStopsWhenFull,
};

struct Time final : Clock {
  LocalTime now() const override { return at; }
  LocalTime at;
};

/// One way through the air. `unreliable`: it does what links may do.
class Air {
 public:
  Air(const Time& clock, Fault fault, bool unreliable)
      : clock_(clock), fault_(fault), unreliable_(unreliable) {}

  Status send(std::uint32_t number, std::span<const std::byte> bytes) {
    if (bytes.size() > DatagramLink::kMaxBytes) {
      if (fault_ == Fault::kSendsPartOfTooLarge) launch(bytes.first(DatagramLink::kMaxBytes));
      return fault_ == Fault::kTakesTooLarge ? Status::kOk : Status::kTooLarge;
    }
    if (fault_ == Fault::kIsDeaf) return Status::kOk;
    if (fault_ == Fault::kTellsNumbersApart && number != 0) return Status::kOk;
    if (unreliable_ && random_.below(3) == 0) return Status::kOk;
    launch(bytes);
    if (unreliable_ && random_.below(3) == 0) launch(bytes);
    return Status::kOk;
  }

  std::size_t receive(std::span<std::byte> bytes, LocalTime& at) {
    if (fault_ == Fault::kNoise) {
      at = clock_.at;
      return 1;
    }
    auto found = flights_.end();
    for (auto i = flights_.begin(); i != flights_.end(); ++i) {
      if (i->at > clock_.at) continue;
      const bool first = found == flights_.end() || i->at < found->at;
      if (first || fault_ == Fault::kNewestFirst) found = i;
    }
    if (found == flights_.end()) return 0;
    const std::span<const std::byte> carried =
        fault_ == Fault::kReadsLater ? found->senders : std::span<const std::byte>{found->bytes};
    std::ranges::copy(carried, bytes.begin());
    std::size_t size = carried.size();
    if (fault_ == Fault::kCuts && size > 249) size = 249;
    if (fault_ == Fault::kDamages && size > 100) bytes[random_.below(100)] ^= std::byte{4};
    at = stamp_of(found->at);
    flights_.erase(found);
    return size;
  }

 private:
  struct Flight {
    LocalTime at;
    std::vector<std::byte> bytes;
    std::span<const std::byte> senders;
  };

  void launch(std::span<const std::byte> bytes) {
    constexpr std::size_t kMost = 16;
    stuck_ = stuck_ || (fault_ == Fault::kStopsWhenFull && flights_.size() == kMost);
    if (flights_.size() == kMost || stuck_) return;
    const Micros flight{unreliable_ ? 200 + random_.below(8'000) : 200};
    flights_.push_back({clock_.at + flight, {bytes.begin(), bytes.end()}, bytes});
  }

  LocalTime stamp_of(LocalTime arrived) const {
    switch (fault_) {
      case Fault::kStampsEarly: return arrived - millis(2);
      case Fault::kStampsLate: return clock_.at + millis(2);
      case Fault::kStampsWhenTaken: return clock_.at;
      default: return arrived;
    }
  }

  const Time& clock_;
  const Fault fault_;
  const bool unreliable_;
  Random random_{7};
  std::deque<Flight> flights_;
  bool stuck_ = false;
};

class AirLink final : public DatagramLink {
 public:
  AirLink(Air& out, Air& in) : out_(out), in_(in) {}
  Status send(std::uint32_t to, std::span<const std::byte> bytes) override {
    return out_.send(to, bytes);
  }
  std::size_t receive(std::span<std::byte> bytes, LocalTime& at) override {
    return in_.receive(bytes, at);
  }

 private:
  Air& out_;
  Air& in_;
};

class AirPort {
 public:
  explicit AirPort(Fault fault, bool unreliable = false)
      : to_(clock_, fault, unreliable), fro_(clock_, fault, unreliable) {}

  Clock& clock() { return clock_; }
  DatagramLink& here() { return here_; }
  DatagramLink& there() { return there_; }
  void pass(Micros time) { clock_.at += time; }

  template <typename Predicate>
  bool pass_until(Predicate predicate) {
    const LocalTime end = clock_.at + seconds(1);
    while (!predicate()) {
      if (clock_.at > end) return false;
      pass(Micros{100});
    }
    return true;
  }

 private:
  Time clock_;
  Air to_;
  Air fro_;
  AirLink here_{to_, fro_};
  AirLink there_{fro_, to_};
};

/// The names of the laws that `port` breaks; each begins with a fresh link.
std::vector<std::string_view> broken_laws(Fault fault, bool unreliable = false) {
  std::vector<std::string_view> names;
  for (const Law<AirPort>& law : kDatagramLinkLaws<AirPort>) {
    AirPort port{fault, unreliable};
    if (law.check(port) != nullptr) names.emplace_back(law.name);
  }
  return names;
}

TEST(DatagramLinkLaws, HoldForALinkThatLosesDoublesAndReorders) {
  EXPECT_TRUE(broken_laws(Fault::kNone).empty());
  EXPECT_TRUE(broken_laws(Fault::kNone, true).empty());
  AirPort shared{Fault::kNone, true};
  for (int round = 0; round < 20; ++round) {
    // The first is for a link that nobody has used yet.
    for (const Law<AirPort>& law : std::span{kDatagramLinkLaws<AirPort>}.subspan(1)) {
      EXPECT_STREQ(law.check(shared), nullptr) << law.name << ", round " << round;
    }
  }
}

TEST(DatagramLinkLaws, FindEveryFault) {
  struct Row {
    Fault fault;
    std::string_view law;
  };
  constexpr std::string_view kWhole =
      "datagrams of every size arrive whole, and not before they were sent";
  constexpr std::string_view kRefused = "too large datagrams are refused as a whole";
  for (const auto& [fault, law] :
       {Row{Fault::kNoise, "a silent link gives nothing"}, Row{Fault::kCuts, kWhole},
        Row{Fault::kDamages, kWhole}, Row{Fault::kReadsLater, kWhole}, Row{Fault::kIsDeaf, kWhole},
        Row{Fault::kStampsEarly, kWhole}, Row{Fault::kStampsLate, kWhole},
        Row{Fault::kTellsNumbersApart, "an unknown number means all"},
        Row{Fault::kSendsPartOfTooLarge, kRefused}, Row{Fault::kTakesTooLarge, kRefused},
        Row{Fault::kStampsWhenTaken, "a stamp says when it arrived, not when it was taken"},
        Row{Fault::kNewestFirst, "the oldest is taken first"},
        Row{Fault::kStopsWhenFull, "a flood that nobody takes costs datagrams only"}}) {
    const auto broken = broken_laws(fault);
    EXPECT_NE(std::ranges::find(broken, law), broken.end()) << static_cast<int>(fault);
  }
}

}  // namespace
}  // namespace takt::contract
