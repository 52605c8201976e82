#include "rehearsal/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace doorbuster::rehearsal {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// Ten units, forty buyers: eight orders are paid, two wait.
Outcome good_outcome() {
    Outcome outcome;
    outcome.plan.stock = 10;
    outcome.plan.buyers = 40;
    outcome.server = "on sqlite";
    outcome.units = {.stock = 10, .left = 0, .held = 2, .sold = 8};
    outcome.acknowledged = 11;
    outcome.found.statuses = {{"paid", 8}, {"pending_payment", 2}, {"closed", 1}};
    outcome.audit_clean = true;
    for (int i = 0; i < 40; ++i) {
        const auto at = i * 50ms;
        outcome.tally.arrived(at);
        if (i < 11) {
            outcome.tally.ended(Step::order, "placed", 201, at, 2ms);
        } else {
            outcome.tally.ended(Step::captcha, "sold_out", 409, at, 1ms);
        }
    }
    return outcome;
}

bool passes(const Outcome& outcome) { return has_passed(judge(outcome)); }

TEST(RehearsalReport, passes_when_everything_adds_up) { EXPECT_TRUE(passes(good_outcome())); }

TEST(RehearsalReport, fails_when_a_unit_is_missing) {
    Outcome outcome = good_outcome();
    outcome.units.sold = 7;
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, fails_when_units_are_left_though_buyers_were_turned_away) {
    Outcome outcome = good_outcome();
    outcome.units = {.stock = 10, .left = 1, .held = 1, .sold = 8};
    outcome.found.statuses = {{"paid", 8}, {"pending_payment", 1}, {"closed", 2}};
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, does_not_ask_for_a_sold_out_sale_when_too_few_came) {
    Outcome outcome = good_outcome();
    outcome.plan.stock = 30;
    outcome.units = {.stock = 30, .left = 20, .held = 2, .sold = 8};
    EXPECT_TRUE(passes(outcome));
}

TEST(RehearsalReport, fails_when_an_acknowledged_order_is_lost) {
    Outcome outcome = good_outcome();
    outcome.found.lost.push_back({3, "17"});
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, fails_when_orders_exist_that_nobody_was_told_of) {
    Outcome outcome = good_outcome();
    outcome.found.statuses["pending_payment"] = 1;
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, fails_by_each_finding) {
    for (std::uint64_t Findings::*finding :
         {&Findings::in_doubt, &Findings::other_orders, &Findings::bot_orders}) {
        Outcome outcome = good_outcome();
        outcome.findings.*finding = 1;
        EXPECT_FALSE(passes(outcome));
    }
}

TEST(RehearsalReport, fails_on_a_broken_audit) {
    Outcome outcome = good_outcome();
    outcome.audit_clean = false;
    outcome.audit = "BROKEN A1";
    EXPECT_FALSE(passes(outcome));
    EXPECT_THAT(text_report(outcome), HasSubstr("BROKEN A1"));
    EXPECT_THAT(text_report(outcome), HasSubstr("\nFAIL\n"));
}

TEST(RehearsalReport, fails_on_a_server_error) {
    Outcome outcome = good_outcome();
    outcome.tally.ended(Step::bot, "internal", 500, 1s, 1ms);
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, takes_missing_answers_only_of_a_server_that_was_killed) {
    Outcome outcome = good_outcome();
    outcome.tally.ended(Step::order, "no_answer", 0, 1s, 1ms);
    EXPECT_FALSE(passes(outcome));
    outcome.kills = 1;
    EXPECT_TRUE(passes(outcome));
}

TEST(RehearsalReport, judges_latencies_by_their_thresholds) {
    Outcome outcome = good_outcome();
    outcome.thresholds.order_p99 = 1ms;
    EXPECT_FALSE(passes(outcome));
    outcome.thresholds.order_p99 = 3ms;
    EXPECT_TRUE(passes(outcome));
    outcome.thresholds.refusal_p99 = 0ms;
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, judges_the_rate_of_the_busiest_seconds) {
    Outcome outcome = good_outcome();
    outcome.thresholds.orders_per_second = 5;  // eleven in two seconds
    EXPECT_TRUE(passes(outcome));
    outcome.thresholds.orders_per_second = 6;
    EXPECT_FALSE(passes(outcome));
}

TEST(RehearsalReport, tells_the_verdict_as_json) {
    const auto report = json_report(good_outcome());
    EXPECT_TRUE(report.at("passed").as_bool());
    EXPECT_EQ(report.at("units").at("sold").as_int64(), 8);
    EXPECT_EQ(report.at("steps").at("order").at("outcomes").at("placed").as_uint64(), 11u);
    EXPECT_EQ(report.at("timeline").as_array().size(), 2u);
}

TEST(RehearsalReport, is_one_page_that_needs_nothing_else) {
    Outcome outcome = good_outcome();
    outcome.audit = "<b>not markup</b>";
    const std::string page = html_report(outcome);
    EXPECT_THAT(page, HasSubstr("<svg"));
    EXPECT_THAT(page, HasSubstr("&lt;b&gt;not markup"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(RehearsalReport, can_be_made_of_a_run_in_which_nothing_happened) {
    const Outcome outcome;
    EXPECT_THAT(html_report(outcome), Not(HasSubstr("nan")));
    EXPECT_THAT(text_report(outcome), HasSubstr("FAIL"));
}

}  // namespace
}  // namespace doorbuster::rehearsal
