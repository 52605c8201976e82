#include "app/money_jobs.hpp"

#include <gtest/gtest.h>

#include "support/refund_world.hpp"

namespace doorbuster::app {
namespace {

using namespace std::chrono_literals;

// The jobs look once a day here: what happens sooner happens because they were woken.
class MoneyJobsWoken : public test::RefundWorld {
protected:
    void SetUp() override {
        RefundWorld::SetUp();
        if (IsSkipped()) return;
        payment_ = paid();
        MoneyJobs{*payments_, *payment_worker_, *refunds_, *refund_worker_}.add_to(scheduler_, 24h);
        scheduler_.start();
        until_all_sleep();
    }
    void TearDown() override {
        if (IsSkipped()) return;
        scheduler_.stop();
        loop_.run_for(30s);
        scheduler_.wait();
    }
    void until_all_sleep() {
        while (loop_.run_one_for(200ms) > 0) {
        }
    }
    // Runs until the provider has been asked, or for long enough to say that it never is.
    bool is_asked(const std::string& call) {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (wechat_.calls[call] == 0 && std::chrono::steady_clock::now() < end) {
            loop_.run_one_for(100ms);
        }
        return wechat_.calls[call] > 0;
    }

    PaymentId payment_;
    boost::asio::io_context loop_{1};
    runtime::Scheduler scheduler_{loop_.get_executor()};
};
DOORBUSTER_ON_BOTH_ENGINES(MoneyJobsWoken);

TEST_P(MoneyJobsWoken, ask_for_a_refund_as_soon_as_it_is_stored) {
    ASSERT_EQ(wechat_.calls["refund"], 0);
    refund(payment_, 300).value();
    EXPECT_TRUE(is_asked("refund"));
}

TEST_P(MoneyJobsWoken, close_a_payment_as_soon_as_its_order_is_given_up) {
    begin(wechat_, "given up");
    ASSERT_EQ(wechat_.calls["close"], 0);
    write([&](sql::Transaction& tx) { payments_->close(tx, "given up"); });
    EXPECT_TRUE(is_asked("close"));
}

}  // namespace
}  // namespace doorbuster::app
