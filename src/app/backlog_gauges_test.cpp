#include "app/backlog_gauges.hpp"

#include <gtest/gtest.h>

#include "app/alarm_routes.hpp"
#include "http/router.hpp"
#include "ports/log.hpp"
#include "runtime/metrics_registry.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"
#include "support/token_users.hpp"

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

    void add_payment(const std::string& trade, const std::string& state, Time expires_at) {
        execute(
            "INSERT INTO payments (app, reference, owner, provider, merchant, out_trade_no, state, "
            "amount, currency, description, created_at, expires_at) VALUES ('shop', $1, '1', "
            "'wechat_pay', 'm', $1, $2, 100, 'CNY', '', 0, $3)",
            {trade, state, expires_at}
        );
    }
    void add_event(Milliseconds age) {
        execute(
            "INSERT INTO outbox (topic, key, payload, created_at) VALUES ('t', 'k', '{}', $1)",
            {clock_.now() - age}
        );
    }
    bool is_raised(const std::string& alarm) {
        return measured().find("doorbuster_alarm{alarm=\"" + alarm + "\"} 1\n") !=
               std::string::npos;
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

TEST_P(Backlogs, tell_of_payments_that_are_open_past_their_deadline) {
    const Time now = clock_.now();
    add_payment("created", "created", now - std::chrono::seconds{30});
    add_payment("closing", "closing", now - std::chrono::seconds{90});
    add_payment("not yet", "pending", now + std::chrono::seconds{30});
    add_payment("closed", "closed", now - std::chrono::hours{5});
    expect("doorbuster_payments_overdue", 2, 90);
    EXPECT_FALSE(is_raised("payments_overdue"));
    clock_.advance(std::chrono::minutes{9});
    EXPECT_TRUE(is_raised("payments_overdue"));
}

TEST_P(Backlogs, tell_of_payments_in_doubt_until_somebody_has_looked) {
    add_payment("odd", "closed", clock_.now());
    execute(
        "INSERT INTO payment_doubts (payment_id, reason, holds_refunds, raised_at) "
        "SELECT id, 'odd', 0, $1 FROM payments",
        {clock_.now()}
    );
    expect("doorbuster_payments_in_doubt", 1, 0);
    EXPECT_TRUE(is_raised("payments_in_doubt"));
    execute(
        "UPDATE payment_doubts SET resolution = 'n', resolved_by = 1, resolved_at = $1",
        {clock_.now()}
    );
    expect("doorbuster_payments_in_doubt", 0, 0);
    EXPECT_FALSE(is_raised("payments_in_doubt"));
}

TEST_P(Backlogs, tell_of_days_without_a_bill) {
    const auto add = [&](const char* day, const char* state, std::optional<Time> next) {
        execute(
            "INSERT INTO reconciliations (provider, merchant, day, state, started_at, next_run_at) "
            "VALUES ('alipay', 'm', $1, $2, 0, $3)",
            {day, state, next}
        );
    };
    const Time ready = from_rfc3339("2026-11-22T10:00:00+08:00").value();
    if (clock_.now() < ready) clock_.advance(ready - clock_.now());
    add("2026-11-20", "clean", {});
    add("2026-11-21", "failed", clock_.now());
    add("2026-11-22", "failed", clock_.now());
    add("2026-10-01", "failed", {});
    const auto age = std::chrono::floor<std::chrono::seconds>(clock_.now() - ready);
    expect("doorbuster_reconciliation_failed", 2, static_cast<int>(age.count()));
}

class LoggedAlarms final : public log::Sink {
public:
    LoggedAlarms() { log::install(this); }
    ~LoggedAlarms() override { log::install(nullptr); }
    bool wants(log::Level) const override { return true; }
    void write(log::Level, std::string_view event, std::initializer_list<log::Field> fields)
        override {
        if (!event.starts_with("alarm.")) return;
        lines += std::string{event} + " " + fields.begin()->value + "; ";
    }
    std::string lines;
};

TEST_P(Backlogs, ring_once_when_an_alarm_begins_and_once_when_it_ends) {
    LoggedAlarms log;
    add_event(std::chrono::seconds{50});
    measured();
    EXPECT_EQ(log.lines, "");
    clock_.advance(std::chrono::seconds{15});
    for (int i = 0; i < 4; ++i) measured();
    EXPECT_EQ(log.lines, "alarm.raised outbox_unpublished; ");
    add_event(std::chrono::seconds{0});
    execute("UPDATE outbox SET published_at = 1 WHERE id = 1");
    for (int i = 0; i < 4; ++i) measured();
    EXPECT_EQ(log.lines, "alarm.raised outbox_unpublished; alarm.ended outbox_unpublished; ");
    clock_.advance(std::chrono::minutes{2});
    measured();
    EXPECT_EQ(
        log.lines,
        "alarm.raised outbox_unpublished; alarm.ended outbox_unpublished; "
        "alarm.raised outbox_unpublished; "
    );
}

TEST_P(Backlogs, say_when_they_were_measured) {
    const auto at = std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch());
    const std::string text = measured();
    const auto begin = text.find("\ndoorbuster_backlogs_measured_timestamp_seconds ");
    ASSERT_NE(begin, std::string::npos);
    EXPECT_NEAR(std::stod(text.substr(text.find(' ', begin))), static_cast<double>(at.count()), 1);
}

TEST_P(Backlogs, are_shown_to_staff_as_they_are_now) {
    test::TokenUsers users;
    http::Router router{users};
    router.add(alarm_routes(database(), clock_));
    const test::RouteClient guest{router};
    add_event(std::chrono::seconds{70});
    constexpr const char* kPath = "/api/admin/v1/alarms";
    EXPECT_EQ(guest.get(kPath).status, 401);
    EXPECT_EQ(guest.as("42").get(kPath).status, 403);
    const test::Reply told = guest.as("7-finance").get(kPath);
    ASSERT_EQ(told.status, 200);
    EXPECT_EQ(told.text("/data/raised"), "true");
    ASSERT_EQ(told.size("/data/list"), watched_backlogs().size());
    for (std::size_t i = 0; i < watched_backlogs().size(); ++i) {
        const std::string at = "/data/list/" + std::to_string(i);
        const bool outbox = told.text(at + "/alarm") == "outbox_unpublished";
        EXPECT_EQ(told.text(at + "/raised"), outbox ? "true" : "false") << at;
        EXPECT_EQ(told.integer(at + "/count"), outbox ? 1 : 0) << at;
    }
}

}  // namespace
}  // namespace doorbuster::app
