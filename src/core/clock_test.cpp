#include "core/clock.hpp"

#include <gtest/gtest.h>

namespace doorbuster {
namespace {

TEST(Rfc3339, is_written_in_utc_with_milliseconds) {
    EXPECT_EQ(to_rfc3339(from_milliseconds(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(from_milliseconds(1'795'314'000'007)), "2026-11-22T02:20:00.007Z");
}

TEST(Rfc3339, is_read_with_any_offset_and_precision) {
    const Time noon = from_milliseconds(1'528'425'296'000);
    EXPECT_EQ(from_rfc3339("2018-06-08T10:34:56+08:00"), noon);
    EXPECT_EQ(from_rfc3339("2018-06-08T02:34:56Z"), noon);
    EXPECT_EQ(from_rfc3339("2018-06-07T21:04:56.123456789-05:30"), noon + Milliseconds{123});
    EXPECT_EQ(from_rfc3339("2018-06-08t02:34:56.5z"), noon + Milliseconds{500});
}

TEST(Rfc3339, refuses_everything_else) {
    for (const char* text :
         {"",
          "2018-06-08",
          "2018-06-08T10:34:56",
          "2018-02-30T00:00:00Z",
          "2018-13-01T00:00:00Z",
          "2018-06-08T24:00:00Z",
          "2018-06-08T10:60:00Z",
          "2018-06-08T10:34:56+8:00",
          "2018-06-08T10:34:56.Z",
          "2018-06-08T10:34:56Zx",
          "18-06-08T10:34:56Z"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

TEST(Rfc3339, what_was_read_can_be_written_and_read_again) {
    for (const char* text :
         {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2016-12-31T23:59:60Z"}) {
        const auto time = from_rfc3339(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(from_rfc3339(to_rfc3339(*time)), time) << text;
    }
    // In UTC these are of the years -1 and 10000.
    for (const char* text :
         {"0000-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "9999-12-31T23:59:60Z"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

}  // namespace
}  // namespace doorbuster
