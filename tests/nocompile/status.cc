// SPDX-License-Identifier: Apache-2.0
// A fault that was returned must be looked at.
#include "takt/core/base/status.h"

#pragma GCC diagnostic error "-Wunused-result"

namespace takt {

Status open();
Result<int> measure();

inline bool looked_at() { return open() == Status::kOk && measure().ok(); }

#ifdef BAD_IGNORED_STATUS  // error: ignoring return(ed)? value
inline void ignore_status() { open(); }
#endif

#ifdef BAD_IGNORED_RESULT  // error: ignoring return(ed)? value
inline void ignore_result() { measure(); }
#endif

#ifdef BAD_STATUS_AS_BOOL  // error: cannot convert|cannot initialize
inline bool fine() { return open(); }
#endif

}  // namespace takt
