// SPDX-License-Identifier: Apache-2.0
#include "takt/core/json/locate.h"

#include <optional>

namespace takt {
namespace {

struct Renamed {
  std::string_view takt;
  std::string_view cycleoptima;
};

/// Fields of phases and what is in them; fields that are not here have no counterpart.
constexpr Renamed kRenamed[] = {{"components", "components"},
                                {"name", "name"},
                                {"delay", "startTime"},
                                {"end", "sensorTrigger"},
                                {"above", "threshold"},
                                {"below", "threshold"},
                                {"sensor", "type"},
                                {"output", "compId"},
                                {"at", "start"},
                                {"on", "duration"},
                                {"steps", "motorConfig/pattern"},
                                {"repeat", "motorConfig/repeatTimes"},
                                {"pause", "pauseTime"},
                                {"direction", "direction"}};

/// Takes the first reference token off `pointer`.
std::string_view take_token(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::string_view token = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(token.size());
  return token;
}

std::optional<std::uint32_t> index_of(std::string_view token) {
  if (token.empty() || token.size() > 9) return std::nullopt;
  std::uint32_t index = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return index;
}

/// A reference token without its escapes.
PointerText unescaped(std::string_view token) {
  PointerText text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape) i += 1;
    const char c = !escape ? token[i] : token[i] == '0' ? '~' : '/';
    text.append({&c, 1});
  }
  return text;
}

PointerText to_cycleoptima(const SourceMap& map, std::string_view pointer) {
  PointerText result;
  if (pointer.empty() || take_token(pointer) != "phases") return result;
  result.append(phases_pointer(map));
  // Bounded: each round takes a part of the pointer.
  while (pointer.starts_with('/')) {
    const std::string_view token = take_token(pointer);
    if (index_of(token)) {
      result.append("/").append(token);
      continue;
    }
    std::string_view renamed;
    for (const Renamed& pair : kRenamed) {
      if (pair.takt == token) renamed = pair.cycleoptima;
    }
    if (renamed.empty()) break;
    result.append("/").append(renamed);
  }
  return result;
}

}  // namespace

std::string_view phases_pointer(const SourceMap& map) {
  if (map.format != Format::kCycleOptima) return "/phases";
  const std::size_t root = json::next_token(map.source, json::begin_of(map.source));
  if (root < map.source.size() && map.source[root] == '[') return "";
  const bool direct =
      json::find_member(map.source, root, "phases", json::Case::kIgnored).has_value();
  return direct ? "/phases" : "/data/phases";
}

Where locate(std::string_view source, std::string_view pointer, json::Case letters) {
  Where where;
  where.offset = json::next_token(source, json::begin_of(source));
  // Bounded: each round takes a part of the pointer.
  while (pointer.starts_with('/')) {
    const std::string_view token = take_token(pointer);
    const PointerText name = unescaped(token);
    const std::optional<json::Member> member =
        json::find_member(source, where.offset, name.view(), letters);
    const std::optional<std::uint32_t> index = index_of(token);
    const std::optional<std::size_t> element =
        index ? json::find_element(source, where.offset, *index) : std::nullopt;
    if (member) {
      where.offset = member->value;
      append_pointer(where.pointer, json::string_at(source, member->key));
    } else if (element) {
      where.offset = *element;
      append_pointer(where.pointer, *index);
    } else {
      break;
    }
  }
  return where;
}

PointerText pointer_to(std::string_view source, std::size_t offset) {
  PointerText pointer;
  std::size_t container = json::next_token(source, json::begin_of(source));
  while (container < offset && container < source.size()) {
    const bool is_object = source[container] == '{';
    if (!is_object && source[container] != '[') break;
    std::size_t at = json::next_token(source, container + 1);
    std::uint32_t index = 0;
    std::size_t end = at;
    std::size_t value = at;
    while (at < source.size()) {
      value = is_object ? json::next_token(source, json::skip_value(source, at)) : at;
      end = json::skip_value(source, value);
      if (offset < end || end <= at) break;
      at = json::next_token(source, end);
      index += 1;
    }
    if (offset < at || offset >= end) break;
    if (is_object) {
      append_pointer(pointer, json::string_at(source, at));
    } else {
      append_pointer(pointer, index);
    }
    container = value;
  }
  return pointer;
}

void LocatingSink::report(const Diagnostic& diagnostic) {
  if (map_.format == Format::kCompiled) return sink_.report(diagnostic);
  const bool foreign = map_.format == Format::kCycleOptima;
  const PointerText pointer =
      foreign ? to_cycleoptima(map_, diagnostic.pointer.view()) : diagnostic.pointer;
  const json::Case letters = foreign ? json::Case::kIgnored : json::Case::kExact;
  const Where where = locate(map_.source, pointer.view(), letters);
  const LineColumn place = line_column(map_.source, where.offset);
  Diagnostic located = diagnostic;
  located.pointer = where.pointer;
  located.line = place.line;
  located.column = place.column;
  sink_.report(located);
}

}  // namespace takt
