// SPDX-License-Identifier: Apache-2.0
#include "takt/firmware/device.h"

#include <gtest/gtest.h>

#include "takt/firmware/virtual/virtual_ports.h"

namespace takt::firmware {
namespace {

TEST(Device, Boots) {
  World world;
  const Board& board = *find_board("esp32-c3");
  VirtualPorts ports{world, board};
  DeviceConfig config;
  config.board = &board;
  Device device{ports, config};
  EXPECT_EQ(device.boot(), Status::kOk) << ports.printed();
  EXPECT_EQ(device.shut_down(), Status::kOk);
  std::puts(ports.printed().c_str());
}

}  // namespace
}  // namespace takt::firmware
