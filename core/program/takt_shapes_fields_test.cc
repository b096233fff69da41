// SPDX-License-Identifier: Apache-2.0
// The code, docs/program.schema.json and the tables of docs/program.md say the same of every field:
// name, type, whether it is required, and its default.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/core/json/duration_text.h"
#include "takt/core/program/takt_shapes.h"

namespace takt {
namespace {

using json::FieldType;

/// How the pages write it: a default may be `required`, `none`, or `–` where it takes one of
/// several.
struct Described {
  std::string type;
  std::string fallback;

  bool operator==(const Described&) const = default;
  friend void PrintTo(const Described& one, std::ostream* out) {
    *out << one.type << ", " << one.fallback;
  }
};

constexpr const char* kOneOfSeveral = "–";

/// By "object.field".
using Fields = std::map<std::string, Described>;

struct Named {
  const char* name;
  const BoundShape* shape;
};

constexpr Named kAll[] = {{"program", &kRootShape},        {"output", &kOutputShape},
                          {"interlock", &kInterlockShape}, {"phase", &kPhaseShape},
                          {"component", &kComponentShape}, {"step", &kStepShape},
                          {"edge", &kEdgeShape},           {"end", &kEndShape},
                          {"loop", &kLoopShape},           {"bilateral", &kBilateralShape},
                          {"pattern", &kPatternShape},     {"segment", &kSegmentShape},
                          {"side", &kLeftShape},           {"side", &kRightShape}};

std::string read_file(const char* name) {
  std::ifstream file{name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string schema_text() { return read_file("docs/program.schema.json"); }
std::string page_text() { return read_file("docs/program.md"); }

/// Every object may have these; the page says so once.
bool is_for_everyone(std::string_view name) { return name == "comment" || name == "$schema"; }

// What the code says.

std::string type_of(const json::Field& field) {
  switch (field.type) {
    case FieldType::kName: return "name";
    case FieldType::kId: return "id";
    case FieldType::kIds: return "ids";
    case FieldType::kInteger: return "number";
    case FieldType::kBool: return "true or false";
    case FieldType::kChoice:
    case FieldType::kNumbered: return "choice";
    case FieldType::kDuration: return "duration";
    case FieldType::kRate: return "rate";
    case FieldType::kObject: return "object";
    case FieldType::kObjects: return "objects";
    default: return "text";
  }
}

std::string default_of(const BoundShape& shape, const json::Field& field) {
  if ((shape.required >> field.id & 1U) != 0) return "required";
  if (!shape.has_value(field, shape.defaults)) return "none";
  const Member& member = shape.member_of(field);
  if (member.type() == Member::Type::kText) return std::string{member.text(shape.defaults)};
  const std::int64_t number = member.number(shape.defaults);
  const bool in_micros = member.type() == Member::Type::kTime;
  switch (field.type) {
    case FieldType::kBool: return number != 0 ? "true" : "false";
    case FieldType::kChoice:
    case FieldType::kNumbered: return std::string{field.choices[static_cast<std::size_t>(number)]};
    case FieldType::kDuration:
      return std::string{format_duration(in_micros ? Micros{number} : millis(number)).view()};
    default: return std::to_string(number);
  }
}

Fields from_code() {
  Fields fields;
  for (const auto& [name, shape] : kAll) {
    for (const json::Field& field : shape->fields) {
      if (is_for_everyone(field.name)) continue;
      fields[name + ("." + std::string{field.name})] = {type_of(field), default_of(*shape, field)};
    }
  }
  return fields;
}

// What the schema says.

using Value = rapidjson::Value;

class Schema {
 public:
  explicit Schema(const std::string& text) { document_.Parse(text.c_str()); }

  Fields fields() const {
    Fields fields;
    for (const auto& [name, shape] : kAll) {
      const Value& object = document_["$defs"][name];
      std::set<std::string> required;
      std::set<std::string> one_of_several;
      if (object.HasMember("required")) collect(object["required"], required);
      if (object.HasMember("allOf")) collect_in_either_unit(object["allOf"], required);
      collect_alternatives(object, one_of_several);
      for (const auto& property : object["properties"].GetObject()) {
        const std::string field = property.name.GetString();
        if (is_for_everyone(field) || is_in_units(object["properties"], field)) continue;
        Described& described = fields[name + ("." + field)];
        described.type = type_of(property.value);
        described.fallback = required.contains(field)         ? "required"
                             : one_of_several.contains(field) ? kOneOfSeveral
                                                              : default_of(property.value);
      }
    }
    return fields;
  }

  const Value& property(const char* object, std::string_view field) const {
    return document_["$defs"][object]["properties"][std::string{field}.c_str()];
  }

  /// What a property refers to, or itself.
  const Value& target(const Value& property) const {
    if (!property.HasMember("$ref")) return property;
    return document_["$defs"][referred(property).c_str()];
  }

 private:
  static std::string referred(const Value& property) {
    return std::string{property["$ref"].GetString()}.substr(std::string_view{"#/$defs/"}.size());
  }

  static void collect(const Value& names, std::set<std::string>& all) {
    for (const Value& name : names.GetArray()) all.insert(name.GetString());
  }

  /// {"anyOf": [{"required": ["at"]}, {"required": ["at_ms"]}]}.
  static void collect_in_either_unit(const Value& rules, std::set<std::string>& all) {
    for (const Value& rule : rules.GetArray()) {
      if (!rule.HasMember("anyOf") || rule["anyOf"].Size() != 2) continue;
      std::set<std::string> names;
      for (const Value& one : rule["anyOf"].GetArray()) {
        if (one.HasMember("required") && one.MemberCount() == 1) collect(one["required"], names);
      }
      if (names.size() == 2 && names.rbegin()->starts_with(*names.begin() + '_')) {
        all.insert(*names.begin());
      }
    }
  }

  static void collect_alternatives(const Value& object, std::set<std::string>& all) {
    if (object.HasMember("oneOf")) collect_required(object["oneOf"], all);
    if (!object.HasMember("allOf")) return;
    for (const Value& rule : object["allOf"].GetArray()) {
      if (rule.HasMember("oneOf")) collect_required(rule["oneOf"], all);
    }
  }

  /// All that some alternative requires; what one forbids is not looked at.
  static void collect_required(const Value& rules, std::set<std::string>& all) {
    std::vector<const Value*> work{&rules};
    while (!work.empty()) {
      const Value& value = *work.back();
      work.pop_back();
      if (value.IsArray()) {
        for (const Value& one : value.GetArray()) work.push_back(&one);
      } else if (value.IsObject()) {
        for (const auto& member : value.GetObject()) {
          const std::string_view name = member.name.GetString();
          if (name == "required") collect(member.value, all);
          if (name != "required" && name != "not") work.push_back(&member.value);
        }
      }
    }
  }

  /// A duration in milliseconds, a rate in millihertz: another name of the field before it.
  static bool is_in_units(const Value& properties, const std::string& field) {
    for (const auto& [unit, ref] :
         {std::pair{"_ms", "#/$defs/milliseconds"}, std::pair{"_mhz", "#/$defs/millihertz"}}) {
      const Value& property = properties[field.c_str()];
      if (!field.ends_with(unit) || !property.HasMember("$ref")) continue;
      const std::string plain = field.substr(0, field.size() - std::string_view{unit}.size());
      return property["$ref"] == Value{rapidjson::StringRef(ref)} &&
             properties.HasMember(plain.c_str());
    }
    return false;
  }

  std::string type_of(const Value& property) const {
    if (property.HasMember("$ref")) {
      const std::string name = referred(property);
      if (name == "duration" || name == "rate" || name == "id" || name == "name") return name;
    }
    const Value& value = target(property);
    if (value.HasMember("const")) return "number";
    if (value.HasMember("enum") || value.HasMember("anyOf")) return "choice";
    const std::string_view type = value.HasMember("type") ? value["type"].GetString() : "";
    if (type == "integer") return "number";
    if (type == "boolean") return "true or false";
    if (type == "string") return value.HasMember("maxLength") ? "name" : "text";
    if (type != "array") return std::string{type};
    return target(value["items"])["type"] == "object" ? "objects" : type_of(value["items"]) + "s";
  }

  std::string default_of(const Value& property) const {
    const Value& value = property.HasMember("default") ? property : target(property);
    if (!value.HasMember("default")) return "none";
    const Value& fallback = value["default"];
    if (fallback.IsBool()) return fallback.GetBool() ? "true" : "false";
    return fallback.IsString() ? fallback.GetString() : std::to_string(fallback.GetInt64());
  }

  rapidjson::Document document_;
};

// What the page says.

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(by, from)) != std::string::npos; from = at + by.size()) {
    parts.push_back(text.substr(from, at - from));
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" `"));
  text.erase(text.find_last_not_of(" `") + 1);
  return text;
}

