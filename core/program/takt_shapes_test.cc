// SPDX-License-Identifier: Apache-2.0
#include "core/program/takt_shapes.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace takt {
namespace {

struct Named {
  const char* name;
  const json::Shape* shape;
};

constexpr Named kAll[] = {{"program", &kRootShape},        {"output", &kOutputShape},
                          {"interlock", &kInterlockShape}, {"phase", &kPhaseShape},
                          {"component", &kComponentShape}, {"step", &kStepShape},
                          {"edge", &kEdgeShape},           {"end", &kEndShape},
                          {"loop", &kLoopShape},           {"bilateral", &kBilateralShape},
                          {"pattern", &kPatternShape},     {"segment", &kSegmentShape},
                          {"side", &kLeftShape},           {"side", &kRightShape}};

rapidjson::Document schema() {
  std::ifstream file{"docs/program.schema.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  rapidjson::Document document;
  document.Parse(text.c_str());
  return document;
}

TEST(Schema, NamesTheFieldsThatTheCodecKnows) {
  const rapidjson::Document document = schema();
  ASSERT_TRUE(document.IsObject());
  for (const auto& [name, shape] : kAll) {
    std::set<std::string> known;
    for (const json::Field& field : shape->fields) {
      known.insert(std::string{field.name});
      const std::string_view unit = json::unit_behind(field.type);
      if (!unit.empty()) known.insert(std::string{field.name}.append(unit));
    }
    std::set<std::string> described;
    for (const auto& property : document["$defs"][name]["properties"].GetObject()) {
      described.insert(property.name.GetString());
    }
    EXPECT_EQ(described, known) << name;
  }
}

TEST(Schema, KnowsTheChoicesAndRangesOfTheCodec) {
  const rapidjson::Document document = schema();
  for (const auto& [name, shape] : kAll) {
    for (const json::Field& field : shape->fields) {
      const auto& property = document["$defs"][name]["properties"][field.name.data()];
      if (field.type == json::FieldType::kInteger && property.HasMember("minimum")) {
        EXPECT_EQ(property["minimum"].GetInt64(), field.least) << name << '/' << field.name;
        EXPECT_EQ(property["maximum"].GetInt64(), field.most) << name << '/' << field.name;
      }
      const bool numbered = field.type == json::FieldType::kNumbered;
      const auto& names = numbered ? document["$defs"][field.name.data()]["anyOf"][0] : property;
      if (field.choices.empty() || !names.HasMember("enum")) continue;
      EXPECT_EQ(names["enum"].Size(), field.choices.size());
      for (const auto& choice : names["enum"].GetArray()) {
        EXPECT_NE(std::find(field.choices.begin(), field.choices.end(), choice.GetString()),
                  field.choices.end())
            << choice.GetString();
      }
    }
  }
}

TEST(Shapes, IdsOfFieldsFitOneMask) {
  for (const auto& [name, shape] : kAll) {
    std::uint32_t seen = 0;
    for (const json::Field& field : shape->fields) {
      ASSERT_LT(field.id, 32) << name;
      EXPECT_EQ(seen & 1U << field.id, 0U) << name << '/' << field.name;
      seen |= 1U << field.id;
    }
    EXPECT_EQ(shape->required & ~seen, 0U) << name;
  }
}

}  // namespace
}  // namespace takt
