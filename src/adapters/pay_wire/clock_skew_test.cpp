#include "adapters/pay_wire/clock_skew.hpp"

#include <gtest/gtest.h>

namespace doorbuster::pay_wire {
namespace {

TEST(HttpDate, is_read_in_its_fixed_form_only) {
    using namespace std::chrono;
    EXPECT_EQ(
        parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
        sys_days{year{1994} / 11 / 6} + hours{8} + minutes{49} + seconds{37}
    );
    for (const char* text :
         {"",
          "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun Nov  6 08:49:37 1994",
          "Sun, 06 Nov 1994 08:49:37 UTC",
          "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 25:49:37 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:-7 GMT",
          "Sun, 06 Nov -994 08:49:37 GMT",
          "Sun, 06 Nov +994 08:49:37 GMT",
          "xxxxxxxxxxxxxxxxxxxxxxxxx GMT"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
}

}  // namespace
}  // namespace doorbuster::pay_wire
