#include "payments/success_queue.hpp"

#include <boost/asio/detached.hpp>
#include <future>

#include "support/gated_database.hpp"
#include "support/payment_world.hpp"

// Notifications of many payments that come at the same time.
namespace doorbuster::payments {
namespace {

class PaymentsToldTogether : public PaymentWorld {
protected:
    void SetUp() override {
        PaymentWorld::SetUp();
        if (!IsSkipped()) open_office();
    }
    void open_office() {
        office_.emplace(
            gate_, clock_, random_, outbox_, std::vector<PaymentProvider*>{&wechat_, &alipay_}
        );
    }

    // The trade number of a payment that waits to be paid, and is paid at the provider.
    std::string paid_there(const std::string& reference) {
        EXPECT_TRUE(pay("wechat_pay", reference).has_value());
        const std::string number = last_trade();
        EXPECT_TRUE(wechat_.pay(number));
        return number;
    }
    std::vector<std::string> bodies_of_paid(int count) {
        std::vector<std::string> bodies;
        for (int i = 0; i < count; ++i) {
            bodies.push_back(wechat_.notification(paid_there(std::to_string(6001 + i))));
        }
        return bodies;
    }

    // From now on the notification waits for an answer.
    void post(const std::string& body) {
        const auto wait = [](PaymentsToldTogether& world, std::string told) -> Task<void> {
            const std::size_t place = world.statuses_.size();
            world.statuses_.push_back(0);
            const auto reply = co_await world.office_->notified(world.wechat_, world.signed_, told);
            world.statuses_[place] = reply.status;
        };
        boost::asio::co_spawn(loop_, wait(*this, body), boost::asio::detached);
        loop_.restart();
        loop_.poll();
    }
    // They wait for the same batch.
    void post_together(const std::vector<std::string>& bodies) {
        gate_.close();
        for (const std::string& body : bodies) post(body);
    }
    std::vector<int> answers() {
        loop_.restart();
        loop_.run();
        return std::exchange(statuses_, {});
    }
    std::int64_t told_of(std::string_view topic) {
        return integer("SELECT count(*) FROM outbox WHERE topic = $1", {topic});
    }
    std::int64_t paid() { return integer("SELECT count(*) FROM payments WHERE state = 'paid'"); }

    // Transactions that a service may have under way.
    int batches() const { return database().shared() ? 2 : 1; }
    static std::vector<int> each(std::size_t count, int status) {
        return std::vector<int>(count, status);
    }

    test::ThreadLoop own_loop_;
    boost::asio::io_context& loop_ = own_loop_.get();
    test::GatedDatabase gate_{database()};
    std::optional<PaymentService> office_;
    std::vector<int> statuses_;
};
DOORBUSTER_ON_BOTH_ENGINES(PaymentsToldTogether);

TEST_P(PaymentsToldTogether, are_paid_in_one_transaction) {
    const auto bodies = bodies_of_paid(20);
    post_together(bodies);
    gate_.open();
    EXPECT_EQ(answers(), each(20, 204));
    EXPECT_LE(gate_.writes(), batches()) << "the first takes all that wait";
    EXPECT_EQ(paid(), 20);
    EXPECT_EQ(told_of(kPaymentSucceeded), 20);
    EXPECT_EQ(integer("SELECT count(*) FROM book_entries"), 40);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications WHERE verdict = 'paid'"), 20);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_references WHERE answered = 'succeeded'"), 20);
}

