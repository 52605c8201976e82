#include "app/backlog_gauges.hpp"

#include <gtest/gtest.h>

#include "runtime/metrics_registry.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"

namespace doorbuster::app {
namespace {

class Backlogs : public test::DatabaseTest {
protected:
    std::string measured() {
        test::run(gauges_.measure());
        return registry_.render();
    }
    void expect(const std::string& name, int count, int oldest_seconds) {
        const std::string text = "\n" + measured();
        const std::string wanted_count = "\n" + name + " " + std::to_string(count) + "\n";
        const std::string wanted_age =
            "\n" + name + "_oldest_seconds " + std::to_string(oldest_seconds) + "\n";
        EXPECT_NE(text.find(wanted_count), std::string::npos) << wanted_count;
        EXPECT_NE(text.find(wanted_age), std::string::npos) << wanted_age;
    }

    test::ManualClock clock_;
    runtime::MetricsRegistry registry_;
    BacklogGauges gauges_{database(), clock_, registry_};
};
DOORBUSTER_ON_BOTH_ENGINES(Backlogs);

TEST_P(Backlogs, are_zero_in_a_shop_where_nothing_waits) {
    expect("doorbuster_orders_closing", 0, 0);
    expect("doorbuster_outbox_unpublished", 0, 0);
    expect("doorbuster_payments_refund_due", 0, 0);
}

TEST_P(Backlogs, tell_of_orders_that_stay_closing) {
    execute(
        "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
        "VALUES (1, 'a', 'a', '', 0, 0)"
    );
    const Time now = clock_.now();
    for (const std::int64_t number : {1, 2, 3}) {
        const bool closing = number != 3;
        execute(
            "INSERT INTO orders (order_no, user_id, status, payment_status, fulfillment_status, "
            "close_reason, items_total, freight, total, currency, address, created_at, expires_at) "
            "VALUES ($1, 1, $2, 'unpaid', 'unfulfilled', $3, 1, 0, 1, 'CNY', '{}', 0, 0)",
            {number,
             closing ? "closing" : "pending_payment",
             closing ? std::optional<std::string_view>{"timeout"} : std::nullopt}
        );
        execute(
            "INSERT INTO order_events (order_no, version, kind, status, actor, at) "
            "VALUES ($1, 1, 'closing', 'closing', 'system', $2)",
            {number, now - std::chrono::seconds{100 * number}}
        );
    }
    expect("doorbuster_orders_closing", 2, 200);
}

TEST_P(Backlogs, tell_of_events_that_are_not_told) {
    const Time now = clock_.now();
    for (const std::int64_t seconds : {40, 70}) {
        execute(
            "INSERT INTO outbox (topic, key, payload, created_at) VALUES ('t', 'k', '{}', $1)",
            {now - std::chrono::seconds{seconds}}
        );
    }
    execute(
        "INSERT INTO outbox (topic, key, payload, created_at, published_at) "
        "VALUES ('t', 'k', '{}', 0, 1)"
    );
    expect("doorbuster_outbox_unpublished", 2, 70);
}

TEST_P(Backlogs, tell_of_money_that_must_go_back) {
    const Time paid_at = clock_.now() - std::chrono::seconds{50};
    const auto add = [&](const std::string& trade, int refund_due, int refunded) {
        execute(
            "INSERT INTO payments (app, reference, owner, provider, merchant, out_trade_no, "
            "transaction_id, state, amount, currency, description, refund_due, refunded, "
            "refund_reserved, created_at, expires_at, paid_at) VALUES ('shop', $1, '1', "
            "'wechat_pay', 'm', $1, $1, 'paid', 100, 'CNY', '', $2, $3, $3, 0, 0, $4)",
            {trade, refund_due, refunded, paid_at}
        );
    };
    add("kept", 0, 0);
    add("due", 1, 0);
    add("given back", 1, 100);
    expect("doorbuster_payments_refund_due", 1, 50);
}

}  // namespace
}  // namespace doorbuster::app
