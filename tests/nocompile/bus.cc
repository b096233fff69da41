// SPDX-License-Identifier: Apache-2.0
// Misuse of the bus that the compiler refuses.
#include "takt/core/bus/bus.h"
#include "takt/core/bus/adapter.h"
#include "takt/core/bus/consumer.h"

namespace takt::bus {

struct Battery {
  int millivolts = 0;
};
inline constexpr Topic<Battery> kBattery{1, "battery"};
inline constexpr Topic<Bytes> kLidar{2, "lidar"};

void good(Bus& bus, Loan<Battery> loan, const Message& message) {
  loan->millivolts = 3'700;
  static_cast<void>(bus.publish(kBattery, std::move(loan), LocalTime{}));
  Reference<Battery> kept = message.clone(kBattery);
  Reference<Battery> twin = kept.clone();
}

#ifdef BAD_WRITE_THROUGH_REFERENCE  // error: assignment of member|cannot assign
void bad(Reference<Battery> reference) { reference->millivolts = 0; }
#endif
#ifdef BAD_WRITE_IN_HANDLER  // error: assignment of member|cannot assign
void bad(const Message& message) { message.get(kBattery)->millivolts = 0; }
#endif
#ifdef BAD_WRITE_BYTES_IN_HANDLER  // error: assignment of read-only|cannot assign
void bad(const Message& message) { message.bytes()[0] = std::byte{0}; }
#endif
#ifdef BAD_WRITE_BYTES_THROUGH_REFERENCE  // error: assignment of read-only|cannot assign
void bad(const Reference<Bytes>& reference) { reference.bytes()[0] = std::byte{0}; }
#endif
#ifdef BAD_COPY_OF_REFERENCE  // error: deleted
void bad(const Reference<Battery>& reference) { Reference<Battery> copy = reference; }
#endif
#ifdef BAD_COPY_OF_LOAN  // error: deleted
void bad(const Loan<Battery>& loan) { Loan<Battery> copy = loan; }
#endif
#ifdef BAD_COPY_OF_DELIVERY  // error: deleted
void bad(const Delivery& delivery) { Delivery copy = delivery; }
#endif
#ifdef BAD_PUBLISH_WITHOUT_GIVING_UP  // error: cannot bind|no matching
void bad(Bus& bus, Loan<Battery>& loan) {
  static_cast<void>(bus.publish(kBattery, loan, LocalTime{}));
}
#endif
#ifdef BAD_PUBLISH_ON_FOREIGN_TOPIC  // error: no matching|deduced conflicting
void bad(Bus& bus, Loan<Battery> loan) {
  static_cast<void>(bus.publish(kLidar, std::move(loan), LocalTime{}));
}
#endif
#ifdef BAD_BROADCAST_IGNORED  // error: nodiscard|unused-result
void bad(Bus& bus, Loan<Battery> loan) { bus.publish(kBattery, std::move(loan), LocalTime{}); }
#pragma GCC diagnostic error "-Wunused-result"
void worse(Bus& bus, Loan<Battery> loan) { bus.publish(kBattery, std::move(loan), LocalTime{}); }
#endif
#ifdef BAD_CLONE_IGNORED  // error: nodiscard|unused-result
#pragma GCC diagnostic error "-Wunused-result"
void bad(const Message& message) { message.clone(kBattery); }
#endif
#ifdef BAD_POINTER_AS_PAYLOAD  // error: constraints not satisfied|does not satisfy
inline constexpr Topic<const char*> kPointer{3, "pointer"};
#endif
#ifdef BAD_VIEW_AS_PAYLOAD  // error: constraints not satisfied|does not satisfy
inline constexpr Topic<std::span<const std::byte>> kView{3, "view"};
#endif
#ifdef BAD_PAYLOAD_WITH_DESTRUCTOR  // error: constraints not satisfied|does not satisfy
struct Owner {
  ~Owner() {}
};
inline constexpr Topic<Owner> kOwner{3, "owner"};
#endif
#ifdef BAD_OLD_SEND  // error: has no member named|no member named
void bad(Bus& bus, const Battery& value) { bus.send_value(kBattery, value); }
#endif

}  // namespace takt::bus
