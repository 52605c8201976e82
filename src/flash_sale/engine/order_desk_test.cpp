#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <boost/asio/detached.hpp>
#include <thread>

#include "orders/errors.hpp"
#include "shipping/errors.hpp"
#include "support/flash_world.hpp"
#include "support/forwarding_gate.hpp"

namespace doorbuster::flash_sale {
namespace {

class Desk : public test::FlashWorld {
protected:
    void expect_refused(const Result<PlacedOrder>& outcome, const ErrorKind& kind) {
        ASSERT_TRUE(outcome.has_error());
        EXPECT_TRUE(outcome.error().is(kind)) << outcome.error().kind().name;
    }
};
DOORBUSTER_ON_BOTH_ENGINES(Desk);

TEST_P(Desk, places_an_ordinary_order_with_the_units_of_the_promotion) {
    const auto item = open_sale({.units = 3});
    const auto placed = buy(item, buyer_, address_);
    ASSERT_TRUE(placed.has_value());
    EXPECT_FALSE(placed->replayed);
    const auto found = detail(placed->number);
    EXPECT_EQ(found.order.status, orders::Status::pending_payment);
    EXPECT_EQ(found.order.items_total, Money::fen(100));
    EXPECT_EQ(found.order.total, placed->total);
    EXPECT_EQ(found.order.expires_at, clock_.now() + kUnpaidTtl);
    ASSERT_EQ(found.items.size(), 1u);
    EXPECT_EQ(found.items[0].promotion, item);
    EXPECT_EQ(found.items[0].promotion_name, "Sale");
    EXPECT_EQ(story(placed->number), "placed");
    EXPECT_EQ(topics(placed->number), "order.placed");
    expect_stock(item, 2, 1, 0);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(gate_.counts(item).leases, 0) << "a sale ends the lease";
    expect_clean();
}

TEST_P(Desk, sells_what_there_is_and_no_more) {
    const auto item = open_sale({.units = 2});
    for (int i = 0; i < 2; ++i) {
        const Buyer each = add_buyer();
        EXPECT_TRUE(buy(item, each.user, each.address).has_value());
    }
    EXPECT_TRUE(gate_.sold_out(item));
    const Buyer late = add_buyer();
    Wish without_lease = flash_wish(item, late.user, late.address);
    expect_refused(order_flash(without_lease), kTokenUsed);
    expect_stock(item, 0, 2, 0);
    expect_clean();
}

TEST_P(Desk, the_database_refuses_what_a_wrong_gate_lets_in) {
    const auto item = open_sale({.units = 1});
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    // The gate has forgotten everything.
    StockView wrong = stock_of(item);
    wrong.available = 5;
    wrong.version += 1000;
    gate_.load(item, {.per_user_max = 9, .door_factor = 5}, wrong, {});
    const Buyer late = add_buyer();
    expect_refused(order_flash(with_lease(item, late.user, late.address)), kSoldOut);
    expect_refused(order_flash(with_lease(item, buyer_, address_)), kLimitReached);
    EXPECT_EQ(stock_of(item).reserved, 1);
    expect_clean();
}

TEST_P(Desk, answers_a_retry_with_the_first_answer_even_when_all_is_sold) {
    const auto item = open_sale({.units = 1});
    const Wish wanted = with_lease(item, buyer_, address_);
    const auto first = order_flash(wanted);
    ASSERT_TRUE(first.has_value());
    const auto again = order_flash(wanted);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->number, first->number);
    EXPECT_EQ(again->total, first->total);
    EXPECT_EQ(again->expires_at, first->expires_at);
    EXPECT_TRUE(again->replayed);

    Wish other_body = wanted;
    other_body.key.fingerprint[0] = std::byte{1};
    expect_refused(order_flash(other_body), kIdempotencyMismatch);

