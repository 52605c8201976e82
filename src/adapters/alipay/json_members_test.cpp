#include "adapters/alipay/json_members.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "support/seeded_random.hpp"

namespace doorbuster::alipay {
namespace {

TEST(JsonMembers, are_found_where_they_stand_to_the_byte) {
    const std::string text =
        "\r\n{ \"node\" :\t{ \"a\" : [1, {\"}\":\"]\"}] } , \"sign\":\"ab\\\"c\" "
        ",\"n\":-1e2,\"t\":true ,"
        "\"e\":{}, \"l\":[]\n}\n ";
    const auto members = top_level_members(text);
    ASSERT_TRUE(members);
    ASSERT_EQ(members->size(), 6u);
    const std::pair<std::string_view, std::string_view> expected[] = {
        {"node", "{ \"a\" : [1, {\"}\":\"]\"}] }"},
        {"sign", "\"ab\\\"c\""},
        {"n", "-1e2"},
        {"t", "true"},
        {"e", "{}"},
        {"l", "[]"}};
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(members->at(i).name, expected[i].first);
        EXPECT_EQ(members->at(i).value, expected[i].second);
    }
}

TEST(JsonMembers, of_what_is_not_a_whole_object_are_not_looked_for) {
    for (const char* text :
         {"",
          "{",
          "[]",
          "null",
          "{\"a\":1",
          "{\"a\":1}x",
          "{\"a\":1,}",
          "{\"a\":1,\"a\":2}",
          "{\"a\":1,\"\\u0061\":2}",
          "{\"a\":{\"b\":1,\"b\":1}}",
          "{\"a\":\"\xff\"}",
          "{\"\\u0061\":1}",
          "{'a':1}",
          "{\"a\":01}",
          "<html>502 Bad Gateway</html>"}) {
        EXPECT_FALSE(top_level_members(text)) << text;
    }
    EXPECT_FALSE(top_level_members("{\"a\":" + std::string(100'000, '[')));
    EXPECT_TRUE(top_level_members("{}")->empty());
}

// Against another reader of JSON: each value, parsed by itself, is the member.
TEST(JsonMembers, of_random_documents_are_what_a_parser_says) {
    test::SeededRandom random{11};
    int read = 0;
    for (int i = 0; i < 5000; ++i) {
        static constexpr std::string_view kPieces[] = {
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"}\\\"\"", " ", "1", "null", "\"sign\"", "\\"};
        std::string text = "{\"x\":";
        for (auto left = random.next_u64() % 9; left > 0; --left) {
            text += kPieces[random.next_u64() % std::size(kPieces)];
        }
        text += "}";
        const auto members = top_level_members(text);
        if (!members) continue;
        ++read;
        const auto whole = boost::json::parse(text).as_object();
        ASSERT_EQ(members->size(), whole.size()) << text;
        for (const auto& [name, value] : *members) {
            const std::string_view bytes = value;
            EXPECT_EQ(
                boost::json::parse({bytes.data(), bytes.size()}),
                whole.at({name.data(), name.size()})
            ) << text;
        }
    }
    EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace doorbuster::alipay
