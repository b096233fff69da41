// SPDX-License-Identifier: Apache-2.0
// What the C++ library calls where it would throw. Its own versions bring 60 KiB of unwinding and
// formatting, which a build without exceptions has no use for.
#include "takt/core/base/assert.h"

namespace std {

// Names of libstdc++ (bits/functexcept.h).
void __throw_out_of_range_fmt(const char* /*format*/, ...) {
  takt::assert_failed(__FILE__, __LINE__, "an index of the library is in range");
}
void __throw_length_error(const char* what) { takt::assert_failed(__FILE__, __LINE__, what); }
void __throw_bad_alloc() { takt::assert_failed(__FILE__, __LINE__, "the heap has room"); }
void __throw_bad_array_new_length() { takt::assert_failed(__FILE__, __LINE__, "a size fits"); }

}  // namespace std

extern "C" void __cxa_pure_virtual() {
  takt::assert_failed(__FILE__, __LINE__, "no call of a pure virtual function");
}
