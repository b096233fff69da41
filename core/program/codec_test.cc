// SPDX-License-Identifier: Apache-2.0
// Laws that hold for every source, tried on random ones.
#include "takt/core/program/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

using Random = std::mt19937;

std::uint32_t pick(Random& random, std::uint32_t from, std::uint32_t to) {
  return std::uniform_int_distribution<std::uint32_t>{from, to}(random);
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> examples() {
  return {read_file("examples/washer.json"), read_file("examples/dimmer.json"),
          read_file("examples/cycleoptima-washer.json")};
}

/// The fields of an object, written in random order with random white space.
class Fields {
 public:
  explicit Fields(Random& random) : random_(random) {}

  Fields& add(const std::string& name, const std::string& value) {
    fields_.push_back('"' + name + "\":" + value);
    return *this;
  }
  Fields& maybe(const std::string& name, const std::string& value) {
    return pick(random_, 0, 1) == 0 ? *this : add(name, value);
  }
  std::string text(Random& order) {
    std::shuffle(fields_.begin(), fields_.end(), order);
    std::string text = "{";
    for (const std::string& field : fields_) {
      text += (text.size() > 1 ? "," : "") + std::string(pick(order, 0, 2), ' ') + field;
    }
    return text + (pick(order, 0, 1) == 0 ? "\n}" : "}");
  }

 private:
  Random& random_;
  std::vector<std::string> fields_;
};

/// A program in takt's own form. `random` decides what it is, `order` only how it is written.
class Generator {
 public:
  Generator(Random& random, Random& order) : random_(random), order_(order) {}

  std::string program() {
    std::string phases;
    const std::uint32_t count = pick(random_, 1, 4);
    for (std::uint32_t i = 0; i < count; ++i) {
      phases += (i > 0 ? "," : "") + phase(i);
    }
    Fields fields{random_};
    fields.add("takt", "1").add("outputs", outputs()).add("phases", '[' + phases + ']');
    fields.maybe("name", "\"\\u00e4 \\\"name\\\"\"").maybe("repeat", number(1, 9));
    fields.maybe("comment", "\"\"");
    fields.maybe("interlocks", R"([{"never_together":["s","t"],"dead_time":)" + time() +
                                   R"(},{"reversal_dead_time":)" + time() + R"(,"motor":"m"}])");
    const std::string last = std::to_string(count - 1);
    fields.maybe("loops", R"([{"times":)" + number(1, 5) + R"(,"to":"p)" + last + R"(","from":"p)" +
                              number(0, count - 1) + "\"}]");
    return fields.text(order_);
  }

 private:
  std::string number(std::uint32_t from, std::uint32_t to) {
    return std::to_string(pick(random_, from, to));
  }
  std::string time(std::uint32_t least = 0) {
    static constexpr const char* kUnits[] = {"us", "ms", "ms", "s"};
    return '"' + number(least, 900) + kUnits[pick(random_, 0, 3)] + '"';
  }

  std::string outputs() {
    Fields motor{random_};
    motor.add("id", "\"m\"").add("direction", "\"d\"").maybe("pin", number(0, 30));
    Fields first{random_};
    first.add("id", "\"s\"").maybe("active", "\"low\"").maybe("shortest_on", time());
    first.maybe("label", R"("Soap \u00e9 \"fine\"")");
    return '[' + motor.text(order_) + R"(,{"kind":"direction","id":"d"},)" + first.text(order_) +
           R"(,{"id":"t"},{"id":"a","kind":"analog","range":500}])";
  }

  std::string phase(std::uint32_t index) {
    std::string components;
    for (std::uint32_t i = pick(random_, 0, 4); i > 0; --i) {
      components += (components.empty() ? "" : ",") + component();
    }
    Fields fields{random_};
    fields.add("name", "\"p" + std::to_string(index) + '"').maybe("delay", time());
    fields.add("components", '[' + components + ']');
    Fields end{random_};
    end.add("sensor", "\"q\"").add(pick(random_, 0, 1) == 0 ? "above" : "below", number(0, 99));
    end.maybe("hold", time()).maybe("timeout", "\"1h\"");
    fields.maybe("end", end.text(order_));
    return fields.text(order_);
  }

  std::string component() {
    Fields fields{random_};
    fields.maybe("at", time());
    switch (pick(random_, 0, 3)) {
      case 0:
        fields.add("output", "\"s\"").add("on", time()).maybe("pause", time());
        fields.maybe("repeat", number(0, 50));
        break;
      case 1:
        fields.add("output", "\"m\"").add("steps", steps()).maybe("repeat", number(1, 50));
        break;
      case 2: fields.add("output", "\"a\"").add("value", number(1, 500)).add("on", time(1)); break;
      default: fields.add("output", "\"t\"").add("edges", edges()).maybe("length", "\"2h\"");
    }
    return fields.text(order_);
  }

  std::string steps() {
    std::string steps;
    const bool directed = pick(random_, 0, 1) == 0;
    for (std::uint32_t i = pick(random_, 1, 5); i > 0; --i) {
      Fields step{random_};
      step.add("on", time()).maybe("pause", time());
      if (directed) step.add("direction", pick(random_, 0, 1) == 0 ? "\"cw\"" : "\"ccw\"");
      steps += (steps.empty() ? "" : ",") + step.text(order_);
    }
    return '[' + steps + ']';
  }

  std::string edges() {
    std::string edges;
    std::uint32_t at = 0;
    for (std::uint32_t i = pick(random_, 1, 5); i > 0; --i) {
      Fields edge{random_};
      edge.add("at_ms", std::to_string(at)).add("value", number(0, 1));
      edges += (edges.empty() ? "" : ",") + edge.text(order_);
      at += pick(random_, 1, 99);
    }
    return '[' + edges + ']';
  }

  Random& random_;
  Random& order_;
};

