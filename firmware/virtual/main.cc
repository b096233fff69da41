// SPDX-License-Identifier: Apache-2.0
// An example in virtual time, on a host. The trace goes to standard output.
#include <cstdio>

#include "takt/firmware/example.h"
#include "takt/firmware/virtual/virtual_ports.h"

namespace takt::firmware {
namespace {

class Host final : public VirtualPorts {
 public:
  using VirtualPorts::VirtualPorts;
  void trace(std::string_view text) override { write(stdout, text); }
  void print(std::string_view text) override { write(stderr, text); }

 private:
  static void write(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
  }
};

}  // namespace
}  // namespace takt::firmware

int main() {
  const takt::Board& board = *takt::find_board("jc3636w518");
  takt::World world;
  takt::firmware::Host host{world, board};
  const bool good = takt::firmware::run_example(host, board);
  if (host.starved()) host.print("nothing feeds the watchdog\n");
  return good && !host.starved() ? 0 : 1;
}
