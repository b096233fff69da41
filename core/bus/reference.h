// SPDX-License-Identifier: Apache-2.0
// The holders of a message: one writer with a Loan, then any number of readers with References.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

#include "takt/core/base/assert.h"
#include "takt/core/bus/pool.h"
#include "takt/core/bus/topic.h"

namespace takt::bus {

/// A message that nobody else sees yet: writable, uniquely owned, given back by its destructor
/// unless published. The part that does not depend on the payload.
class LoanBase {
 public:
  LoanBase(LoanBase&& other) noexcept
      : slot_(std::exchange(other.slot_, nullptr)), handle_(other.handle_) {}
  LoanBase& operator=(LoanBase&& other) noexcept {
    if (this != &other) {
      reset();
      slot_ = std::exchange(other.slot_, nullptr);
      handle_ = other.handle_;
    }
    return *this;
  }
  LoanBase(const LoanBase&) = delete;
  LoanBase& operator=(const LoanBase&) = delete;
  ~LoanBase() { reset(); }

  /// False once moved from, that is also: once published.
  explicit operator bool() const { return slot_ != nullptr; }

 protected:
  /// Requires a slot that the caller alone holds.
  explicit LoanBase(Slot& slot) : slot_(&slot), handle_(slot.handle()) {}

  Slot& slot() const {
    TAKT_ASSERT(slot_ != nullptr);
    return *slot_;
  }

 private:
  friend class Bus;

  void reset() {
    if (slot_ != nullptr) Pool::drop(*std::exchange(slot_, nullptr), handle_);
  }

  Slot* slot_;
  Handle handle_;
};

/// A loan with a typed payload. Not initialised: the slot holds what its last user left.
template <Payload P>
class Loan : public LoanBase {
 public:
  /// Requires a slot of at least sizeof(P) bytes that the caller alone holds.
  explicit Loan(Slot& granted) : LoanBase(granted) {
    granted.header.length = sizeof(P);
    new (granted.payload) P;
  }

  P& operator*() const { return *std::launder(reinterpret_cast<P*>(slot().payload)); }
  P* operator->() const { return &**this; }
};

/// A loan of bytes.
template <>
class Loan<Bytes> : public LoanBase {
 public:
  /// Requires a slot of at least `length` bytes that the caller alone holds.
  Loan(Slot& granted, std::uint32_t length) : LoanBase(granted) { granted.header.length = length; }

  std::span<std::byte> bytes() const { return {slot().payload, slot().header.length}; }

  /// For when fewer bytes came than were asked for. Requires length <= bytes().size().
  void shorten(std::uint32_t length) {
    TAKT_ASSERT(length <= slot().header.length);
    slot().header.length = length;
  }
};

/// Four bytes that keep a message alive. Move-only: a copy is an explicit clone(), and may fail.
/// Belongs to the module that took it; if that module's recovery has taken the message away, the
/// reference is stale: it reads as null, and its destructor does no harm.
class ReferenceBase {
 public:
  ReferenceBase() = default;
  ReferenceBase(ReferenceBase&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  ReferenceBase& operator=(ReferenceBase&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ReferenceBase(const ReferenceBase&) = delete;
  ReferenceBase& operator=(const ReferenceBase&) = delete;
  ~ReferenceBase() { reset(); }

  explicit operator bool() const { return static_cast<bool>(handle_); }

  /// Releases the message, if any, before the destructor would.
  void reset() {
    const Handle handle = std::exchange(handle_, {});
    if (!handle) return;
    if (handle.owner() == kNobody) {
      Pool::release(handle);
    } else {
      Pool::release_owned(handle);
    }
  }

 protected:
  explicit ReferenceBase(Handle handle) : handle_(handle) {}

  const Slot* slot() const { return handle_ ? Pool::read(handle_) : nullptr; }
  Handle share() const { return handle_ ? Pool::keep(handle_, handle_.owner()) : Handle{}; }

 private:
  Handle handle_;
};

/// A reader's hold on a message of a typed topic.
template <Payload P>
class Reference : public ReferenceBase {
 public:
  Reference() = default;

  /// Null if empty or stale. Valid until this reference is released.
  const P* get() const {
    const Slot* s = slot();
    return s != nullptr ? std::launder(reinterpret_cast<const P*>(s->payload)) : nullptr;
  }
  /// Requires get() != nullptr.
  const P& operator*() const {
    const P* payload = get();
    TAKT_ASSERT(payload != nullptr);
    return *payload;
  }
  const P* operator->() const { return &**this; }

  /// Another reference of the same module; empty if this one is empty or stale, the module's
  /// share is used up, or the message has as many holders as can be counted.
  [[nodiscard]] Reference clone() const { return Reference{share()}; }

 private:
  friend class Message;
  explicit Reference(Handle handle) : ReferenceBase(handle) {}
};

/// A reader's hold on a message of bytes.
template <>
class Reference<Bytes> : public ReferenceBase {
 public:
  Reference() = default;

  /// Empty if the reference is empty or stale. Valid until this reference is released.
  std::span<const std::byte> bytes() const {
    const Slot* s = slot();
    if (s == nullptr) return {};
    return {s->payload, s->header.length};
  }

  /// As Reference<P>::clone().
  [[nodiscard]] Reference clone() const { return Reference{share()}; }

 private:
  friend class Message;
  explicit Reference(Handle handle) : ReferenceBase(handle) {}
};

static_assert(sizeof(Reference<int>) == 4 && sizeof(Reference<Bytes>) == 4);

/// What a handler sees: a view of a message that lives while the handler runs. To hold it longer,
/// clone it.
class Message {
 public:
  /// `reader` is charged for clones. Made by the bus, and by tests.
  Message(Handle handle, const Slot& slot, ModuleId reader)
      : slot_(&slot), handle_(handle), reader_(reader) {}
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  std::uint8_t topic() const { return slot_->header.topic; }
  ModuleId source() const { return slot_->header.source; }
  LocalTime published() const { return slot_->header.published; }
  std::span<const std::byte> bytes() const { return {slot_->payload, slot_->header.length}; }

  /// The payload if this is a message of that topic, else null.
  template <Payload P>
  const P* get(Topic<P> wanted) const {
    static_assert(!std::is_same_v<P, Bytes>, "a topic of bytes is read with bytes()");
    if (topic() != wanted.number) return nullptr;
    return std::launder(reinterpret_cast<const P*>(slot_->payload));
  }

  /// Keeps the message beyond the handler. Empty if the topic is another one, the reader already
  /// keeps its share (ModuleOptions::keeps), or the message has too many holders.
  template <Payload P>
  [[nodiscard]] Reference<P> clone(Topic<P> wanted) const {
    if (topic() != wanted.number) return {};
    return Reference<P>{Pool::keep(handle_, reader_)};
  }

 private:
  const Slot* slot_;
  Handle handle_;
  ModuleId reader_;
};

}  // namespace takt::bus
