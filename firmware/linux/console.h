// SPDX-License-Identifier: Apache-2.0
// A person, as a device knows one: gives orders, and is told what becomes of them.
#pragma once

#include <optional>
#include <string_view>

#include "takt/app/messages/verbs.h"

namespace takt::firmware {

/// A terminal, a script, a test.
/// Context: the main loop, but for say().
class Console {
 public:
  /// To wait for; -1: there is nothing to be had, for now or for good.
  virtual int descriptor() const = 0;
  /// Once the descriptor is readable. Never waits then.
  virtual void read() = 0;
  /// The next order but kHelp, which it answers itself; nothing: none yet. To be called until then.
  virtual std::optional<Order> take() = 0;

  /// A line without its end. Context: any task.
  virtual void say(std::string_view line) = 0;

 protected:
  ~Console() = default;
};

}  // namespace takt::firmware
