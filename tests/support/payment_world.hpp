#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "payments/errors.hpp"
#include "payments/events.hpp"
#include "payments/payment_service.hpp"
#include "payments/payment_worker.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"

namespace doorbuster::payments {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::FakeProvider;
using Fault = FakeProvider::Fault;

inline const std::string kRef = "5001";

// The payment side with two providers that do as they are told, at a clock that is set.
class PaymentWorld : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (!IsSkipped()) restart();
    }
    // A new process on the same data.
    void restart() {
        worker_.reset();
        service_.emplace(
            database(), clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_, &alipay_}
        );
        worker_.emplace(database(), clock_, *service_);
    }
    PaymentOrder order(const std::string& reference = kRef) const {
        return {reference, "42", Money::fen(8888), "双十一 order", expires_at_};
    }
    Result<PaymentView> pay(
        const std::string& provider = "wechat_pay", const std::string& reference = kRef
    ) {
        const PaymentOrder asked = order(reference);
        return test::run(service_->pay(asked, provider));
    }
    void give_up(const std::string& reference = kRef) {
        const auto body = [&](sql::Transaction& tx) { service_->close(tx, reference); };
        database().write_blocking(body);
    }
    NotificationReply notify(FakeProvider& provider, const std::string& body) {
        return test::run(service_->notified(provider, signed_, body));
    }
    void work() {
        while (test::run(worker_->run_once())) {
        }
    }
    void work_after(Milliseconds pause) {
        clock_.advance(pause);
        work();
    }

    std::string trade_no(std::int64_t id) {
        return text("SELECT out_trade_no FROM payments WHERE id = $1", {id});
    }
    std::string last_trade() {
        return text("SELECT out_trade_no FROM payments ORDER BY id DESC LIMIT 1");
    }
    std::string states() {
        const auto body = [&](sql::Reader& reader) {
            std::string all;
            for (const Payment& payment : store::of_reference(reader, "shop", kRef)) {
                all += (all.empty() ? "" : " ") + std::string{to_string(payment.state)};
                if (payment.late) all += "+late";
                if (payment.duplicate) all += "+duplicate";
                if (payment.suspect) all += "+suspect";
                if (payment.refund_due) all += "+refund_due";
            }
            return all;
        };
        return database().read_blocking(body);
    }
    // The topics told so far, in order.
    std::string told() {
        static constexpr sql::Statement all{
            "test.told",
            "SELECT topic FROM outbox ORDER BY id",
            "SELECT topic FROM outbox ORDER BY id"};
        const auto body = [&](sql::Reader& reader) {
            std::string topics;
            reader.query(all, {}, [&](const sql::Row& row) {
                topics += (topics.empty() ? "" : " ") + row.string(0);
            });
            return topics;
        };
        return database().read_blocking(body);
    }
    std::string verdict() {
        return text("SELECT verdict FROM payment_notifications ORDER BY id DESC LIMIT 1");
    }
    void fail_all(FakeProvider& provider, Fault fault) {
        provider.fault = [fault](std::string_view) { return fault; };
    }
    void heal(FakeProvider& provider) { fail_all(provider, Fault::none); }

    const PaymentProvider::Headers signed_ = FakeProvider::signed_headers();
    test::ManualClock clock_;
    test::SeededRandom random_{1};
    events::Outbox outbox_{clock_};
    FakeProvider wechat_{"wechat_pay", clock_};
    FakeProvider alipay_{"alipay", clock_};
    Time expires_at_ = clock_.now() + minutes{30};
    std::optional<PaymentService> service_;
    std::optional<PaymentWorker> worker_;
};

}  // namespace doorbuster::payments