std::string random_program(std::uint32_t seed, std::uint32_t order_seed) {
  Random random{seed};
  Random order{order_seed};
  return Generator{random, order}.program();
}

/// Whether loading it and what can be done with the result keeps its promises.
void expect_sound(std::string_view source) {
  const Loaded loaded = load_for_test(source);
  ASSERT_EQ(loaded.ok(), loaded.errors.empty());
  if (!loaded.ok()) return;
  CollectingSink sink;
  if (!check(loaded.program, sink).ok()) return;
  const std::string compiled = compiled_for_test(loaded.program);
  ASSERT_EQ(compiled_for_test(load_for_test(compiled).program), compiled);
  json_for_test(loaded.program);
}

TEST(Codec, LoadingIsInverseOfWritingJson) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    const Loaded loaded = load_for_test(random_program(seed, 1));
    ASSERT_TRUE(loaded.ok()) << first_error(loaded);
    const std::string json = json_for_test(loaded.program);
    const Loaded again = load_for_test(json);
    ASSERT_TRUE(again.ok()) << first_error(again) << json;
    EXPECT_EQ(compiled_for_test(again.program), compiled_for_test(loaded.program)) << json;
  }
}

TEST(Codec, LoadingIsInverseOfCompiling) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    const Loaded loaded = load_for_test(random_program(seed, 1));
    const std::string compiled = compiled_for_test(loaded.program);
    const Loaded again = load_for_test(compiled);
    ASSERT_TRUE(again.ok()) << first_error(again);
    EXPECT_EQ(compiled_for_test(again.program), compiled);
    EXPECT_EQ(json_for_test(again.program), json_for_test(loaded.program));
    EXPECT_EQ(again.program.memory_bytes, loaded.program.memory_bytes);
  }
}

TEST(Codec, TheOrderOfKeysNeverMatters) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const Loaded a = load_for_test(random_program(seed, 1));
    const Loaded b = load_for_test(random_program(seed, seed + 2));
    ASSERT_TRUE(a.ok() && b.ok());
    EXPECT_EQ(compiled_for_test(a.program), compiled_for_test(b.program));
  }
}

TEST(Codec, ExamplesLoadWithoutAWarningAndPassTheCheck) {
  for (const std::string& source : examples()) {
    const Loaded loaded = load_for_test(source);
    ASSERT_TRUE(loaded.ok()) << first_error(loaded);
    EXPECT_TRUE(loaded.warnings.empty());
    CollectingSink sink;
    EXPECT_TRUE(check(loaded.program, sink).ok());
    EXPECT_TRUE(sink.all.empty());
    const Loaded again = load_for_test(json_for_test(loaded.program));
    EXPECT_EQ(compiled_for_test(again.program), compiled_for_test(loaded.program));
  }
}

TEST(Codec, ADocumentCutOffAnywhereIsAnErrorWithAPlace) {
  for (std::string source : examples()) {
    source.resize(source.find_last_of('}') + 1);
    for (std::size_t size = 0; size < source.size(); ++size) {
      const Loaded loaded = load_for_test(std::string_view{source}.substr(0, size));
      ASSERT_FALSE(loaded.ok()) << size;
      ASSERT_FALSE(loaded.errors.empty()) << size;
      ASSERT_GT(loaded.errors.back().line, 0U) << size;
    }
  }
}

