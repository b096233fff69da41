// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "takt/core/program/limits.h"
#include "takt/core/program/timeline.h"
#include "tests/support/load_for_test.h"

namespace takt {
namespace {

/// A valid program as text; each test changes one thing.
struct Source {
  std::string outputs =
      R"({"id":"lm","direction":"lw"},{"id":"ld","kind":"analog","range":1000,"highest":800},)"
      R"({"id":"ll"},{"id":"lb","kind":"analog"},{"id":"lc","kind":"analog","range":9},)"
      R"({"id":"rm"},{"id":"rd","kind":"analog","range":1000,"highest":800},)"
      R"({"id":"rl"},{"id":"rb","kind":"analog"},{"id":"rw","kind":"direction"},)"
      R"({"id":"lw","kind":"direction"})";
  std::string interlocks = R"({"never_together":["lm","rm"],"dead_time":"1ms"},)"
                           R"({"never_together":["ll","rl"],"dead_time":"1ms"})";
  std::string left = R"("motor":"lm","drive":"ld","light":"ll","brightness":"lb")";
  std::string right = R"("motor":"rm","drive":"rd","light":"rl","brightness":"rb")";
  std::string bilateral = R"("intensity":60,"brightness":20)";  ///< "": a pattern.
  std::vector<std::string> segments = {R"("at":"0s","rate":"1Hz","brightness":50,"duty":50)",
                                       R"("at":"2s","rate":"1.5Hz","intensity":50)"};
  std::string pattern = R"("length":"4s")";
  std::string root;

