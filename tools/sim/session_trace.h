// SPDX-License-Identifier: Apache-2.0
// A session as a waveform.
#pragma once

#include <array>
#include <string>

#include "tools/sim/session.h"
#include "tools/trace/output_file.h"

namespace takt::sim {

/// A value change dump, IEEE 1364, over true time in microseconds: both motors, what each device
/// believes the session's time to be ahead of true time, the bound of that, and a wire for each
/// way that toggles with every datagram sent and every one that arrived.
class SessionTrace final : public Observer {
 public:
  /// - kIo: see error().
  Status open(const std::string& path);
  Status close(Micros at);
  const std::string& error() const { return file_.error(); }

  void output(std::size_t device, TrueTime at, unsigned percent) override;
  void message(std::size_t to, TrueTime at, bool sent) override;
  void clock(std::size_t device, TrueTime at, const Believed& belief) override;

 private:
  void time(TrueTime at);
  void wire(char id, bool value);
  void number(char id, std::int64_t value);

  OutputFile file_;
  TrueTime at_{Micros{-1}};
  std::array<bool, 4> toggles_{};
};

}  // namespace takt::sim