TEST_P(PaymentsToldTogether, are_judged_alone_where_one_is_not_plain) {
    auto bodies = bodies_of_paid(3);
    ProviderTrade cheap = wechat_.trade(paid_there("6101"));
    cheap.amount = Money::fen(1);
    bodies.push_back(wechat_.notification(cheap));
    ProviderTrade stranger = cheap;
    stranger.out_trade_no = "NOT_OURS_1";
    bodies.push_back(wechat_.notification(stranger));
    post_together(bodies);
    gate_.open();
    EXPECT_EQ(answers(), (std::vector<int>{204, 204, 204, 503, 503}));
    EXPECT_EQ(paid(), 3);
    EXPECT_EQ(told_of(kPaymentSucceeded), 3);
    EXPECT_EQ(integer("SELECT count(*) FROM payments WHERE suspect = 1"), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications WHERE verdict = 'suspect'"), 1);
    EXPECT_EQ(
        integer("SELECT count(*) FROM payment_notifications WHERE verdict = 'unknown_order'"), 1
    );
}

TEST_P(PaymentsToldTogether, are_acted_on_once_when_told_twice_at_once_and_later) {
    const std::string number = paid_there("6001");
    const std::string same = wechat_.notification(number);
    const std::string other_id = wechat_.notification(number);
    post_together({same, same, other_id, same});
    gate_.open();
    EXPECT_EQ(answers(), each(4, 204));
    post_together({other_id, same});
    gate_.open();
    EXPECT_EQ(answers(), each(2, 204));
    EXPECT_EQ(told_of(kPaymentSucceeded), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM book_entries"), 2);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications"), 2);
    EXPECT_EQ(text("SELECT verdict FROM payment_notifications ORDER BY id LIMIT 1"), "paid");
}

TEST_P(PaymentsToldTogether, are_taken_one_by_one_when_their_batch_fails) {
    const auto bodies = bodies_of_paid(4);
    // One of them cannot be booked.
    execute(
        "INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, "
        "amount, currency, at) SELECT 'sale', 'payment ' || CAST(id AS TEXT), id, provider, "
        "merchant, 'receivable', 'sales', amount, 'CNY', 1 FROM payments WHERE reference = '6002'"
    );
    post_together(bodies);
    gate_.open();
    EXPECT_EQ(answers(), (std::vector<int>{204, 503, 204, 204}));
    EXPECT_EQ(paid(), 3);
    EXPECT_EQ(told_of(kPaymentSucceeded), 3);
    EXPECT_EQ(text("SELECT state FROM payments WHERE reference = '6002'"), "pending");
}

TEST_P(PaymentsToldTogether, find_out_what_was_committed_when_the_answer_is_lost) {
    const auto bodies = bodies_of_paid(3);
    post_together(bodies);
    gate_.lose_answers();
    EXPECT_EQ(answers(), each(3, 204));
    EXPECT_EQ(told_of(kPaymentSucceeded), 3);
    EXPECT_EQ(integer("SELECT count(*) FROM book_entries"), 6);
    EXPECT_EQ(integer("SELECT count(*) FROM payment_notifications WHERE verdict = 'paid'"), 3);
}

TEST_P(PaymentsToldTogether, are_to_be_told_again_when_the_database_has_no_time) {
    const auto bodies = bodies_of_paid(3);
    post_together(bodies);
    gate_.refuse(std::make_exception_ptr(sql::Unavailable{"for the test"}));
    EXPECT_EQ(answers(), each(3, 503));
    EXPECT_EQ(gate_.writes(), batches())
        << "to try each alone would keep a database busy that is down";
    EXPECT_EQ(paid(), 0);
    post_together(bodies);
    gate_.open();
    EXPECT_EQ(answers(), each(3, 204));
}

TEST_P(PaymentsToldTogether, are_to_be_told_again_when_they_have_waited_too_long) {
    const auto bodies = bodies_of_paid(2);
    post_together({bodies[0]});
    clock_.advance(seconds{4});
    post(bodies[1]);
    gate_.open();
    EXPECT_EQ(answers(), (std::vector<int>{503, 204}));
    EXPECT_EQ(paid(), 1);
}

TEST_P(PaymentsToldTogether, are_answered_once_while_their_references_are_given_up) {
    const auto bodies = bodies_of_paid(12);
    post_together(bodies);
    const auto give_all_up = std::async(std::launch::async, [&] {
        for (int i = 11; i >= 0; --i) give_up(std::to_string(6001 + i));
    });
    gate_.open();
    EXPECT_EQ(answers(), each(12, 204));
    give_all_up.wait();
    EXPECT_EQ(paid(), 12);
    EXPECT_EQ(told_of(kPaymentSucceeded), 12);
    EXPECT_EQ(told_of(kPaymentClosed), 0);
}

