// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_gpiod.h"

#include <gpiod.h>

#include <cerrno>
#include <string_view>

namespace takt {

FakeGpiod& fake_gpiod() {
  static FakeGpiod fake;
  return fake;
}

namespace {

// The library's types are opaque: a chip is the fake, a line is a place in its list plus one.
std::size_t index_of(const gpiod_line* line) { return reinterpret_cast<std::size_t>(line) - 1; }
FakeGpiod::Line& state_of(const gpiod_line* line) { return fake_gpiod().lines[index_of(line)]; }

int fail(int error) {
  errno = error;
  return -1;
}

void set(const gpiod_line* line, bool high) {
  FakeGpiod::Line& state = state_of(line);
  state.output = true;
  state.high = high;
  (high ? fake_gpiod().seen_high : fake_gpiod().seen_low) |= std::uint64_t{1} << index_of(line);
}

}  // namespace
}  // namespace takt

extern "C" {

gpiod_chip* gpiod_chip_open_lookup(const char* name) {
  takt::FakeGpiod& fake = takt::fake_gpiod();
  const int error = std::string_view{name} == "gpiochip0" ? fake.open_error : ENOENT;
  if (error != 0) {
    errno = error;
    return nullptr;
  }
  ++fake.opened;
  return reinterpret_cast<gpiod_chip*>(&fake);
}

void gpiod_chip_close(gpiod_chip* /*chip*/) { --takt::fake_gpiod().opened; }

unsigned gpiod_chip_num_lines(gpiod_chip* /*chip*/) {
  return static_cast<unsigned>(takt::fake_gpiod().lines.size());
}

gpiod_line* gpiod_chip_get_line(gpiod_chip* /*chip*/, unsigned offset) {
  return reinterpret_cast<gpiod_line*>(std::size_t{offset} + 1);
}

unsigned gpiod_line_offset(gpiod_line* line) { return static_cast<unsigned>(takt::index_of(line)); }

bool gpiod_line_is_used(gpiod_line* line) { return !takt::state_of(line).user.empty(); }

const char* gpiod_line_consumer(gpiod_line* line) { return takt::state_of(line).user.c_str(); }

int gpiod_line_request_bulk(gpiod_line_bulk* bulk, const gpiod_line_request_config* config,
                            const int* levels) {
  if (config->request_type != GPIOD_LINE_REQUEST_DIRECTION_OUTPUT) return takt::fail(EINVAL);
  ++takt::fake_gpiod().requests;
  for (unsigned i = 0; i < bulk->num_lines; ++i) {
    const auto& state = takt::state_of(bulk->lines[i]);
    if (state.held || !state.user.empty()) return takt::fail(EBUSY);
  }
  for (unsigned i = 0; i < bulk->num_lines; ++i) {
    takt::state_of(bulk->lines[i]).held = true;
    takt::set(bulk->lines[i], levels[i] != 0);
  }
  return 0;
}

void gpiod_line_release_bulk(gpiod_line_bulk* bulk) {
  for (unsigned i = 0; i < bulk->num_lines; ++i) takt::state_of(bulk->lines[i]).held = false;
}

int gpiod_line_set_value_bulk(gpiod_line_bulk* bulk, const int* levels) {
  ++takt::fake_gpiod().writes;
  if (takt::fake_gpiod().write_error != 0) return takt::fail(takt::fake_gpiod().write_error);
  for (unsigned i = 0; i < bulk->num_lines; ++i) {
    if (!takt::state_of(bulk->lines[i]).held) return takt::fail(EPERM);
    takt::set(bulk->lines[i], levels[i] != 0);
  }
  return 0;
}

}  // extern "C"