    // After the order has given its units back, and after a restart of what is in memory, too.
    static_cast<void>(cancel(first->number));
    EXPECT_EQ(order_flash(wanted)->number, first->number);
    SaleBoard fresh_board;
    memory::MemoryGate fresh_gate{clock_};
    SeenKeys fresh_seen;
    SaleLoader loader{database(), fresh_board, fresh_gate, fresh_seen, clock_, 5};
    loader.reload_blocking();
    EXPECT_TRUE(fresh_seen.maybe(item, wanted.key.key));
    EXPECT_FALSE(fresh_seen.maybe(item, "another"));
    OrderDesk desk{fresh_board, fresh_gate, fresh_seen, committer_, sale_clock_};
    EXPECT_EQ(test::run(desk.place(wanted))->number, first->number);
    expect_clean();
}

TEST_P(Desk, refuses_each_wrong_wish_in_its_own_way_and_moves_nothing) {
    const auto item = open_sale({.units = 5, .per_user_max = 3, .per_order_max = 2});
    struct Row {
        const char* name;
        std::function<void(Wish&)> spoil;
        const ErrorKind& kind;
    };
    const Row rows[] = {
        {"too many", [](Wish& w) { w.units = 3; }, kTooManyAtOnce},
        {"another epoch", [](Wish& w) { w.epoch = 2; }, kTokenExpired},
        {"a nonce of nobody", [](Wish& w) { w.nonce = 99'999; }, kTokenUsed},
        {"another's address",
         [&](Wish& w) { w.address = shop_.add_address(other_); },
         shipping::kAddressNotFound},
        {"no address", [](Wish& w) { w.address = AddressId{}; }, shipping::kAddressNotFound},
        {"no offer", [](Wish& w) { w.offered = true; }, kNoOffer},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        Wish wanted = with_lease(item, buyer_, address_);
        row.spoil(wanted);
        expect_refused(order_flash(wanted), row.kind);
        expect_stock(item, 5, 0, 0);
    }
    clock_.advance(std::chrono::minutes{2});
    gate_.sweep();
    EXPECT_EQ(gate_.counts(item).leases, 0);
    expect_clean();
}

TEST_P(Desk, sells_within_its_window_only) {
    const auto item = open_sale({.units = 5, .starts_in = std::chrono::minutes{10}});
    const Wish early = flash_wish(item, buyer_, address_);
    expect_refused(order_flash(early), kNotOpen);
    // Wall time alone has jumped: nobody gets in early.
    clock_.jump(std::chrono::hours{1});
    expect_refused(order_flash(early), kNotOpen);
    clock_.jump(-std::chrono::hours{1});
    clock_.advance(std::chrono::minutes{10});
    EXPECT_TRUE(buy(item, buyer_, address_).has_value());
    clock_.advance(std::chrono::hours{1});
    expect_refused(order_flash(flash_wish(item, buyer_, address_)), kEnded);
    expect_stock(item, 4, 1, 0);
}

TEST_P(Desk, units_of_a_closed_order_can_be_bought_again) {
    const auto item = open_sale({.units = 1});
    const auto first = buy(item, buyer_, address_);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(gate_.sold_out(item));
    clock_.advance(kUnpaidTtl);
    expire(first->number);
    EXPECT_EQ(status(first->number), "closed");
    EXPECT_FALSE(gate_.sold_out(item));
    expect_stock(item, 1, 0, 0);
    const auto second = buy(item, buyer_, address_);
    ASSERT_TRUE(second.has_value()) << second.error().kind().name;
    succeed(second->number);
    expect_stock(item, 0, 0, 1);
    expect_clean();
}

TEST_P(Desk, an_ordinary_order_never_touches_the_allotment) {
    const auto item = open_sale({.units = 3});
    expect_level(teapot_, 10, 0, 0);
    const auto all = place(wish({{teapot_, 10}}));
    ASSERT_TRUE(all.has_value());
    EXPECT_TRUE(place(wish({{teapot_, 1}})).has_error());
    expect_stock(item, 3, 0, 0);
    expect_clean();
}

TEST_P(Desk, many_buyers_at_once_get_exactly_the_units) {
    constexpr std::int64_t kUnits = 40;
    constexpr int kThreads = 8;
    constexpr int kBuyersEach = 15;
    const auto item = open_sale({.units = kUnits});
    std::vector<Buyer> buyers;
    for (int i = 0; i < kThreads * kBuyersEach; ++i) buyers.push_back(add_buyer());
    std::atomic<int> sold = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kBuyersEach; ++i) {
                const Buyer& each = buyers[static_cast<std::size_t>(t * kBuyersEach + i)];
                (buy(item, each.user, each.address).has_value() ? sold : refused)++;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(sold, kUnits);
    EXPECT_EQ(refused, kThreads * kBuyersEach - kUnits);
    expect_stock(item, 0, kUnits, 0);
    expect_clean();
}

TEST_P(Desk, thousands_of_calls_of_one_user_never_go_beyond_the_limit) {
    constexpr int kThreads = 8;
    constexpr int kCallsEach = 150;
    const auto item = open_sale({.units = 50, .per_user_max = 3, .per_order_max = 2});
    std::atomic<std::int64_t> units = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kCallsEach; ++i) {
                // A lease is one per user: each call voids the others' and uses its own.
                const std::int64_t wanted = 1 + (t + i) % 2;
                const auto placed = order_flash(with_lease(item, buyer_, address_, wanted));
                if (placed.has_value()) units += wanted;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_LE(units, 3);
    EXPECT_GE(units, 2);
    EXPECT_EQ(stock_of(item).reserved, units);
    expect_clean();
}

// The same past a gate that knows no limits: the database holds it alone.
TEST_P(Desk, the_limit_holds_without_the_gate) {
    constexpr int kThreads = 6;
    constexpr int kCallsEach = 50;
    const auto item = open_sale({.units = 50, .per_user_max = 3});
    gate_.load(item, {.per_user_max = 1'000'000, .door_factor = 1000}, stock_of(item), {});
    std::atomic<int> placed = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kCallsEach; ++i) {
                if (order_flash(with_lease(item, buyer_, address_)).has_value()) ++placed;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(placed, 3);
    expect_clean();
}

// All at once, again and again: each is told the one order, and none that its token is used.
TEST_P(Desk, twins_at_once_are_one_order_and_get_one_answer) {
    constexpr int kRounds = 40;
    constexpr int kThreads = 6;
    const auto item = open_sale({.units = kRounds, .per_user_max = kRounds});
    for (int round = 0; round < kRounds; ++round) {
        const Wish wanted = with_lease(item, buyer_, address_);
        std::vector<std::optional<Result<PlacedOrder>>> outcomes(kThreads);
        std::barrier begin{kThreads};
        std::vector<std::thread> threads;
        for (auto& outcome : outcomes) {
            threads.emplace_back([&] {
                begin.arrive_and_wait();
                outcome.emplace(order_flash(wanted));
            });
        }
        for (auto& thread : threads) thread.join();
        int first = 0;
        for (const auto& outcome : outcomes) {
            ASSERT_TRUE((*outcome).has_value()) << (*outcome).error().kind().name;
            EXPECT_EQ((*outcome)->number, (*outcomes.front())->number);
            if (!(*outcome)->replayed) ++first;
        }
        EXPECT_EQ(first, 1);
    }
    EXPECT_EQ(stock_of(item).reserved, kRounds);
    expect_clean();
}

// A gate after whose answer other requests get their turn.
class YieldingGate final : public test::ForwardingGate {
public:
    using ForwardingGate::ForwardingGate;

    std::function<void()> when_taken = [] {};

    Task<Entry> take(PromotionItemId item, UserId user, std::uint64_t nonce, std::int64_t units)
        override {
        const Entry entry = co_await gate_.take(item, user, nonce, units);
        when_taken();
        co_await yield();
        co_return entry;
    }
    Task<Entry> take_offered(PromotionItemId item, UserId user, std::int64_t units) override {
        const Entry entry = co_await gate_.take_offered(item, user, units);
        co_await yield();
        co_return entry;
    }

private:
    // Long enough for any other coroutine of the loop to be refused.
    static Task<void> yield() {
        constexpr boost::asio::use_awaitable_t<Executor> token;
        for (int i = 0; i < 100; ++i) co_await boost::asio::post(token);
    }
};

TEST_P(Desk, a_twin_between_gate_and_commit_waits_for_the_first_answer) {
    const auto item = open_sale({.units = 1});
    YieldingGate gate{gate_};
    OrderDesk desk{board_, gate, seen_, committer_, sale_clock_};
    const Wish wanted = with_lease(item, buyer_, address_);
    gate.when_taken = [&] {
        EXPECT_TRUE(gate_.sold_out(item));
        EXPECT_TRUE(seen_.maybe(item, wanted.key.key)) << "or a twin is refused early: sold out";
    };
    std::vector<Result<PlacedOrder>> answers;
    const test::ThreadLoop own;
    boost::asio::io_context& loop = own.get();
    const auto order = [&]() -> Task<void> {
        auto answer = co_await desk.place(wanted);
        answers.push_back(std::move(answer));
    };
    for (int i = 0; i < 3; ++i) boost::asio::co_spawn(loop, order(), boost::asio::detached);
    loop.run();
    ASSERT_EQ(answers.size(), 3u);
    for (const auto& answer : answers) {
        ASSERT_TRUE(answer.has_value()) << answer.error().kind().name;
        EXPECT_EQ(answer->number, answers.front()->number);
        EXPECT_EQ(answer->replayed, &answer != &answers.front());
    }
    expect_clean();
}

// What the first is refused with, the others are too.
TEST_P(Desk, twins_of_a_refused_request_are_refused_alike) {
    const auto item = open_sale({.units = 1});
    YieldingGate gate{gate_};
    OrderDesk desk{board_, gate, seen_, committer_, sale_clock_};
    Wish wanted = with_lease(item, buyer_, address_);
    wanted.address = AddressId{};
    std::vector<Result<PlacedOrder>> answers;
    const test::ThreadLoop own;
    boost::asio::io_context& loop = own.get();
    const auto order = [&]() -> Task<void> {
        auto answer = co_await desk.place(wanted);
        answers.push_back(std::move(answer));
    };
    for (int i = 0; i < 2; ++i) boost::asio::co_spawn(loop, order(), boost::asio::detached);
    loop.run();
    ASSERT_EQ(answers.size(), 2u);
    for (const auto& answer : answers) expect_refused(answer, shipping::kAddressNotFound);
    expect_stock(item, 1, 0, 0);
}

}  // namespace
}  // namespace doorbuster::flash_sale