/// A cell says one thing of all fields of its row, or one of each.
std::string of_field(const std::vector<std::string>& cell, std::size_t field) {
  return trimmed(cell.size() == 1 ? cell[0] : field < cell.size() ? cell[field] : "missing");
}

Fields from_page(const std::string& text) {
  Fields fields;
  std::istringstream lines{text};
  std::string object;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "| Object | Field | Type | Default | Meaning |") {
      inside = true;
      continue;
    }
    inside = inside && line.starts_with('|');
    if (!inside || line.starts_with("|--")) continue;
    const std::vector<std::string> cells = split(line, "|");
    if (!trimmed(cells[1]).empty()) object = trimmed(cells[1]);
    const std::vector<std::string> names = split(cells[2], ",");
    const std::vector<std::string> types = split(cells[3], ",");
    const std::vector<std::string> defaults = split(cells[4], ",");
    const std::vector<std::string> objects = object == "both"
                                                 ? std::vector<std::string>{"bilateral", "pattern"}
                                                 : std::vector<std::string>{object};
    for (const std::string& one : objects) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        const Described described{of_field(types, i), of_field(defaults, i)};
        const auto [at, is_new] = fields.emplace(one + "." + trimmed(names[i]), described);
        EXPECT_TRUE(is_new || at->second == described) << at->first << " is described twice";
      }
    }
  }
  return fields;
}

