#include <gtest/gtest.h>

#include <thread>

#include "catalog/model/errors.hpp"
#include "flash_sale/staff/promotion_jobs.hpp"
#include "flash_sale/staff/promotion_service.hpp"
#include "inventory/errors.hpp"
#include "support/promotion_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class RunningPromotions : public test::PromotionWorld {};
DOORBUSTER_ON_BOTH_ENGINES(RunningPromotions);

TEST_P(RunningPromotions, sell_nothing_while_paused) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    const auto item = sale.items[0].id;
    EXPECT_TRUE(pause(sale.id)->paused);
    EXPECT_FALSE(stock_of(item).open);
    EXPECT_TRUE(buy(item, buyer_, address_).error().is(kPaused));
    EXPECT_TRUE(pause(sale.id).has_value());
    EXPECT_FALSE(resume(sale.id)->paused);
    EXPECT_TRUE(resume(sale.id).has_value());
    EXPECT_TRUE(buy(item, buyer_, address_).has_value());
    EXPECT_EQ(deeds(), "promotion.created,promotion.published,promotion.paused,promotion.resumed");
    expect_clean();
}

TEST_P(RunningPromotions, offer_what_came_back_in_a_pause_when_they_go_on) {
    const auto sale = published(draft({terms(teapot_, 1)}));
    const auto item = sale.items[0].id;
    const auto placed = buy(item, buyer_, address_).value();
    join(item, other_);
    ASSERT_TRUE(pause(sale.id).has_value());
    expire_order(placed.number);
    EXPECT_EQ(stock_of(item).offered, 0);
    expect_clean();
    ASSERT_TRUE(resume(sale.id).has_value());
    EXPECT_EQ(stock_of(item).offered, 1);
    EXPECT_EQ(stock_of(item).free(), 0);
    expect_clean();
}

TEST_P(RunningPromotions, that_are_not_on_cannot_be_paused_or_moved) {
    const auto made = create(draft({terms(teapot_, 4)})).value();
    const Time later = made.window.ends_at + hours{1};
    EXPECT_TRUE(pause(made.id).error().is(kNotPublished));
    EXPECT_TRUE(resume(made.id).error().is(kNotPublished));
    EXPECT_TRUE(end(made.id).error().is(kNotPublished));
    EXPECT_TRUE(move_end(made.id, later).error().is(kNotPublished));
    EXPECT_TRUE(add_units(made.id, made.items[0].id, 1).error().is(kNotPublished));
    EXPECT_TRUE(pause(PromotionId{999}).error().is(kPromotionNotFound));

    const auto sale = publish(made.id).value();
    clock_.advance(hours{2});  // over by the clock, and nobody has noticed yet
    EXPECT_TRUE(pause(made.id).error().is(kPromotionEnded));
    EXPECT_TRUE(move_end(made.id, clock_.now() + hours{1}).error().is(kPromotionEnded));
    EXPECT_TRUE(add_units(made.id, sale.items[0].id, 1).error().is(kPromotionEnded));
    EXPECT_TRUE(end(made.id).has_value());
    EXPECT_TRUE(publish(made.id).error().is(kPromotionEnded));
    EXPECT_TRUE(pause(made.id).error().is(kPromotionEnded));
}

TEST_P(RunningPromotions, can_end_later_or_sooner_and_void_the_tokens_given_out) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    const auto item = sale.items[0].id;
    auto wish = with_lease(item, buyer_, address_);
    const auto moved = move_end(sale.id, sale.window.ends_at + hours{1});
    ASSERT_TRUE(moved.has_value());
    EXPECT_EQ(moved->epoch, 2);
    EXPECT_EQ(stock_of(item).closes_at, sale.window.ends_at + hours{1});
    EXPECT_EQ(stock_of(item).epoch, 2);
    EXPECT_TRUE(order_flash(wish).error().is(kTokenExpired));
    EXPECT_TRUE(move_end(sale.id, clock_.now() + minutes{1}).has_value());
    EXPECT_EQ(find(sale.id).epoch, 3);
    EXPECT_EQ(move_end(sale.id, clock_.now() + minutes{1})->epoch, 3);  // it ends then already
    EXPECT_TRUE(move_end(sale.id, clock_.now()).error().is(kWindowOver));
    EXPECT_TRUE(move_end(sale.id, clock_.now() - hours{9}).error().is(kWindowOver));
    expect_clean();
}

