// SPDX-License-Identifier: Apache-2.0
// Instants of the two clocks, durations and plain numbers are four things.
#include "core/base/time.h"

namespace takt {

inline constexpr LocalTime local{seconds(2)};
inline constexpr SessionTime session{seconds(1)};

inline constexpr Micros apart = local - LocalTime{seconds(1)};
inline constexpr bool later = session < SessionTime{seconds(2)};

#ifdef BAD_SUBTRACT  // error: no match for .operator-.|invalid operands
inline constexpr Micros skew = local - session;
#endif

#ifdef BAD_COMPARE  // error: no match for .operator<.|invalid operands
inline constexpr bool earlier = session < local;
#endif

#ifdef BAD_ASSIGN  // error: conversion from|no viable conversion
inline constexpr LocalTime converted = session;
#endif

#ifdef BAD_SUM_OF_INSTANTS  // error: no match for .operator\+.|invalid operands
inline constexpr auto sum = local + local;
#endif

#ifdef BAD_BARE_NUMBER  // error: conversion from|no viable conversion
inline constexpr Micros unit_unknown = 300;
#endif

#ifdef BAD_NOW  // error: incomplete type
inline const auto now = LocalClock::now();
#endif

}  // namespace takt
