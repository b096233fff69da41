// SPDX-License-Identifier: Apache-2.0
// The examples on a host, in virtual time. The trace goes to standard output.
#include <array>
#include <cstddef>
#include <cstdio>
#include <span>

#include "takt/firmware/examples/device.h"
#include "takt/ports/virtual/output_bank.h"
#include "takt/ports/virtual/world.h"

namespace takt::firmware {
namespace {

class Host final : public Device {
 public:
  const Clock& clock() const override { return clock_; }
  Runner& realtime() override { return realtime_; }
  Runner& ordinary() override { return ordinary_; }
  OutputBank& outputs() override { return outputs_; }
  Watchdog* watchdog() override { return nullptr; }
  std::span<std::byte> internal_memory() override { return internal_; }
  std::span<std::byte> external_memory() override { return external_; }
  void trace(std::string_view text) override { write(stdout, text); }
  void print(std::string_view text) override { write(stderr, text); }

 private:
  static void write(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
  }

  void run(bool (*done)(void*), void* argument) override {
    while (!done(argument) && world_.step()) {
    }
  }

  World world_;
  VirtualClock clock_{world_};
  VirtualRunner realtime_{world_, clock_, VirtualRunner::Rank::kRealtime};
  VirtualRunner ordinary_{world_, clock_, VirtualRunner::Rank::kOrdinary};
  VirtualOutputBank outputs_{32};
  alignas(64) std::array<std::byte, std::size_t{128} * 1024> internal_;
  alignas(64) std::array<std::byte, std::size_t{1024} * 1024> external_;
};

}  // namespace
}  // namespace takt::firmware

int main() {
  static takt::firmware::Host host;  // Its memory is too large for a stack.
  return takt::firmware::run_example(host) ? 0 : 1;
}