TEST_P(RunningPromotions, cannot_end_before_they_begin_or_in_the_way_of_another) {
    Draft first = draft({terms(teapot_, 2)});
    first.window = {clock_.now() + hours{1}, clock_.now() + hours{2}};
    Draft second = first;
    second.window = {clock_.now() + hours{3}, clock_.now() + hours{4}};
    const auto early = published(first);
    ASSERT_TRUE(publish(create(second).value().id).has_value());
    EXPECT_TRUE(move_end(early.id, first.window.starts_at).error().is(kWindowOver));
    EXPECT_TRUE(move_end(early.id, second.window.starts_at).has_value());
    const Time over = second.window.starts_at + Milliseconds{1};
    EXPECT_TRUE(move_end(early.id, over).error().is(kOverlaps));
    EXPECT_EQ(find(early.id).window.ends_at, second.window.starts_at);
}

TEST_P(RunningPromotions, get_more_units_and_those_who_wait_get_them_first) {
    const auto sale = published(draft({terms(teapot_, 1)}));
    const auto item = sale.items[0].id;
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    join(item, other_);
    const auto view = add_units(sale.id, item, 3);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->available, 3);
    EXPECT_EQ(view->offered, 1);
    expect_stock(item, 3, 1, 0);
    expect_level(teapot_, 6, 0, 0);
    EXPECT_EQ(
        text("SELECT detail FROM audit_log ORDER BY id DESC LIMIT 1"),
        "3 units for item " + item.to_string()
    );
    expect_clean();
}

TEST_P(RunningPromotions, get_no_units_that_are_not_there) {
    const auto sale = published(draft({terms(teapot_, 1)}));
    const auto other = published(draft({terms(cup_, 1)}));
    const auto item = sale.items[0].id;
    EXPECT_TRUE(add_units(sale.id, item, 10).error().is(inventory::kOutOfStock));
    EXPECT_TRUE(add_units(sale.id, item, 0).error().is(kTooManyUnits));
    EXPECT_TRUE(add_units(sale.id, item, -1).error().is(kTooManyUnits));
    EXPECT_TRUE(add_units(sale.id, item, ItemTerms::kAllotmentMax).error().is(kTooManyUnits));
    EXPECT_TRUE(add_units(sale.id, other.items[0].id, 1).error().is(kItemNotFound));
    expect_stock(item, 1, 0, 0);
    expect_level(teapot_, 9, 0, 0);
}

TEST_P(RunningPromotions, give_what_is_left_back_when_they_end) {
    const auto sale = published(draft({terms(teapot_, 4), terms(cup_, 7)}));
    const auto item = sale.items[0].id;
    const auto paid = buy(item, buyer_, address_).value();
    const auto unpaid = buy(item, other_, shop_.add_address(other_)).value();
    succeed(paid.number);
    const auto ended = end(sale.id);
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(ended->state, PromotionState::ended);
    expect_level(teapot_, 8, 0, 0);
    expect_level(cup_, 50, 0, 0);
    const auto view = stock_of(item);
    EXPECT_EQ(view.available, 0);
    EXPECT_EQ(view.reserved, 1);
    EXPECT_EQ(view.sold, 1);
    EXPECT_FALSE(view.open);
    EXPECT_EQ(end(sale.id)->version, ended->version);

    // What comes back later becomes ordinary stock too.
    expire_order(unpaid.number);
    expect_level(teapot_, 9, 0, 0);
    EXPECT_EQ(stock_of(item).granted(), 1);
    EXPECT_EQ(deeds(), "promotion.created,promotion.published,promotion.ended");
    expect_clean();
}

TEST_P(RunningPromotions, let_nobody_wait_after_their_end) {
    const auto sale = published(draft({terms(teapot_, 1)}));
    const auto item = sale.items[0].id;
    const auto placed = buy(item, buyer_, address_).value();
    join(item, other_);
    expire_order(placed.number);
    ASSERT_EQ(stock_of(item).offered, 1);
    ASSERT_TRUE(end(sale.id).has_value());
    EXPECT_EQ(stock_of(item).offered, 0);
    EXPECT_EQ(text("SELECT state FROM promotion_waitlist"), "closed");
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(RunningPromotions, end_by_the_clock) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    Draft longer = draft({terms(cup_, 4)});
    longer.window.ends_at += hours{1};
    const auto other = published(longer);
    PromotionJobs jobs{database(), promotions_, loader_, sale_clock_};
    clock_.advance(hours{1} - Milliseconds{1});
    EXPECT_FALSE(test::run(jobs.end_due()));
    EXPECT_EQ(find(sale.id).state, PromotionState::published);
    clock_.advance(Milliseconds{1});
    EXPECT_FALSE(test::run(jobs.end_due()));
    EXPECT_EQ(find(sale.id).state, PromotionState::ended);
    EXPECT_EQ(find(other.id).state, PromotionState::published);
    EXPECT_TRUE(board_.find(sale.items[0].id)->ended);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log WHERE actor IS NULL"), 1);
    expect_clean();
}

