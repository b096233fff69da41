// SPDX-License-Identifier: Apache-2.0
// What may include what.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.h"

namespace takt::tidy {
namespace {

struct Layer {
  std::string_view path;
  std::vector<std::string_view> may_include;  // Besides itself.
};

// The one table of permitted arrows. A folder that is in none of its rows may not hold C++. Unit
// tests may include what their layer may, and tests/support.
const std::array kLayers{
    Layer{"core/base", {}},
    Layer{"core/json", {"core/base"}},
    Layer{"core/memory", {"core/base"}},
    Layer{"core/bus", {"core/base"}},
    Layer{"core/pattern", {"core/base"}},
    Layer{"core/sync", {"core/base"}},
    Layer{"core/program", {"core/base", "core/json", "core/pattern"}},
    Layer{"core/playback", {"core/base", "core/pattern", "core/program"}},
    Layer{"core/engine",
          {"core/base", "core/pattern", "core/program", "core/playback", "core/sync"}},

    Layer{"ports/api", {"core/base"}},
    Layer{"ports/cortex_m", {"core/base", "ports/api"}},
    Layer{"ports/esp_idf", {"core/base", "ports/api"}},
    Layer{"ports/linux", {"core/base", "core/memory", "ports/api"}},
    Layer{"ports/virtual", {"core/base", "ports/api"}},

    Layer{"app/messages", {"core/base", "core/bus", "core/json"}},
    Layer{"app/boards", {"core/base", "core/json", "core/memory", "core/program", "ports/api"}},
    Layer{"app/bus", {"app/metrics", "core/base", "core/bus", "core/memory", "ports/api"}},
    Layer{"app/metrics", {"core/base", "core/bus", "core/json", "core/memory"}},
    // The only service that knows playback: what the others want of it goes over the bus.
    Layer{"app/control",
          {"app/messages", "app/playback", "core/base", "core/bus", "core/engine", "core/json",
           "core/memory", "core/playback", "core/program", "core/sync", "ports/api"}},
    Layer{"app/playback",
          {"core/base", "core/engine", "core/playback", "core/program", "ports/api"}},
    Layer{"app/record", {"core/base", "core/sync"}},

    Layer{"firmware/virtual",
          {"app", "core", "firmware/device.h", "firmware/example.h", "firmware/ports.h",
           "ports/api", "ports/virtual"}},
    Layer{"firmware/mps2",
          {"app", "core", "firmware/device.h", "firmware/example.h", "firmware/ports.h",
           "ports/api", "ports/cortex_m"}},
    Layer{"firmware/examples",
          {"app", "core", "firmware/device.h", "firmware/example.h", "firmware/ports.h",
           "firmware/scripted_sensors.h", "ports/api"}},
    Layer{"firmware/linux",
          {"app", "core", "firmware/device.h", "firmware/ports.h", "firmware/scripted_sensors.h",
           "ports/api", "ports/linux"}},
    // A device on whatever ports it gets.
    Layer{"firmware", {"app", "core", "ports/api"}},

    Layer{"tools/cli", {"app/messages", "core/base", "core/json", "ports/linux"}},
    Layer{"tools/trace", {"core", "ports/linux"}},
    Layer{"tools/programs", {"app/boards", "core", "ports/api", "tools/cli", "tools/trace"}},
    Layer{"tools/view",
          {"app/messages", "core", "ports/linux", "tools/cli", "tools/programs", "tools/trace"}},
    Layer{"tools/play",
          {"app/control", "app/messages", "app/playback", "core", "ports/api", "ports/linux",
           "ports/virtual", "tools/cli", "tools/programs", "tools/trace", "tools/view"}},
    Layer{"tools/record", {"app/record", "core/base", "core/sync"}},
    Layer{"tools/sim", {"app/record", "core", "tools/cli", "tools/record", "tools/trace"}},
    Layer{"tools/device",
          {"app", "core", "ports", "tools/cli", "tools/play", "tools/programs", "tools/trace"}},
    Layer{"tools/pair",
          {"app/messages", "app/record", "core", "ports/api", "ports/linux", "tools/cli",
           "tools/device", "tools/programs", "tools/record", "tools/sim", "tools/trace",
           "tools/view"}},
    Layer{"tools/commands", {"app", "bench", "core", "firmware", "ports", "tools"}},

    Layer{"bench", {"app/boards", "app/playback", "core", "ports"}},
    Layer{"tests", {"app", "bench", "core", "firmware", "ports", "tools"}},
};

// What others can include stands below "takt/" in an #include.
constexpr std::string_view kPrefix = "takt/";
constexpr std::array<std::string_view, 4> kPublic{"app", "core", "firmware", "ports"};

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

const Layer* layer_of(std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kLayers, [path](const Layer& layer) { return lies_in(path, layer.path); });
  return found == kLayers.end() ? nullptr : found;
}

bool may_include(const Layer& layer, std::string_view path) {
  return lies_in(path, layer.path) || std::ranges::any_of(layer.may_include, [path](auto to) {
           return lies_in(path, to) || path == to;
         });
}

bool is_public(std::string_view path) {
  return std::ranges::any_of(kPublic, [path](auto folder) { return lies_in(path, folder); });
}

std::string path_for_others(const std::string& path) {
  return is_public(path) ? std::string{kPrefix} + path : path;
}

// What stands between the quotes or angles of an #include, else empty.
std::string_view included(std::string_view line) {
  constexpr std::string_view kDirective = "#include ";
  if (!line.starts_with(kDirective)) return {};
  line.remove_prefix(kDirective.size());
  const std::size_t end = line.find_first_of("\">", 1);
  return end == std::string_view::npos ? std::string_view{} : line.substr(1, end - 1);
}

}  // namespace

Violations check_includes(std::string_view path, const Source& source, const Tree& tree) {
  if (!is_cpp(path)) return {};
  const Layer* const layer = layer_of(path);
  if (layer == nullptr) return {{0, "lies in no layer of tests/tidy/arrows.cc"}};
  Violations violations;
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string_view line = source.lines[i];
    const std::string_view written = included(line);
    if (written.empty()) continue;
    const std::string file{written.substr(written.starts_with(kPrefix) ? kPrefix.size() : 0)};
    const bool quoted = line.find('"') != std::string_view::npos;
    const bool ours = tree.contains(file);
    if (quoted && !ours) {
      violations.push_back({i + 1, file + " does not exist; includes are written from the root"});
    } else if (quoted && written.starts_with(kPrefix) != is_public(file)) {
      violations.push_back({i + 1, file + " is included as " + path_for_others(file)});
    } else if (!quoted && layer_of(file) != nullptr) {
      violations.push_back({i + 1, file + " is ours and stands between quotes"});
    } else if (quoted && !may_include(*layer, file) &&
               !(path.ends_with("_test.cc") && lies_in(file, "tests/support"))) {
      violations.push_back({i + 1, std::string{layer->path} + " may not include " + file});
    }
  }
  return violations;
}

}  // namespace takt::tidy
