// SPDX-License-Identifier: Apache-2.0
// Instants of the two clocks, durations and plain numbers are four things.
#include "takt/core/base/time.h"

namespace takt {

inline constexpr LocalTime kLocal{seconds(2)};
inline constexpr SessionTime kSession{seconds(1)};

inline constexpr Micros kApart = kLocal - LocalTime{seconds(1)};
inline constexpr bool kLater = kSession < SessionTime{seconds(2)};

#ifdef BAD_SUBTRACT  // error: no match for .operator-.|invalid operands
inline constexpr Micros kSkew = kLocal - kSession;
#endif

#ifdef BAD_COMPARE  // error: no match for .operator<.|invalid operands
inline constexpr bool kEarlier = kSession < kLocal;
#endif

#ifdef BAD_ASSIGN  // error: conversion from|no viable conversion
inline constexpr LocalTime kConverted = kSession;
#endif

#ifdef BAD_SUM_OF_INSTANTS  // error: no match for .operator\+.|invalid operands
inline constexpr auto kSum = kLocal + kLocal;
#endif

#ifdef BAD_BARE_NUMBER  // error: conversion from|no viable conversion
inline constexpr Micros kUnitUnknown = 300;
#endif

#ifdef BAD_NOW  // error: incomplete type
inline const auto kNow = LocalClock::now();
#endif

}  // namespace takt
