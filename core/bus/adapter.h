// SPDX-License-Identifier: Apache-2.0
// For modules of the old kind, which are handed a plain struct that is theirs.
#pragma once

#include "takt/core/bus/bus.h"

namespace takt::bus {

/// Hands a module a copy of each message's payload, which it may change and keep. Opt-in, module by
/// module: derive from this instead of from Module. Costs a copy and the memory for it; modules of
/// the new kind see the payload where it lies.
template <Payload P>
class ValueModule : public Module {
 public:
  explicit ValueModule(Topic<P> topic) : topic_(topic) {}

  virtual void process_value(P& value) = 0;

  void process(const Message& message) final {
    const P* payload = message.get(topic_);
    if (payload == nullptr) return;
    value_ = *payload;
    process_value(value_);
  }

 protected:
  ~ValueModule() = default;

 private:
  Topic<P> topic_;
  P value_{};  // Here and not on the stack, which old modules were never sized for.
};

/// Publishes a copy of `value`, as old senders do. Never waits.
/// - kNoMemory: no free slot, or the topic's quota is used.
template <Payload P>
Result<Broadcast> publish_value(Bus& bus, Topic<P> topic, const P& value, ModuleId source,
                                LocalTime now) {
  Result<Loan<P>> loan = bus.try_alloc(topic, source);
  if (!loan.ok()) return loan.status();
  *loan.value() = value;
  return bus.publish(topic, std::move(loan.value()), now);
}

}  // namespace takt::bus