  std::string text() const {
    std::string text =
        R"({"takt":1,"outputs":[)" + outputs + R"(],"interlocks":[)" + interlocks + "]," + root;
    if (!bilateral.empty()) {
      text += R"("bilateral":{)" + bilateral;
    } else {
      text += R"("pattern":{"segments":[)";
      for (const std::string& segment : segments) text += "{" + segment + "},";
      text.pop_back();
      text += "]," + pattern;
    }
    return text + R"(,"left":{)" + left + R"(},"right":{)" + right + "}}}";
  }
};

Source pattern() {
  Source source;
  source.bilateral.clear();
  return source;
}

/// What check() says, without the places in the text; "": all is well.
std::string verdict(const Source& source) {
  const std::string text = source.text();
  const Loaded loaded = load_for_test(text);
  if (!loaded.ok()) return "does not load: " + first_error(loaded);
  CollectingSink sink;
  LocatingSink locating{{text, loaded.format}, sink};
  const bool ok = check(loaded.program, locating).ok();
  EXPECT_EQ(ok, sink.all.empty());
  std::string said;
  for (const Diagnostic& one : sink.all) {
    said += said.empty() ? "" : "\n";
    said.append(one.pointer.view()).append(": ").append(one.message.view());
  }
  return said;
}

std::string verdict(std::string bilateral) {
  Source source;
  source.bilateral = std::move(bilateral);
  return verdict(source);
}

std::string verdict_of_segments(std::vector<std::string> segments, std::string fields) {
  Source source = pattern();
  source.segments = std::move(segments);
  source.pattern = std::move(fields);
  return verdict(source);
}

TEST(CheckPattern, SoundProgramsHaveNoRemarks) {
  EXPECT_EQ(verdict(Source{}), "");
  EXPECT_EQ(verdict(pattern()), "");
}

TEST(CheckPattern, AnArgumentOutsideItsRangeIsRefusedWithTheRange) {
  const std::string cycle =
      "/bilateral/cycle: a cycle is 500 to 2000 ms (2 to 0.5 Hz); \"research\": true allows up to "
      "4000 ms";
  EXPECT_EQ(verdict(R"("cycle":"500ms")"), "");
  EXPECT_EQ(verdict(R"("cycle":"2s")"), "");
  EXPECT_EQ(verdict(R"("cycle":"4s","research":true)"), "");
  EXPECT_EQ(verdict(R"("cycle":"499999us")"), cycle);
  EXPECT_EQ(verdict(R"("cycle":"2000001us")"), cycle);
  EXPECT_EQ(verdict(R"("cycle":"4000001us","research":true)"),
            "/bilateral/cycle: a cycle is 500 to 4000 ms (2 to 0.25 Hz)");
  EXPECT_EQ(verdict(R"("duty":10)"), "");
  EXPECT_EQ(verdict(R"("duty":9)"),
            "/bilateral/duty: a duty is 10 to 100 percent of the active half");
  EXPECT_EQ(verdict(R"("duty":101)"),
            "/bilateral/duty: a duty is 10 to 100 percent of the active half");
  for (const int good : {0, 30, 80}) {
    EXPECT_EQ(verdict("\"intensity\":" + std::to_string(good)), "");
  }
  for (const int bad : {1, 29, 81, 100}) {
    EXPECT_EQ(verdict("\"intensity\":" + std::to_string(bad)),
              "/bilateral/intensity: an intensity is 0 or 30 to 80 percent");
  }
  for (const int good : {0, 10, 30}) {
    EXPECT_EQ(verdict("\"brightness\":" + std::to_string(good)), "");
  }
  for (const int bad : {1, 9, 31, 100}) {
    EXPECT_EQ(verdict("\"brightness\":" + std::to_string(bad)),
              "/bilateral/brightness: a brightness is 0 or 10 to 30 percent");
  }
  EXPECT_EQ(verdict(R"("dead_time":"1ms")"), "");
  EXPECT_EQ(verdict(R"("dead_time":"100ms")"), "");
  EXPECT_EQ(verdict(R"("dead_time":"999us")"), "/bilateral/dead_time: a dead time is 1ms to 100ms");
  EXPECT_EQ(verdict(R"("dead_time":"100001us")"),
            "/bilateral/dead_time: a dead time is 1ms to 100ms");
  EXPECT_EQ(verdict(R"("session":"90m")"), "");
  EXPECT_EQ(verdict(R"("session":"5400001ms")"),
            "/bilateral/session: a session lasts longer than 0, up to 90m");
  EXPECT_EQ(verdict(R"("session":"999ms")"),
            "/bilateral/session: a session lasts at least one cycle");
}

TEST(CheckPattern, SoftStartAndStopFitIntoTheWholeRun) {
  EXPECT_EQ(verdict(R"("session":"60s","soft_start":"40s","soft_stop":"20s")"), "");
  const std::string message = "'soft_start' and 'soft_stop' together are longer than the whole run";
  EXPECT_EQ(verdict(R"("session":"60s","soft_start":"40s","soft_stop":"20001ms")"),
            "/bilateral/soft_start: " + message);
  EXPECT_EQ(verdict(R"("session":"60s","soft_stop":"61s")"), "/bilateral/soft_stop: " + message);
  // All passes together are the run.
  Source source;
  source.root = R"("repeat":3,)";
  source.bilateral = R"("intensity":60,"session":"60s","soft_start":"100s","soft_stop":"80s")";
  EXPECT_EQ(verdict(source), "");
  source.bilateral = R"("intensity":60,"session":"60s","soft_start":"100s","soft_stop":"80001ms")";
  EXPECT_EQ(verdict(source), "/bilateral/soft_start: " + message);
  source = pattern();
  source.pattern = R"("length":"4s","soft_start":"5s")";
  EXPECT_EQ(verdict(source), "/pattern/soft_start: " + message);
  source.root = R"("repeat":2,)";
  EXPECT_EQ(verdict(source), "");
  source = Source{};
  source.left = source.right = "";
  source.left = R"("light":"ll")";
  source.right = R"("light":"rl")";
  source.bilateral = R"("soft_stop":"1s")";
  EXPECT_EQ(verdict(source),
            "/bilateral/soft_stop: there is no 'drive' and no 'brightness' that could change "
            "softly");
}

TEST(CheckPattern, NoLevelExceedsTheHighestOfItsOutput) {
  Source source;
  source.outputs.replace(source.outputs.find("800"), 3, "599");
  EXPECT_EQ(verdict(source), "/bilateral/intensity: its output may not be driven so strongly");
  source.bilateral = R"("intensity":59)";
  EXPECT_EQ(verdict(source), "");
  source = pattern();
  source.outputs.replace(source.outputs.find(R"("lb","kind":"analog")"), 20,
                         R"("lb","kind":"analog","range":50)");
  source.segments[0] = R"("at":"0s","rate":"1Hz","brightness":1)";
  EXPECT_EQ(verdict(source),
            "/pattern/segments/0/brightness: this is level 0 of output 'lb', which takes 1 to 50");
  source = pattern();
  source.segments[1] = R"("at":"2s","rate":"1Hz","intensity":81)";
  EXPECT_EQ(verdict(source),
            "/pattern/segments/1/intensity: this is level 810 of output 'ld', which takes 1 to "
            "800\n/pattern/segments/1/intensity: this is level 810 of output 'rd', which takes 1 "
            "to 800");
}

TEST(CheckPattern, ALookNeedsTheOutputsThatShowIt) {
  Source source;
  source.left = R"("motor":"lm","light":"ll")";
  source.right = R"("motor":"rm","light":"rl")";
  EXPECT_EQ(verdict(source),
            "/bilateral/intensity: output 'lm' has no 'drive' beside it, so it is 0 or 100 %\n"
            "/bilateral/brightness: output 'll' has no 'brightness' beside it, so it is 0 or 100 "
            "%\n/bilateral/intensity: output 'rm' has no 'drive' beside it, so it is 0 or 100 %\n"
            "/bilateral/brightness: output 'rl' has no 'brightness' beside it, so it is 0 or 100 "
            "%");
  source.left = source.right = "";
  EXPECT_EQ(verdict(source),
            "/bilateral/intensity: no side that is active has a motor\n"
            "/bilateral/brightness: no side that is active has a light");
  source = pattern();
  source.right = "";
  source.segments[1] = R"("at":"2s","rate":"1Hz","intensity":50,"sides":"right")";
  EXPECT_EQ(verdict(source), "/pattern/segments/1/intensity: no side that is active has a motor");
  EXPECT_EQ(verdict(R"("brightness":20,"colour":"red")"),
            "/bilateral/colour: 'red' is colour 1, but output 'll' has no 'colour' beside it\n"
            "/bilateral/colour: 'red' is colour 1, but output 'rl' has no 'colour' beside it");
  source = pattern();
  source.left += R"(,"colour":"lc")";
  source.segments[0] += R"(,"sides":"left","colour":10)";
  EXPECT_EQ(verdict(source),
            "/pattern/segments/0/colour: 'azure' is colour 10, but output 'lc' takes 0 to 9");
}

TEST(CheckPattern, EveryOutputIsOfItsKindAndUsedOnce) {
  Source source;
  source.right = R"("motor":"ld","drive":"rm","light":"ll","brightness":"rb")";
  EXPECT_EQ(verdict(source),
            "/bilateral/right/motor: a 'motor' is an output of kind 'switch'\n"
            "/bilateral/right/motor: output 'ld' is used twice\n"
            "/bilateral/right/drive: a 'drive' is an output of kind 'analog'\n"
            "/bilateral/right/light: output 'll' is used twice");
  source.right = R"("drive":"rd","colour":"lc")";
  EXPECT_EQ(verdict(source),
            "/bilateral/right: 'drive' goes with 'motor'\n"
            "/bilateral/right: 'brightness' and 'colour' go with 'light'\n"
            "/bilateral/right: left and right must have the same: a motor, a light, or both");
}

TEST(CheckPattern, AlternatingDirectionsNeedThem) {
  const std::string message = " side has no motor with a direction output";
  EXPECT_EQ(verdict(R"("intensity":60,"alternate_direction":true)"),
            "/bilateral/alternate_direction: the right" + message);
  Source source;
  source.bilateral = R"("intensity":60,"alternate_direction":true)";
  source.outputs.replace(source.outputs.find(R"("id":"rm")"), 9, R"("id":"rm","direction":"rw")");
  EXPECT_EQ(verdict(source), "");
}

TEST(CheckPattern, ExclusiveSidesNeedAnInterlockThatTheMessageWrites) {
  Source source;
  source.interlocks = R"({"never_together":["ll","rl"],"dead_time":"2ms"})";
  EXPECT_EQ(verdict(source),
            "/bilateral: it needs the interlock {\"never_together\": [\"lm\", \"rm\"], "
            "\"dead_time\": \"1ms\"}\n"
            "/interlocks/0: its dead time is longer than that between the sides, 1ms");
  source.interlocks = R"({"never_together":["lm","rl"]},{"never_together":["ll","rl"]})";
  EXPECT_NE(verdict(source).find("it needs the interlock {\"never_together\": [\"lm\", \"rm\"]"),
            std::string::npos);
  source.interlocks = "";
  source.left = R"("light":"ll","brightness":"lb")";
  source.right = R"("light":"rl","brightness":"rb")";
  source.bilateral = R"("dead_time":"3ms")";
  EXPECT_EQ(verdict(source),
            "/bilateral: it needs the interlock {\"never_together\": [\"ll\", \"rl\"], "
            "\"dead_time\": \"3ms\"}");
  source = pattern();
  source.interlocks = "";
  EXPECT_EQ(verdict(source), "");
  source.pattern += R"(,"exclusive":true)";
  EXPECT_NE(verdict(source).find("/pattern: it needs the interlock"), std::string::npos);
}

TEST(CheckPattern, NoInterlockOfExclusiveSidesIsBlindToTheDeadTime) {
  const std::string message = "it parts the sides, so its dead time is at least 1ms";
  Source session;
  session.left = R"("light":"ll","brightness":"lb")";
  session.right = R"("light":"rl","brightness":"rb")";
  session.bilateral = R"("brightness":20)";
  Source exclusive = pattern();
  exclusive.segments.pop_back();
  exclusive.pattern = R"("length":"4s","exclusive":true)";
  for (Source source : {session, exclusive}) {
    const std::string motors = R"({"never_together":["lm","rm"],"dead_time":"1ms"},)";
    const std::string lights = R"({"never_together":["ll","rl"])";
    for (const char* dead_time : {"", R"(,"dead_time":"0s")", R"(,"dead_time":"999us")"}) {
      source.interlocks = motors + lights + dead_time + "}";
      EXPECT_EQ(verdict(source), "/interlocks/1: " + message) << dead_time;
    }
    // One that is strict enough does, whatever else names both.
    source.interlocks = motors + lights + "}," + lights + R"(,"dead_time":"1ms"})";
    EXPECT_EQ(verdict(source), "");
    source.interlocks = motors + lights + "}," + lights + R"(,"dead_time":"1us"})";
    EXPECT_EQ(verdict(source), "/interlocks/2: " + message);
  }
  exclusive.interlocks = R"({"never_together":["lm","rm"]},{"never_together":["ll","rl"]})";
  EXPECT_EQ(verdict(exclusive), "/interlocks/0: " + message + "\n/interlocks/1: " + message);
  exclusive.pattern = R"("length":"4s")";
  EXPECT_EQ(verdict(exclusive), "");  // Such sides may be on together.
}

TEST(CheckPattern, SegmentsFollowEachOtherInWholeCycles) {
  const std::string a = R"("at":"0s","rate":"1Hz")";
  EXPECT_EQ(verdict_of_segments({R"("at":"1ms","rate":"1Hz")"}, R"("length":"1001ms")"),
            "/pattern/segments/0/at: the first segment begins at 0");
  EXPECT_EQ(verdict_of_segments({a, a}, R"("length":"2s")"),
            "/pattern/segments/1/at: every segment must begin later than the one before it");
  EXPECT_EQ(verdict_of_segments({a, R"("at":"2s","rate":"1Hz")"}, R"("length":"2s")"),
            "/pattern/length: the pattern ends before its last segment begins");
  EXPECT_EQ(verdict_of_segments({a, R"("at":"1250ms","rate":"1Hz")"}, R"("length":"2250ms")"),
            "/pattern/segments/0: it lasts 1250ms, which is not a whole number of cycles at 1Hz");
  EXPECT_EQ(verdict_of_segments({a}, R"("length":"1000001us")"),
            "/pattern/segments/0: it lasts 1000001us, which is not a whole number of cycles at "
            "1Hz");
  EXPECT_EQ(verdict_of_segments({a}, R"("length":"0s")"),
            "/pattern/length: a pattern lasts longer than 0, up to 1440m");
  EXPECT_EQ(verdict_of_segments({a}, R"("length":"24h")"), "");
  EXPECT_EQ(verdict_of_segments({a}, R"("length":"86401s")"),
            "/pattern/length: a pattern lasts longer than 0, up to 1440m");
}

TEST(CheckPattern, ASegmentIsInItsRanges) {
  for (const char* rate : {"0Hz", "50001mHz", "2000000Hz"}) {
    EXPECT_EQ(verdict_of_segments({R"("at":"0s","rate":")" + std::string{rate} + '"'},
                                  R"("length":"1s")"),
              "/pattern/segments/0/rate: a rate is 1 mHz to 50 Hz");
  }
  EXPECT_EQ(verdict_of_segments({R"("at":"0s","rate":"1mHz")"}, R"("length":"1000s")"), "");
  EXPECT_EQ(verdict_of_segments({R"("at":"0s","rate":"50Hz")"}, R"("length":"20ms")"), "");
  const auto one = [](const char* field, const char* more = "") {
    return verdict_of_segments({R"("at":"0s","rate":"1Hz",)" + std::string{field}},
                               R"("length":"1s")" + std::string{more});
  };
  EXPECT_EQ(one(R"("duty":0)"), "/pattern/segments/0/duty: a duty is 1 to 100 %");
  EXPECT_EQ(one(R"("duty":1)"), "");
  EXPECT_EQ(one(R"("intensity":101)"), "/pattern/segments/0/intensity: an intensity is 0 to 100 %");
  EXPECT_EQ(one(R"("brightness":101)"),
            "/pattern/segments/0/brightness: a brightness is 0 to 100 %");
  EXPECT_EQ(one(R"("fade":"1s")"), "");
  EXPECT_EQ(one(R"("fade":"1001ms")"),
            "/pattern/segments/0/fade: the fade is longer than the segment");
  EXPECT_EQ(one(R"("sides":"both")"), "");
  EXPECT_EQ(one(R"("sides":"both")", R"(,"exclusive":true)"),
            "/pattern/segments/0/sides: the sides of an exclusive pattern are never both on");
  EXPECT_EQ(one(R"("sides":"left","begin":"right")"),
            "/pattern/segments/0/begin: 'begin' goes with sides that alternate");
  EXPECT_EQ(
      verdict_of_segments({R"("at":"0s","rate":"50Hz")"}, R"("length":"1s","dead_time":"10ms")"),
      "/pattern/segments/0: the dead time leaves nothing of its halves");
}

TEST(CheckPattern, MoreThanThreeBrightFlashesASecondMustBeAcknowledged) {
  const auto said = [](const std::string& segment, const std::string& more = "") {
    return verdict_of_segments({R"("at":"0s","brightness":31,)" + segment},
                               R"("length":"2s")" + more);
  };
  const auto flashes = [](const std::string& time) {
    return "/pattern/segments/0: 4 flashes of up to 31 % within " + time +
           ": more than 3 in a second above 30 % can start a seizure; whoever means it writes "
           "\"acknowledge_flashing\": true into the pattern";
  };
  EXPECT_EQ(said(R"("rate":"1.5Hz")"), "");  // Three halves a second.
  EXPECT_EQ(said(R"("rate":"2Hz")"), flashes("750ms"));
  EXPECT_EQ(said(R"("rate":"2Hz")", R"(,"acknowledge_flashing":true)"), "");
  EXPECT_EQ(said(R"("rate":"5Hz","sides":"left","duty":99)"), flashes("300ms"));
  EXPECT_EQ(said(R"("rate":"5Hz","sides":"both")"), "");  // It just stays on.
  EXPECT_NE(said(R"("rate":"5Hz","sides":"left")", R"(,"exclusive":true)").find("300ms"),
            std::string::npos);  // The dead time is dark.
  EXPECT_EQ(verdict_of_segments({R"("at":"0s","brightness":30,"rate":"20Hz")"}, R"("length":"2s")"),
            "");
}

TEST(CheckPattern, AFadeIsAsBrightAsWhereItComesFrom) {
  const std::string bright = R"("at":"0s","rate":"1Hz","brightness":100)";
  const std::string dim = R"("at":"2s","rate":"2Hz","brightness":20)";
  EXPECT_EQ(verdict_of_segments({bright, dim}, R"("length":"4s")"), "");
  EXPECT_NE(verdict_of_segments({bright, dim + R"(,"fade":"1s")"}, R"("length":"4s")")
                .find("/pattern/segments/1: 4 flashes of up to 40 % within 750ms"),
            std::string::npos);
}

TEST(CheckPattern, FlashesAcrossSegmentsCountToo) {
  const std::string on = R"("rate":"10Hz","sides":"both","brightness":100,"at":)";
  const std::string off = R"("rate":"10Hz","at":)";
  const auto said = [&](const std::vector<std::string>& begin_ms, const std::string& length) {
    std::vector<std::string> segments;
    for (const std::string& at : begin_ms) {
      segments.push_back(on + R"(")" + at + R"(00ms")");
      segments.push_back(off + R"(")" + std::to_string(std::stoi(at) + 1) + R"(00ms")");
    }
    return verdict_of_segments(segments, R"("length":")" + length + "\"");
  };
  EXPECT_EQ(said({"0", "2"}, "1s"), "") << "close together, but two in a second";
  EXPECT_EQ(said({"0", "2", "4"}, "1s"), "");
  EXPECT_NE(said({"0", "2", "4", "6"}, "1s").find("/pattern/segments/6: 4 flashes of up to 100 %"),
            std::string::npos);
  EXPECT_EQ(said({"0"}, "400ms"), "") << "the fourth comes after 1.2 s";
  // Only from one pass to the next: once alone, once after another.
  EXPECT_NE(said({"0", "5"}, "700ms").find("within 900ms"), std::string::npos);
  EXPECT_NE(said({"0"}, "300ms").find("/pattern/segments/0: 4 flashes"), std::string::npos);
}

/// The documented rule, counted half by half.
TEST(CheckPattern, FlashesAreRefusedExactlyIfASecondHoldsMoreThanThree) {
  unsigned refused = 0;
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&random](unsigned from, unsigned to) {
      return std::uniform_int_distribution<unsigned>{from, to}(random);
    };
    std::vector<std::string> rows;
    std::vector<unsigned> once;  // Flashes of one pass, in ms.
    unsigned at = 0;
    for (unsigned i = pick(1, 5); i > 0; --i) {
      const unsigned half = std::array{100U, 125U, 200U, 250U, 500U}[pick(0, 4)];
      const bool bright = pick(0, 2) > 0;
      rows.push_back(R"("duty":50,"rate_mhz":)" + std::to_string(500'000 / half) + R"(,"at_ms":)" +
                     std::to_string(at) + R"(,"brightness":)" + (bright ? "100" : "30"));
      for (unsigned k = 2 * pick(1, 9); k > 0; --k, at += half) {
        if (bright) once.push_back(at);
      }
    }
    std::vector<unsigned> flashes;
    for (unsigned pass = 0; pass < 8; ++pass) {
      for (const unsigned flash : once) flashes.push_back(pass * at + flash);
    }
    bool too_many = false;
    for (std::size_t i = 3; i < flashes.size(); ++i) {
      too_many = too_many || flashes[i] - flashes[i - 3] < 1'000;
    }
    const std::string said = verdict_of_segments(rows, R"("length_ms":)" + std::to_string(at));
    ASSERT_EQ(said.find("seizure") != std::string::npos, too_many) << "seed " << seed << said;
    ASSERT_EQ(said.empty(), !too_many) << said;
    refused += too_many ? 1 : 0;
  }
  EXPECT_GT(refused, 300U);
}

