#include "reconciliation/bill_day.hpp"

#include <gtest/gtest.h>

namespace doorbuster::reconciliation {
namespace {

Time at(std::string_view text) { return from_rfc3339(text).value(); }

TEST(BillDay, begins_and_ends_at_midnight_in_Beijing) {
    const BillDay day = day_from("2026-11-22").value();
    EXPECT_EQ(begin_of(day), at("2026-11-22T00:00:00+08:00"));
    EXPECT_EQ(end_of(day), at("2026-11-23T00:00:00+08:00"));
    EXPECT_EQ(day_of(begin_of(day)), day);
    EXPECT_EQ(day_of(end_of(day) - Milliseconds{1}), day);
    EXPECT_EQ(day_of(end_of(day)), next(day));
    EXPECT_EQ(day_of(at("2026-11-21T16:00:00Z")), day);
}

TEST(BillDay, has_a_bill_from_ten_of_the_next_one) {
    EXPECT_EQ(ready_at(day_from("2026-12-31").value()), at("2027-01-01T10:00:00+08:00"));
}

TEST(BillDay, goes_over_months_years_and_leap_days) {
    EXPECT_EQ(to_string(next(day_from("2028-02-28").value())), "2028-02-29");
    EXPECT_EQ(to_string(previous(day_from("2027-01-01").value())), "2026-12-31");
}

TEST(BillDay, is_read_from_one_form_only) {
    EXPECT_EQ(to_string(day_from("2026-01-09").value()), "2026-01-09");
    for (const char* bad :
         {"",
          "2026-1-09",
          "2026-02-29",
          "2026-13-01",
          "2026-00-10",
          "2026-01-32",
          "20260109",
          "2026-01-09 ",
          "+026-01-09",
          "2026/01/09",
          "0000-00-00"}) {
        EXPECT_FALSE(day_from(bad)) << bad;
    }
}

}  // namespace
}  // namespace doorbuster::reconciliation