/// The fields that are not the same in both, for people.
std::string difference(const Fields& a, const Fields& b) {
  std::ostringstream text;
  for (const auto& [name, one] : a) {
    const auto other = b.find(name);
    if (other != b.end() && other->second == one) continue;
    text << name << ": " << testing::PrintToString(one) << " / "
         << (other == b.end() ? "not there" : testing::PrintToString(other->second)) << '\n';
  }
  for (const auto& [name, one] : b) {
    if (!a.contains(name)) {
      text << name << ": not there / " << testing::PrintToString(one) << '\n';
    }
  }
  return text.str();
}

/// That of the code. Which fields take the place of each other it does not say in its tables.
Fields from_code(const Fields& schema) {
  Fields fields = from_code();
  for (auto& [name, described] : fields) {
    const auto other = schema.find(name);
    const bool several = other != schema.end() && other->second.fallback == kOneOfSeveral;
    if (several && described.fallback != "required") described.fallback = kOneOfSeveral;
  }
  return fields;
}

std::string disagreements(const std::string& schema, const std::string& page) {
  const Fields described = Schema{schema}.fields();
  const Fields code = from_code(described);
  return difference(code, described) + difference(code, from_page(page));
}

std::string with(std::string text, const std::string& old, const std::string& now) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), now);
}

TEST(Fields, CodeSchemaAndPageSayTheSame) {
  EXPECT_EQ(disagreements(schema_text(), page_text()), "");
}

TEST(Fields, ADisagreementOfTheSchemaIsSeen) {
  const auto seen = [](const std::string& old, const std::string& now) {
    return disagreements(with(schema_text(), old, now), page_text());
  };
  EXPECT_EQ(seen(R"("highest": {)", R"("hihgest": {)"),
            "output.highest: number, none / not there\n"
            "output.hihgest: not there / number, none\n");
  EXPECT_EQ(seen(R"("label": {
          "description": "What people read in place of the id, at most 60 bytes.",
          "type": "string")",
                 R"("label": {"type": "integer")"),
            "output.label: name, none / number, none\n");
  EXPECT_EQ(seen(R"("required": ["id"])", R"("required": ["id", "pin"])"),
            "output.pin: number, none / number, required\n");
  EXPECT_EQ(seen(R"("default": "high")", R"("default": "low")"),
            "output.active: choice, high / choice, low\n");
}

TEST(Fields, ADisagreementOfThePageIsSeen) {
  const auto seen = [](const std::string& old, const std::string& now) {
    return disagreements(schema_text(), with(page_text(), old, now));
  };
  EXPECT_EQ(seen("`highest` |", "`hihgest` |"),
            "output.highest: number, none / not there\n"
            "output.hihgest: not there / number, none\n");
  EXPECT_EQ(seen("`label` | name", "`label` | number"),
            "output.label: name, none / number, none\n");
  EXPECT_EQ(seen("`label` | name | none", "`label` | name | required"),
            "output.label: name, none / name, required\n");
  EXPECT_EQ(seen("`range` | number | 100", "`range` | number | 255"),
            "output.range: number, 100 / number, 255\n");
}

TEST(Fields, TheSchemaKnowsEveryUnitChoiceAndLimit) {
  const Schema schema{schema_text()};
  for (const auto& [name, shape] : kAll) {
    for (const json::Field& field : shape->fields) {
      SCOPED_TRACE(name + ("." + std::string{field.name}));
      const Value& property = schema.target(schema.property(name, field.name));
      const std::string_view unit = json::unit_behind(field.type);
      if (!unit.empty()) {
        EXPECT_TRUE(schema.property(name, std::string{field.name}.append(unit)).IsObject());
      }
      if (field.type == FieldType::kInteger && property.HasMember("minimum")) {
        EXPECT_EQ(property["minimum"].GetInt64(), field.least);
        EXPECT_EQ(property["maximum"].GetInt64(), field.most);
      }
      if (field.type == FieldType::kName || field.type == FieldType::kId) {
        EXPECT_EQ(property["maxLength"].GetInt64(),
                  std::min<std::int64_t>(field.most, kMaxNameBytes));
      }
      if (field.choices.empty()) continue;
      std::multiset<std::string_view> choices;
      const bool numbered = field.type == FieldType::kNumbered;
      for (const Value& one : (numbered ? property["anyOf"][0] : property)["enum"].GetArray()) {
        choices.insert(one.GetString());
      }
      EXPECT_EQ(choices,
                std::multiset<std::string_view>(field.choices.begin(), field.choices.end()));
    }
  }
}

}  // namespace
}  // namespace takt