TEST(Codec, RandomDamageNeverCrashes) {
  constexpr std::string_view kLikely = "{}[],:\"0123456789-.eE\\utnfms \n\x80\xFF";
  std::vector<std::string> sources = examples();
  for (std::uint32_t seed = 0; seed < 20; ++seed) sources.push_back(random_program(seed, seed));
  for (std::uint32_t seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random{seed};
    std::string source = sources[seed % sources.size()];
    if (seed % 3 == 0) source = compiled_for_test(load_for_test(source).program);
    for (std::uint32_t i = pick(random, 1, 4); i > 0; --i) {
      const std::size_t at = random() % source.size();
      const char byte = kLikely[random() % kLikely.size()];
      switch (pick(random, 0, 3)) {
        case 0: source[at] = byte; break;
        case 1: source[at] = static_cast<char>(random()); break;
        case 2: source.erase(at, random() % 9); break;
        default: source.insert(at, source.substr(random() % source.size(), random() % 20));
      }
      if (source.empty()) source = "[";
    }
    expect_sound(source);
  }
}

TEST(Codec, LimitsOfDepthAndLengthHold) {
  EXPECT_EQ(load_for_test(std::string(100'000, '[')).status, Status::kTooLarge);
  const std::string deep = std::string(30, '[') + std::string(30, ']');
  EXPECT_TRUE(load_for_test(R"([{"id":"a","note":)" + deep + "}]").ok());
  const std::string text(kMaxJsonStringBytes, 'x');
  EXPECT_TRUE(load_for_test(R"([{"id":"a","note":")" + text + "\"}]").ok());
  EXPECT_EQ(load_for_test(R"([{"id":"a","note":"x)" + text + "\"}]").status, Status::kTooLarge);
  EXPECT_FALSE(load_for_test(R"([{"id":")" + text + "\"}]").ok());
  EXPECT_EQ(load_for_test(std::string(kMaxSourceBytes + 1, ' ')).status, Status::kTooLarge);
}

TEST(Codec, ThirtyTwoErrorsAreReportedAndTheOthersCounted) {
  std::string phases;
  for (int i = 0; i < 50; ++i) phases += (i > 0 ? "," : "") + std::string{R"({"delay":1})"};
  const Loaded loaded = load_for_test(R"({"takt":1,"outputs":[],"phases":[)" + phases + "]}");
  ASSERT_EQ(loaded.errors.size(), Reporter::kMaxReported + 1);
  EXPECT_EQ(loaded.errors.back().message.view(), "68 more errors");
}

TEST(Codec, ErrorsOfTheSyntaxHaveAPlace) {
  const auto error = [](std::string_view source) { return first_error(load_for_test(source)); };
  EXPECT_EQ(error(""), " 1:1 the document is empty");
  EXPECT_EQ(error("{\"takt\":1,\n \"name\" 5}"), "/name 2:9 expected ':' after the field name");
  EXPECT_EQ(error("{\"takt\":1,}"), "/takt 1:11 expected a field name in quotes");
  EXPECT_EQ(error("[{\"id\":\"a\"}] x"), " 1:14 the document goes on after its end");
  EXPECT_EQ(error("[{\"id\":nul}]"),
            "/0/id 1:11 expected a value: a string, number, true, false, "
            "null, object or array");
  EXPECT_EQ(error("[{\"id\":\"a\" \"b\":1}]"), "/0/id 1:12 expected ',' or '}' after the field");
  EXPECT_EQ(error("[{\"id\":\"\xFF\"}]"), " 1:9 a string is not valid UTF-8: byte 0xff");
}

TEST(Codec, LongPatternsLoadInOnePiece) {
  std::string steps;
  for (std::size_t i = 0; i < 50'000; ++i) steps += R"({"stepTime":1,"pauseTime":1},)";
  steps.pop_back();
  const Loaded loaded =
      load_for_test(R"([{"id":"a","components":[{"compId":"Motor","motorConfig":{"pattern":[)" +
                    steps + "]}}]}]");
  ASSERT_TRUE(loaded.ok()) << first_error(loaded);
  EXPECT_EQ(loaded.program.points.size(), 50'000U);
  EXPECT_EQ(loaded.program.components[0].period, millis(100'000));
}

}  // namespace
}  // namespace takt