TEST_P(PaymentsToldTogether, are_paid_once_while_queries_find_the_same) {
    const auto bodies = bodies_of_paid(12);
    post_together(bodies);
    const auto ask_all = std::async(std::launch::async, [&] {
        for (std::int64_t id = 12; id >= 1; --id) test::run(service_->ask(PaymentId{id}));
    });
    gate_.open();
    EXPECT_EQ(answers(), each(12, 204));
    ask_all.wait();
    EXPECT_EQ(paid(), 12);
    EXPECT_EQ(told_of(kPaymentSucceeded), 12);
    EXPECT_EQ(integer("SELECT count(*) FROM book_entries"), 24);
    EXPECT_EQ(integer("SELECT count(*) FROM payments WHERE suspect = 1"), 0);
}

// The queue by itself, with bounds of its own.
class Queue : public PaymentsToldTogether {
protected:
    void open_queue(SuccessQueue::Options options) {
        queue_.emplace(gate_, successes_, wechat_, clock_, options);
    }
    void ask(const std::string& body) {
        const auto wait = [](Queue& world, std::string told) -> Task<void> {
            std::string reason;
            const auto notification =
                world.wechat_.verify_notification(world.signed_, told, world.clock_.now(), reason);
            const Notice notice{*notification, world.clock_.now(), "{}", told};
            const auto outcome = co_await world.queue_->take_in(notice);
            world.outcomes_.push_back(outcome);
        };
        boost::asio::co_spawn(loop_, wait(*this, body), boost::asio::detached);
        loop_.restart();
        loop_.poll();
    }

    using Outcome = SuccessQueue::Outcome;
    Successes successes_{clock_, outbox_};
    std::optional<SuccessQueue> queue_;
    std::vector<Outcome> outcomes_;
};
DOORBUSTER_ON_BOTH_ENGINES(Queue);

TEST_P(Queue, refuses_one_more_than_it_has_room_for) {
    const auto bodies = bodies_of_paid(3);
    open_queue({.queue_max = 2});
    gate_.close();
    for (const std::string& body : bodies) ask(body);
    EXPECT_EQ(outcomes_, std::vector<Outcome>{Outcome::refused});
    gate_.open();
    answers();
    EXPECT_EQ(outcomes_, (std::vector<Outcome>{Outcome::refused, Outcome::done, Outcome::done}));
    EXPECT_EQ(paid(), 2);
}

TEST_P(Queue, takes_no_more_at_once_than_a_batch_may_have) {
    const auto bodies = bodies_of_paid(5);
    open_queue({.batch_max = 2});
    gate_.close();
    for (const std::string& body : bodies) ask(body);
    gate_.open();
    answers();
    EXPECT_EQ(outcomes_, std::vector<Outcome>(5, Outcome::done));
    EXPECT_EQ(gate_.writes(), 3);
}

TEST_P(Queue, has_as_many_batches_under_way_as_it_may) {
    const auto bodies = bodies_of_paid(6);
    open_queue({.batch_max = 2, .batches_max = 2});
    gate_.close();
    for (const std::string& body : bodies) ask(body);
    EXPECT_EQ(gate_.writes(), 2);
    gate_.open();
    answers();
    EXPECT_EQ(outcomes_, std::vector<Outcome>(6, Outcome::done));
    EXPECT_EQ(paid(), 6);
}

TEST_P(Queue, deals_with_all_that_waits_before_it_is_gone) {
    const auto bodies = bodies_of_paid(5);
    open_queue({.batch_max = 2});
    gate_.close();
    for (const std::string& body : bodies) ask(body);
    std::promise<void> begun;
    const auto going = std::async(std::launch::async, [&] {
        begun.set_value();
        queue_.reset();
    });
    begun.get_future().wait();
    gate_.open();
    going.wait();
    EXPECT_EQ(paid(), 5);
    answers();
    EXPECT_EQ(outcomes_, std::vector<Outcome>(5, Outcome::done));
}

}  // namespace
}  // namespace doorbuster::payments
