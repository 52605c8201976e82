#include "adapters/pay_wire/metered_provider.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"
#include "support/noted_metrics.hpp"
#include "support/run_task.hpp"

namespace doorbuster::pay_wire {
namespace {

using Refused = PaymentProvider::Refused;
template <class T>
using Outcome = PaymentProvider::Outcome<T>;

// Answers every call alike, after a quarter of a second.
class Scripted final : public PaymentProvider, public RefundProvider, public BillProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    explicit Scripted(test::ManualClock& clock) : clock_{clock} {}

    std::optional<Refused> refused;
    bool throws = false;
    bool believes = true;

    std::string_view name() const override { return "scripted"; }
    std::string_view merchant() const override { return "m"; }
    std::string_view seller() const override { return "s"; }
    Task<Outcome<std::string>> create(const ProviderOrder&) override {
        return end<std::string>("code");
    }
    std::optional<PayForm> pay_form(const ProviderOrder&, Time) const override {
        return PayForm{.action = "page"};
    }
    Task<Outcome<ProviderTrade>> query(const std::string&) override {
        return end<ProviderTrade>({});
    }
    Task<Outcome<bool>> close(const std::string&) override { return end<bool>(false); }
    std::optional<ProviderNotification> verify_notification(
        const Headers&, std::string_view, Time, std::string& reason
    ) const override {
        if (believes) return ProviderNotification{.id = "1"};
        reason = "why";
        return std::nullopt;
    }
    NotificationReply reply_accepted() const override { return {200}; }
    NotificationReply reply_refused() const override { return {401}; }
    NotificationReply reply_try_again() const override { return {503}; }
    Task<Outcome<ProviderRefund>> refund(const ProviderRefundOrder&) override {
        return end<ProviderRefund>({});
    }
    Task<Outcome<ProviderRefund>> query_refund(const ProviderRefundOrder&) override {
        return end<ProviderRefund>({});
    }
    Milliseconds refund_distance() const override { return Milliseconds{7}; }
    int refunds_max() const override { return 8; }
    RefundDay refund_day() const override { return RefundDay::accepted; }
    Task<Outcome<Downloaded>>
    download_bill(BillKind, std::chrono::year_month_day, const std::filesystem::path&) override {
        return end<Downloaded>({});
    }
    BillSummary
    read_bill(BillKind, const std::filesystem::path&, const std::function<void(const BillRow&)>&)
        const override {
        return {.payments = 9};
    }

private:
    template <class T>
    Task<Outcome<T>> end(T value) {
        clock_.advance(Milliseconds{250});
        if (throws) throw std::runtime_error{"no memory"};
        if (refused) co_return Outcome<T>{std::nullopt, *refused};
        co_return Outcome<T>{std::move(value), {}};
    }

    test::ManualClock& clock_;
};

class Metered : public testing::Test {
protected:
    double calls(const char* operation, const char* outcome) const {
        return metrics_.value(
            "payment_provider_calls_total",
            {{"provider", "scripted"}, {"operation", operation}, {"outcome", outcome}}
        );
    }
    Outcome<ProviderRefund> refund() { return test::run(metered_.refund(refund_)); }

    test::ManualClock clock_;
    test::NotedMetrics metrics_;
    Scripted scripted_{clock_};
    MeteredProvider metered_{scripted_, clock_, metrics_};
    const ProviderOrder order_;
    const ProviderRefundOrder refund_;
    const std::string number_ = "SK20261122000001";
};

TEST_F(Metered, every_operation_is_counted_and_timed_under_its_name) {
    const std::chrono::year_month_day day{};
    const std::filesystem::path file;
    EXPECT_EQ(test::run(metered_.create(order_)).value, "code");
    EXPECT_TRUE(test::run(metered_.query(number_)).value);
    EXPECT_EQ(test::run(metered_.close(number_)).value, false);
    EXPECT_TRUE(refund().value);
    EXPECT_TRUE(test::run(metered_.query_refund(refund_)).value);
    EXPECT_TRUE(test::run(metered_.download_bill(BillKind::trade, day, file)).value);
    for (const char* operation :
         {"create", "query", "close", "refund", "query_refund", "download_bill"}) {
        EXPECT_EQ(calls(operation, "answered"), 1) << operation;
        const metrics::Labels labels{{"provider", "scripted"}, {"operation", operation}};
        EXPECT_EQ(metrics_.value("payment_provider_call_seconds", labels), 0.25) << operation;
        EXPECT_EQ(metrics_.observations("payment_provider_call_seconds", labels), 1) << operation;
    }
}

TEST_F(Metered, refusals_are_told_apart_by_what_they_ask_of_the_operator) {
    const std::pair<Refused, const char*> refusals[] = {
        {{"PARAMERROR", "", true}, "refused"},
        {{"NOTENOUGH", "", false, true}, "no_money"},
        {{"UNVERIFIED", ""}, "unverified"},
        {{"NO_ANSWER", ""}, "no_answer"},
        {{"SYSTEMERROR", ""}, "undecided"}};
    for (const auto& [refused, outcome] : refusals) {
        scripted_.refused = refused;
        EXPECT_EQ(refund().refused.code, refused.code) << "it is passed on";
        EXPECT_EQ(calls("refund", outcome), 1) << outcome;
    }
    EXPECT_EQ(calls("refund", "answered"), 0);
}

TEST_F(Metered, an_exception_is_counted_timed_and_thrown_on) {
    scripted_.throws = true;
    EXPECT_THROW(test::run(metered_.query(number_)), std::runtime_error);
    EXPECT_EQ(calls("query", "failed"), 1);
    EXPECT_EQ(
        metrics_.value(
            "payment_provider_call_seconds", {{"provider", "scripted"}, {"operation", "query"}}
        ),
        0.25
    );
}

TEST_F(Metered, notifications_are_counted_by_whether_they_prove_anything) {
    const auto notified = [&] {
        std::string reason;
        static_cast<void>(metered_.verify_notification({}, "", clock_.now(), reason));
        return reason;
    };
    EXPECT_EQ(notified(), "");
    scripted_.believes = false;
    EXPECT_EQ(notified(), "why");
    EXPECT_EQ(notified(), "why");
    const auto count = [&](const char* outcome) {
        return metrics_.value(
            "payment_provider_notifications_total", {{"provider", "scripted"}, {"outcome", outcome}}
        );
    };
    EXPECT_EQ(count("verified"), 1);
    EXPECT_EQ(count("rejected"), 2);
}

TEST_F(Metered, everything_else_is_as_the_provider_says) {
    EXPECT_EQ(metered_.name(), "scripted");
    EXPECT_EQ(metered_.merchant(), "m");
    EXPECT_EQ(metered_.seller(), "s");
    EXPECT_EQ(metered_.pay_form(order_, clock_.now())->action, "page");
    EXPECT_EQ(metered_.reply_accepted().status, 200);
    EXPECT_EQ(metered_.reply_refused().status, 401);
    EXPECT_EQ(metered_.reply_try_again().status, 503);
    EXPECT_EQ(metered_.refund_distance(), Milliseconds{7});
    EXPECT_EQ(metered_.refunds_max(), 8);
    EXPECT_EQ(metered_.read_bill(BillKind::fund, "", {}).payments, 9);
}

}  // namespace
}  // namespace doorbuster::pay_wire
