// SPDX-License-Identifier: Apache-2.0
#include "takt/core/memory/adapters.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <memory_resource>
#include <new>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/memory_device.h"

namespace takt {
namespace {

TEST(PmrResource, PlacesAndTagsContainers) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json"});
  PmrResource resource(device.memory, Placement::kExternal, json);
  {
    std::pmr::vector<std::pmr::string> names(&resource);
    for (int i = 0; i < 100; ++i) names.emplace_back(std::string(40, 'n'));
    EXPECT_GT(device.memory.figures(json).blocks, 100U);
    EXPECT_EQ(device.memory.figures(json).on_chip, 0U);
  }
  EXPECT_EQ(device.memory.figures(json).live, 0U);
  EXPECT_THROW(std::ignore = resource.allocate(1 << 20), std::bad_alloc);
}

TEST(RapidJsonAllocator, HoldsDocumentStackAndText) {
  using Pool = rapidjson::MemoryPoolAllocator<RapidJsonAllocator>;
  using Document = rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, RapidJsonAllocator>;
  TestDevice device;
  const Tag json = device.memory.add_tag({"json"});
  RapidJsonAllocator allocator(device.memory, Placement::kExternal, json);
  const std::string text = R"({"screens":[1,2.5,"three",{"four":[]}]})";
  {
    Pool pool(1'024, &allocator);
    Document document(&pool, 256, &allocator);
    document.Parse(text.c_str());
    ASSERT_FALSE(document.HasParseError());
    rapidjson::GenericStringBuffer<rapidjson::UTF8<>, RapidJsonAllocator> out(&allocator, 4);
    rapidjson::Writer writer(out);
    document.Accept(writer);
    EXPECT_EQ(std::string(out.GetString()), text);
    EXPECT_GT(device.memory.figures(json).live, text.size());
  }
  EXPECT_EQ(device.memory.figures(json).live, 0U);
}

TEST(RapidJsonAllocator, RunningOutIsBadAllocAndLeavesNothingBehind) {
  TestDevice device;
  const Tag json = device.memory.add_tag({"json", 4'000});
  RapidJsonAllocator allocator(device.memory, Placement::kExternal, json);
  const auto write_endlessly = [&] {
    rapidjson::GenericStringBuffer<rapidjson::UTF8<>, RapidJsonAllocator> out(&allocator);
    for (int i = 0; i < 10'000; ++i) out.Put('x');
  };
  EXPECT_THROW(write_endlessly(), std::bad_alloc);
  EXPECT_EQ(device.memory.figures(json).live, 0U);
}

}  // namespace
}  // namespace takt
