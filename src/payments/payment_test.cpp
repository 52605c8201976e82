#include "payments/payment.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace doorbuster::payments {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kStart = from_milliseconds(1'790'000'000'000);

Payment pending() {
    Payment payment;
    payment.id = PaymentId{1};
    payment.provider = "wechat_pay";
    payment.merchant = "1900000001";
    payment.seller = "wx1";
    payment.out_trade_no = "T1";
    payment.state = PaymentState::pending;
    payment.amount = Money::fen(100);
    payment.currency = "CNY";
    payment.created_at = kStart;
    payment.expires_at = kStart + minutes{40};
    payment.code_at = kStart;
    payment.code_url = "weixin://wxpay/bizpayurl?pr=1";
    return payment;
}

// When it is asked if each query finds nothing new, as seconds after kStart.
std::vector<std::int64_t> moments(Payment payment, int count) {
    std::vector<std::int64_t> seconds_after;
    Time now = kStart;
    for (int i = 0; i < count; ++i) {
        const auto due = next_query(payment, now);
        if (!due) break;
        now = *due;
        ++payment.query_count;
        seconds_after.push_back((now - kStart).count() / 1000);
    }
    return seconds_after;
}

TEST(PaymentSchedule, asks_often_while_the_buyer_waits_then_seldom_then_at_the_deadline) {
    const std::vector<std::int64_t> expected{5, 15, 30, 60, 120, 180, 300, 600, 1800, 2400};
    EXPECT_EQ(moments(pending(), 10), expected);
}

TEST(PaymentSchedule, asks_every_half_hour_when_the_deadline_is_far) {
    Payment payment = pending();
    payment.expires_at = kStart + hours{2};
    const std::vector<std::int64_t> expected{
        5, 15, 30, 60, 120, 180, 300, 600, 1800, 3600, 5400, 7200};
    EXPECT_EQ(moments(payment, 12), expected);
}

TEST(PaymentSchedule, skips_what_was_missed_while_the_program_stood_still) {
    EXPECT_EQ(next_query(pending(), kStart + minutes{4}), kStart + minutes{5});
}

TEST(PaymentSchedule, asks_at_once_when_the_deadline_is_over) {
    const Time after = kStart + minutes{41};
    EXPECT_EQ(next_query(pending(), after), after);
}

TEST(PaymentSchedule, gives_the_answer_of_create_time_to_come_before_it_repeats) {
    Payment payment = pending();
    payment.state = PaymentState::created;
    payment.code_at.reset();
    const std::vector<std::int64_t> expected{15, 30, 60, 120, 240, 540, 1140, 2400};
    EXPECT_EQ(moments(payment, 8), expected);
}

TEST(PaymentSchedule, closes_at_once_and_goes_on_until_it_is_known) {
    Payment payment = pending();
    payment.state = PaymentState::closing;
    const std::vector<std::int64_t> expected{0, 5, 20, 50, 110, 230, 530, 1130, 2930, 4730, 6530};
    EXPECT_EQ(moments(payment, 11), expected);
}

TEST(PaymentSchedule, looks_twice_more_after_a_close_and_never_after_a_payment) {
    Payment payment = pending();
    payment.state = PaymentState::closed;
    payment.closed_at = kStart;
    EXPECT_EQ(moments(payment, 5), (std::vector<std::int64_t>{3600, 86400}));
    payment.state = PaymentState::paid;
    EXPECT_EQ(next_query(payment, kStart), std::nullopt);
    payment.state = PaymentState::failed;
    EXPECT_EQ(next_query(payment, kStart), std::nullopt);
}

TEST(PaymentSchedule, does_not_count_silence_as_one_of_the_looks_after_a_close) {
    Payment payment = pending();
    payment.state = PaymentState::closed;
    payment.closed_at = kStart;
    const Time now = kStart + hours{1};
    EXPECT_EQ(next_query_after_silence(payment, now), now + minutes{10});
}

TEST(Payment, takes_absence_for_final_a_minute_after_the_deadline_or_an_accepted_close) {
    Payment payment = pending();
    EXPECT_FALSE(is_past_margin(payment, payment.expires_at + seconds{59}));
    EXPECT_TRUE(is_past_margin(payment, payment.expires_at + seconds{60}));
    payment.close_accepted_at = kStart + seconds{10};
    EXPECT_FALSE(is_past_margin(payment, kStart + seconds{69}));
    EXPECT_TRUE(is_past_margin(payment, kStart + seconds{70}));
}

ProviderTrade paid_trade() {
    ProviderTrade trade;
    trade.state = ProviderTrade::State::paid;
    trade.out_trade_no = "T1";
    trade.transaction_id = "4200";
    trade.merchant = "1900000001";
    trade.seller = "wx1";
    trade.amount = Money::fen(100);
    trade.currency = "CNY";
    return trade;
}

TEST(Payment, sees_every_difference_between_a_success_and_its_row) {
    const Payment payment = pending();
    EXPECT_EQ(mismatch_of(payment, paid_trade()), "");
    const auto after = [&](auto change) {
        ProviderTrade trade = paid_trade();
        change(trade);
        return mismatch_of(payment, trade);
    };
    EXPECT_EQ(after([](auto& t) { t.amount = Money::fen(99); }), "amount");
    EXPECT_EQ(after([](auto& t) { t.amount = Money::fen(101); }), "amount");
    EXPECT_EQ(after([](auto& t) { t.currency = "USD"; }), "currency");
    EXPECT_EQ(after([](auto& t) { t.merchant = "1900000002"; }), "merchant");
    EXPECT_EQ(after([](auto& t) { t.seller = "wx2"; }), "seller");
    EXPECT_EQ(after([](auto& t) { t.seller = ""; }), "seller");
    EXPECT_EQ(after([](auto& t) { t.out_trade_no = "T2"; }), "out_trade_no");
    EXPECT_EQ(after([](auto& t) { t.transaction_id = ""; }), "transaction");
}

TEST(Payment, asks_no_amount_of_an_answer_that_has_none) {
    ProviderTrade trade = paid_trade();
    trade.state = ProviderTrade::State::not_paid;
    trade.amount = Money{};
    trade.transaction_id = "";
    EXPECT_EQ(mismatch_of(pending(), trade), "");
    trade.merchant = "other";
    EXPECT_EQ(mismatch_of(pending(), trade), "merchant");
    EXPECT_EQ(mismatch_of(pending(), {.state = ProviderTrade::State::not_exist}), "");
}

TEST(Payment, shows_a_code_only_while_it_can_be_scanned) {
    Payment payment = pending();
    EXPECT_FALSE(view_of(payment, kStart).qr_svg.empty());
    EXPECT_EQ(view_of(payment, kStart).code_url, *payment.code_url);
    EXPECT_TRUE(view_of(payment, payment.expires_at).code_url.empty());
    payment.expires_at = kStart + hours{3};
    EXPECT_TRUE(view_of(payment, kStart + minutes{115}).code_url.empty());
    payment.state = PaymentState::closing;
    EXPECT_TRUE(view_of(payment, kStart).code_url.empty());
}

}  // namespace
}  // namespace doorbuster::payments
