// SPDX-License-Identifier: Apache-2.0
// Files, read and written whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace takt {

struct FileContent {
  std::string bytes;       ///< Empty if the file is larger than allowed.
  std::uint64_t size = 0;  ///< Of the file; of a pipe that is too large, what was seen of it.
  bool too_large = false;
};

/// Reads a regular file, or standard input for "-". Never waits for what `path` may name besides:
/// directories, pipes and devices are a Failure, as is what cannot be read.
FileContent read_whole(const std::string& path, std::size_t largest);

/// Writes a file so that it is there whole or not at all: under another name first, then renamed.
/// A device or pipe is written directly. Throws Failure; `path` is then as it was before.
void write_whole(const std::string& path, std::string_view bytes);

/// Throws Failure if `output` is the file that `input` names, by whatever links: takt never writes
/// over what it reads. "-" is standard input. A file that does not exist yet is no other file.
void refuse_overwriting(const std::string& output, const std::string& input);

/// Makes a folder, and those that it lies in, unless it is there. Throws Failure.
void make_folder(const std::string& path);

}  // namespace takt