TEST(CheckPattern, RepeatsMakeSessionsAndPatternsLonger) {
  Source source;
  source.root = R"("repeat":3,)";
  const std::string text = source.text();
  const Loaded loaded = load_for_test(text);
  CollectingSink sink;
  const Result<Timeline> timeline = check(loaded.program, sink);
  ASSERT_TRUE(timeline.ok());
  EXPECT_EQ(timeline.value().duration(), seconds(3'600));
  EXPECT_EQ(timeline.value().repeated(2).value().duration(), seconds(7'200));
  EXPECT_EQ(timeline.value().position_at(seconds(1'201)).offset, seconds(1));
  EXPECT_EQ(timeline.value().position_at(seconds(1'201)).entry, 1U);
  source.root = R"("repeat":4000000000,)";
  EXPECT_EQ(verdict(source), "/repeat: the program lasts more than 100 years");
}

/// A program whose tables no text can give.
class Tampered {
 public:
  Tampered() : text_(Source{}.text()), loaded_(load_for_test(text_)) {
    program = loaded_.program;
    pattern = *program.pattern;
    phases.assign(program.phases.begin(), program.phases.end());
  }
  std::string verdict() {
    program.pattern = &pattern;
    program.phases = phases;
    CollectingSink sink;
    EXPECT_FALSE(check(program, sink).ok());
    return sink.all.empty() ? "" : std::string{sink.all[0].message.view()};
  }

  Program program;
  Pattern pattern;
  std::vector<Phase> phases;

 private:
  std::string text_;
  Loaded loaded_;
};

TEST(CheckPattern, TrustsNoTable) {
  const std::string plain = "a program for two sides has one phase that holds nothing";
  Tampered delayed;
  delayed.phases[0].delay = seconds(1);
  EXPECT_EQ(delayed.verdict(), plain);
  Tampered twice;
  twice.phases.push_back(twice.phases[0]);
  EXPECT_EQ(twice.verdict(), plain);
  Tampered conditional;
  conditional.phases[0].end.sensor = "s";
  EXPECT_EQ(conditional.verdict(), plain);
  Tampered astray;
  astray.pattern.sides[1].light = 200;
  EXPECT_EQ(astray.verdict(), "there is no such output");
  Tampered shared;
  shared.pattern.score.exclusive = false;
  EXPECT_EQ(shared.verdict(), "a bilateral session is exclusive");
  Tampered backwards;
  backwards.pattern.soft_start = seconds(-1);
  EXPECT_EQ(backwards.verdict(), "a time is 0 to 24.8 days");
  Tampered endless;
  endless.pattern.soft_start = endless.pattern.soft_stop = Micros::max();
  endless.program.repeats = 50'000;
  EXPECT_EQ(endless.verdict(), "a time is 0 to 24.8 days");
  Tampered ages;
  ages.pattern.soft_start = ages.pattern.soft_stop = kMaxDuration;
  ages.program.repeats = 4'000'000'000;
  EXPECT_EQ(ages.verdict(), "the program lasts more than 100 years");
}

}  // namespace
}  // namespace takt
