// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over every file of a corpus, where there is no libFuzzer.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[1]}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file{entry.path(), std::ios::binary};
    std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
    bytes.shrink_to_fit();  // So that a sanitizer sees a read past the end.
    // Named first, so that the last name before a crash is the culprit's.
    std::puts(entry.path().c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++files;
  }
  return files > 0 ? 0 : 1;
}
