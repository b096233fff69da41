// SPDX-License-Identifier: Apache-2.0
// How a port keeps two contexts out of the same tables.
#pragma once

namespace takt {

/// A mutex on Linux, masked interrupts on bare metal. Held for a bounded number of instructions,
/// never across a call to an observer or a sink, and never twice by one context. A context that
/// holds one may enter another, and leaves them in the reverse order.
///
/// Context: any that its tables are for. What a context wrote inside, the next one inside sees.
class Exclusion {
 public:
  virtual void enter() = 0;
  virtual void leave() = 0;

 protected:
  ~Exclusion() = default;
};

/// For a program with one context.
class NoExclusion final : public Exclusion {
 public:
  void enter() override {}
  void leave() override {}
};

/// Holds an Exclusion while it lives.
class Exclusive {
 public:
  explicit Exclusive(Exclusion& exclusion) : exclusion_(exclusion) { exclusion_.enter(); }
  ~Exclusive() { exclusion_.leave(); }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;

 private:
  Exclusion& exclusion_;
};

}  // namespace takt
