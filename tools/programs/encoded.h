// SPDX-License-Identifier: Apache-2.0
// Programs as bytes to write.
#pragma once

#include <string>

#include "takt/core/program/codec.h"
#include "takt/core/program/timeline.h"

namespace takt {

/// The program of `timeline` in takt's JSON (Format::kTakt) or compiled. Reads its own result back
/// and throws Failure should that not mean the same.
std::string encoded(const Timeline& timeline, Format format);

}  // namespace takt
