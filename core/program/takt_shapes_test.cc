// SPDX-License-Identifier: Apache-2.0
#include "takt/core/program/takt_shapes.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

rapidjson::Document schema() {
  std::ifstream file{"docs/program.schema.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  rapidjson::Document document;
  document.Parse(text.c_str());
  return document;
}

/// That of a program with everything in its place, for the validator follows few references.
rapidjson::SchemaDocument compiled_schema() {
  rapidjson::Document document = schema();
  rapidjson::Value& defs = document["$defs"];
  std::vector<rapidjson::Value*> work{&defs["program"]};
  while (!work.empty()) {
    rapidjson::Value& value = *work.back();
    work.pop_back();
    if (value.IsObject() && value.HasMember("$ref")) {
      const std::string pointer = value["$ref"].GetString();
      const std::string name = pointer.substr(std::string{"#/$defs/"}.size());
      value.CopyFrom(defs[name.c_str()], document.GetAllocator());
      work.push_back(&value);
    } else if (value.IsObject()) {
      for (rapidjson::SizeType i = 0; i < value.MemberCount(); ++i) {
        work.push_back(&(value.MemberBegin() + static_cast<std::ptrdiff_t>(i))->value);
      }
    } else if (value.IsArray()) {
      for (auto& one : value.GetArray()) work.push_back(&one);
    }
  }
  return rapidjson::SchemaDocument{defs["program"]};
}

/// Whether both take a program with one object of these fields in it.
void expect_both(const std::string& before, const char* fields, const std::string& after,
                 bool good) {
  static const rapidjson::SchemaDocument kSchema = compiled_schema();
  const std::string source = before + fields + after;
  rapidjson::Document program;
  program.Parse(source.c_str());
  ASSERT_FALSE(program.HasParseError()) << source;
  rapidjson::SchemaValidator validator{kSchema};
  EXPECT_EQ(program.Accept(validator), good) << "the schema: " << source;
  const Loaded loaded = load_for_test(source);
  CollectingSink sink;
  EXPECT_EQ(loaded.ok() && check(loaded.program, sink).ok(), good) << "the code: " << source;
}

TEST(Schema, AcceptsWhatTheCodeAccepts) {
  const std::string outputs = R"({"takt":1,"outputs":[{"id":"l"},{"id":"m","direction":"d"},)"
                              R"({"id":"d","kind":"direction"},{"id":"a","kind":"analog"})";
  const std::string phase = outputs + R"(],"phases":[{"name":"p")";
  const std::string part = phase + R"(,"components":[{)";
  const std::string end = phase + R"(,"end":{"sensor":"s",)";
  const std::string edge = part + R"("output":"l","edges":[{)";
  const std::string step = part + R"("output":"m","steps":[{)";
  const std::string rule = outputs + R"(],"phases":[{"name":"p"}],"interlocks":[{)";
  const struct {
    std::string before;
    std::string after;
    std::vector<std::pair<const char*, bool>> fields;
  } objects[] = {
      {outputs + R"(,{"id":"x",)",
       R"(}],"phases":[{"name":"p"}]})",
       {{R"("kind":"analog","range":9,"highest":9)", true},
        {R"("kind":"analog","shortest_off":"0s")", false},
        {R"("kind":"analog","direction":"d")", false},
        {R"("kind":"direction","longest_on_ms":1)", false},
        {R"("kind":"switch","longest_on_ms":1)", true},
        {R"("shortest_on":"1s","shortest_on_ms":1000)", false},
        {R"("range":9)", false},
        {R"("highest":9)", false}}},
      {rule,
       "}]}",
       {{R"("never_together":["l","m"])", true},
        {R"("never_together":["l","m"],"dead_time_ms":1)", true},
        {R"("never_together":["l","m","l"])", false},
        {R"("never_together":["l","m"],"reversal_dead_time":"1s")", false},
        {R"("motor":"m","reversal_dead_time":"1s")", true},
        {R"("motor":"m","reversal_dead_time":"1s","dead_time":"1s")", false},
        {R"("motor":"m")", false},
        {R"("dead_time":"1s")", false}}},
      {part,
       "}]}]}",
       {{R"("output":"l","on":"1s")", true},
        {R"("output":"l","pause":"1s")", true},
        {R"("output":"l")", false},
        {R"("output":"l","on":"1s","on_ms":1000)", false},
        {R"("output":"l","on":"1s","length":"1s")", false},
        {R"("output":"m","on":"1s","direction":"cw","repeat":2)", true},
        {R"("output":"m","steps":[{"on":"1s"}],"direction":"cw")", false},
        {R"("output":"m","steps":[{"on":"1s"}],"on":"1s")", false},
        {R"("output":"m","steps":[])", false},
        {R"("output":"a","value":1)", false},
        {R"("output":"a","value":1,"on":"1s","ramp_in":"1s")", true},
        {R"("output":"a","value":1,"on":"1s","repeat":2)", false},
        {R"("output":"l","edges":[{"at":"0s","value":1}],"length":"1s")", true},
        {R"("output":"l","edges":[{"at":"0s","value":1}],"repeat":2)", false},
        {R"("output":"l","edges":[{"at":"0s","value":1}],"on":"1s")", false}}},
      {edge,
       "}]}]}]}",
       {{R"("at_ms":1,"value":1)", true}, {R"("value":1)", false}, {R"("at":"1s")", false}}},
      {step,
       "}]}]}]}",
       {{R"("pause":"1s")", true}, {R"("direction":"cw")", false}, {R"("on_ms":5)", true}}},
      {end,
       "}}]}",
       {{R"("above":1)", true},
        {R"("above":1,"below":2)", false},
        {R"("hold":"1s")", false},
        {R"("above":1,"on_timeout":"fault")", false}}},
  };
  for (const auto& object : objects) {
    for (const auto& [fields, good] : object.fields) {
      expect_both(object.before, fields, object.after, good);
    }
  }
}

TEST(Schema, AcceptsTheSidesThatTheCodeAccepts) {
  const std::string outputs =
      R"({"takt":1,"outputs":[{"id":"l"},{"id":"b","kind":"analog"},{"id":"r"}],)";
  const std::string pattern = outputs + R"("pattern":{"left":{"light":"l","brightness":"b"},)";
  const std::string segment = pattern + R"("length":"1s","segments":[{)";
  const struct {
    std::string before;
    std::string after;
    std::vector<std::pair<const char*, bool>> fields;
  } objects[] = {
      {segment,
       "}]}}",
       {{R"("at":"0s","rate":"1Hz")", true},
        {R"("at_ms":0,"rate_mhz":1000)", true},
        {R"("rate":"1Hz")", false},
        {R"("at":"0s")", false},
        {R"("at":"0s","rate":"1Hz","duty":0)", false},
        {R"("at":"0s","rate":"1Hz","duty":101)", false},
        {R"("at":"0s","rate":"1Hz","brightness":101)", false},
        {R"("at":"0s","rate":"1Hz","sides":"both","begin":"right")", false},
        {R"("at":"0s","rate":"1Hz","sides":"alternate","begin":"right")", true}}},
      {pattern,
       R"("segments":[{"at":"0s","rate":"1Hz"}]}})",
       {{R"("length":"1s",)", true},
        {R"("length_ms":1000,)", true},
        {R"("exclusive":false,)", false},
        {R"("length":"1s","right":{"light":"r"},)", true},
        {R"("length":"1s","right":{"brightness":"r"},)", false},
        {R"("length":"1s","right":{"drive":"r"},)", false}}},
  };
  for (const auto& object : objects) {
    for (const auto& [fields, good] : object.fields) {
      expect_both(object.before, fields, object.after, good);
    }
  }
}

}  // namespace
}  // namespace takt