TEST_P(RunningPromotions, end_by_the_clock_a_bounded_number_at_a_time) {
    for (std::int64_t i = 0; i <= PromotionJobs::kBatchMax; ++i) {
        Draft one = draft({terms(cup_, 1)});
        one.window = {clock_.now() + minutes{i}, clock_.now() + minutes{i + 1}};
        published(one);
    }
    clock_.advance(hours{2});
    PromotionJobs jobs{database(), promotions_, loader_, sale_clock_};
    EXPECT_TRUE(test::run(jobs.end_due()));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions WHERE state = 'published'"), 1);
    EXPECT_FALSE(test::run(jobs.end_due()));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions WHERE state = 'published'"), 0);
    expect_level(cup_, 50, 0, 0);
}

// ---- the kill switch

TEST_P(RunningPromotions, are_all_closed_by_the_kill_switch) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    const auto paused = published(draft({terms(cup_, 4)}));
    ASSERT_TRUE(pause(paused.id).has_value());
    set_stopped(true);
    set_stopped(true);
    EXPECT_FALSE(stock_of(sale.items[0].id).open);
    EXPECT_TRUE(board_.stopped());
    EXPECT_TRUE(buy(sale.items[0].id, buyer_, address_).error().is(kStopped));

    // Neither going on nor publishing opens anything now.
    ASSERT_TRUE(resume(paused.id).has_value());
    EXPECT_FALSE(stock_of(paused.items[0].id).open);
    ASSERT_TRUE(pause(paused.id).has_value());
    const SkuId kettle = shop_.add_stocked_sku(Money::fen(900), 5, "Kettle");
    const auto late = published(draft({terms(kettle, 2)}));
    EXPECT_FALSE(stock_of(late.items[0].id).open);
    expect_clean();

    set_stopped(false);
    EXPECT_TRUE(stock_of(sale.items[0].id).open);
    EXPECT_TRUE(stock_of(late.items[0].id).open);
    EXPECT_FALSE(stock_of(paused.items[0].id).open);
    EXPECT_TRUE(buy(sale.items[0].id, buyer_, address_).has_value());
    EXPECT_EQ(integer("SELECT COUNT(*) FROM audit_log WHERE subject = 'flash_sales'"), 2);
    expect_clean();
}

// ---- while buyers buy

TEST_P(RunningPromotions, leave_ordinary_orders_only_what_is_not_set_apart) {
    const auto sale = published(draft({terms(teapot_, 8)}));
    EXPECT_TRUE(place(wish({{teapot_, 3}})).error().is(inventory::kOutOfStock));
    EXPECT_EQ(order(placed({{teapot_, 2}})).items_total, Money::fen(5000));
    EXPECT_TRUE(place(wish({{teapot_, 1}})).error().is(inventory::kOutOfStock));
    expect_stock(sale.items[0].id, 8, 0, 0);
    expect_clean();
}

// Ten teapots; orders for one each and a promotion that wants eight of them, all at once.
TEST_P(RunningPromotions, and_ordinary_orders_share_the_stock_exactly) {
    const auto made = create(draft({terms(teapot_, 8)})).value();
    std::atomic<int> bought = 0;
    std::atomic<bool> on = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            if (place(wish({{teapot_, 1}})).has_value()) ++bought;
        });
    }
    threads.emplace_back([&] {
        const auto work = [&](sql::Transaction& tx) {
            return promotions_.publish(tx, staff_, made.id);
        };
        on = database().write_blocking(work).has_value();
    });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(level(teapot_).available, 10 - bought - (on ? 8 : 0));
    EXPECT_EQ(bought, on ? 2 : 6);
    expect_clean();
}

// Every action of staff at once, in the middle of a sale: nothing is oversold, lost or leaked.
TEST_P(RunningPromotions, can_be_changed_while_buyers_buy) {
    const auto sale = published(draft({terms(cup_, 20), terms(teapot_, 2)}));
    const PromotionItemId item = sale.items[0].id;
    std::vector<Buyer> buyers;
    for (int i = 0; i < 40; ++i) buyers.push_back(add_buyer());

    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&] {
            for (std::size_t i = next++; i < buyers.size(); i = next++) {
                static_cast<void>(buy(item, buyers[i].user, buyers[i].address));
            }
        });
    }
    threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) {
            static_cast<void>(pause(sale.id));
            static_cast<void>(add_units(sale.id, item, 1));
            static_cast<void>(resume(sale.id));
            set_stopped(i % 2 == 0);
            set_stopped(false);
        }
        static_cast<void>(end(sale.id));
    });
    for (std::thread& thread : threads) thread.join();

    const StockView view = stock_of(item);
    EXPECT_EQ(view.available, 0);
    EXPECT_EQ(view.reserved, integer("SELECT COUNT(*) FROM orders"));
    EXPECT_LE(view.reserved, 25);
    EXPECT_EQ(level(cup_).available, 50 - view.reserved);
    EXPECT_EQ(gate_.counts(item).under_way, 0);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::flash_sale
