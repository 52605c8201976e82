#include "flash_sale/waitlist/waitlist.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>

#include "adapters/memory/memory_gate.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "support/manual_clock.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"

namespace doorbuster::flash_sale {
namespace {

constexpr Milliseconds kOfferFor = std::chrono::minutes{2};

class WaitingLine : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        item_ = add_item();
        for (int i = 0; i < 6; ++i) users_.push_back(shop_.add_user("user" + std::to_string(i)));
    }

    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }
    template <class Work>
    auto read(Work work) {
        return database().read_blocking(std::move(work));
    }
    PromotionItemId add_item() {
        const SkuId sku = shop_.add_sku(Money::fen(100));
        const Time now = clock_.now();
        execute(
            "INSERT INTO promotions (name, state, starts_at, ends_at, created_at, published_at) "
            "VALUES ('Sale', 'published', 0, $1, 0, 0)",
            {now + std::chrono::hours{1}}
        );
        execute(
            "INSERT INTO promotion_items (promotion_id, sku_id, product_id, price, allotment, "
            "per_user_max, per_order_max) SELECT MAX(p.id), $1, (SELECT product_id FROM skus "
            "WHERE id = $1), 1, 10, 5, 1 FROM promotions p",
            {sku}
        );
        const PromotionItemId item{integer("SELECT MAX(id) FROM promotion_items")};
        open(item, true);
        gate_.load(item, {}, view(item), {});
        return item;
    }
    void open(PromotionItemId item, bool is_open) {
        const Window window{clock_.now(), clock_.now() + std::chrono::hours{1}};
        write([&](sql::Transaction& tx) { stock::put(tx, item, {is_open, 1, window}); });
    }
    // As a release of units does it.
    void free_units(std::int64_t units) {
        write([&](sql::Transaction& tx) {
            const StockView added = stock::add(tx, item_, units);
            tell_gate(tx, gate_, item_, line_.offer_free(tx, item_, added));
        });
    }

    Result<Waitlist::Joined> join(std::size_t user) {
        return write([&](sql::Transaction& tx) { return line_.join(tx, item_, users_[user]); });
    }
    Result<void> leave(std::size_t user) {
        return write([&](sql::Transaction& tx) { return line_.leave(tx, item_, users_[user]); });
    }
    Result<Waitlist::Entry> find(std::size_t user) {
        return read([&](sql::Reader& reader) { return line_.find(reader, item_, users_[user]); });
    }
    bool has_offer(std::size_t user) {
        return read([&](sql::Reader& reader) {
            return line_.open_offer(reader, item_, users_[user]).has_value();
        });
    }
    bool pass_due(std::int64_t limit = 100) {
        return write([&](sql::Transaction& tx) { return line_.pass_due(tx, limit); });
    }
    StockView view(PromotionItemId item) {
        return read([&](sql::Reader& reader) { return *stock::find(reader, item); });
    }
    // What must hold after every step: the counter is the rows, and the gate knows it.
    void expect_offered(std::int64_t offered) {
        EXPECT_EQ(view(item_).offered, offered);
        EXPECT_EQ(
            integer(
                "SELECT COUNT(*) FROM promotion_waitlist WHERE item_id = $1 AND state = 'offered'",
                {item_}
            ),
            offered
        );
        EXPECT_EQ(gate_.view(item_)->offered, offered);
        EXPECT_EQ(gate_.view(item_)->version, view(item_).version);
    }
    std::int64_t rows(std::string_view state) {
        return integer(
            "SELECT COUNT(*) FROM promotion_waitlist WHERE item_id = $1 AND state = $2",
            {item_, state}
        );
    }
    void expect_ahead(std::size_t user, std::int64_t ahead) {
        const auto entry = find(user);
        ASSERT_TRUE(entry.has_value());
        EXPECT_EQ(entry->ahead, ahead);
    }

    test::ManualClock clock_;
    test::ShopData shop_{database()};
    memory::MemoryGate gate_{clock_};
    Waitlist line_{gate_, clock_, {.places_max = 5, .offer_for = kOfferFor}};
    PromotionItemId item_;
    std::vector<UserId> users_;
};
DOORBUSTER_ON_BOTH_ENGINES(WaitingLine);

TEST_P(WaitingLine, joining_twice_is_one_place) {
    const auto first = join(0);
    clock_.advance(Milliseconds{5});
    const auto second = join(0);
    ASSERT_TRUE(first.has_value() && second.has_value());
    EXPECT_FALSE(first->again);
    EXPECT_TRUE(second->again);
    EXPECT_EQ(first->entry.id, second->entry.id);
    EXPECT_EQ(first->entry.joined_at, second->entry.joined_at);
    EXPECT_EQ(rows("waiting"), 1);
}

TEST_P(WaitingLine, tells_how_many_wait_before_one) {
    for (std::size_t user = 0; user < 3; ++user)
        EXPECT_EQ(join(user)->entry.ahead, static_cast<std::int64_t>(user));
    ASSERT_TRUE(leave(1).has_value());
    expect_ahead(0, 0);
    expect_ahead(2, 1);
    EXPECT_TRUE(find(1).error().is(kNotWaiting));
    EXPECT_TRUE(leave(1).error().is(kNotWaiting));
}

TEST_P(WaitingLine, offers_units_in_the_order_of_joining) {
    for (const std::size_t user : {2U, 0U, 1U}) ASSERT_TRUE(join(user).has_value());
    free_units(2);
    EXPECT_TRUE(has_offer(2));
    EXPECT_TRUE(has_offer(0));
    EXPECT_FALSE(has_offer(1));
    EXPECT_EQ(find(2)->offered_until, clock_.now() + kOfferFor);
    expect_ahead(2, 0);
    expect_ahead(1, 0);
    expect_offered(2);
}

TEST_P(WaitingLine, keeps_no_more_units_than_users_wait) {
    ASSERT_TRUE(join(0).has_value());
    free_units(3);
    expect_offered(1);
    EXPECT_EQ(view(item_).free(), 2);
}

TEST_P(WaitingLine, an_offer_that_ends_passes_to_the_next_in_line_and_only_to_the_next) {
    for (std::size_t user = 0; user < 3; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(1);
    clock_.advance(kOfferFor - Milliseconds{1});
    EXPECT_FALSE(pass_due());
    EXPECT_TRUE(has_offer(0));

    clock_.advance(Milliseconds{1});
    EXPECT_FALSE(has_offer(0));
    EXPECT_TRUE(find(0).error().is(kNotWaiting));
    EXPECT_FALSE(has_offer(1));
    pass_due();
    EXPECT_TRUE(has_offer(1));
    EXPECT_FALSE(has_offer(2));
    EXPECT_EQ(rows("passed"), 1);
    expect_offered(1);
}

TEST_P(WaitingLine, an_offer_that_nobody_waits_for_becomes_a_free_unit) {
    ASSERT_TRUE(join(0).has_value());
    free_units(1);
    clock_.advance(kOfferFor);
    pass_due();
    expect_offered(0);
    EXPECT_EQ(view(item_).free(), 1);
    EXPECT_TRUE(join(0).error().is(kNotSoldOut));
}

TEST_P(WaitingLine, who_joins_again_after_an_offer_that_ended_stands_at_the_end) {
    for (std::size_t user = 0; user < 2; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(1);
    clock_.advance(kOfferFor);
    const auto again = join(0);
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->again);
    EXPECT_FALSE(again->entry.offered);
    EXPECT_TRUE(has_offer(1));
    expect_offered(1);
}

TEST_P(WaitingLine, leaving_with_an_open_offer_passes_it_on) {
    for (std::size_t user = 0; user < 3; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(1);
    ASSERT_TRUE(leave(0).has_value());
    EXPECT_TRUE(has_offer(1));
    EXPECT_FALSE(has_offer(2));
    expect_offered(1);
}

TEST_P(WaitingLine, a_full_list_takes_nobody_but_who_is_on_it) {
    for (std::size_t user = 0; user < 5; ++user) ASSERT_TRUE(join(user).has_value());
    EXPECT_TRUE(join(5).error().is(kWaitlistFull));
    EXPECT_TRUE(join(4)->again);
    free_units(1);  // an offered place is a place
    EXPECT_TRUE(join(5).error().is(kWaitlistFull));
    ASSERT_TRUE(leave(3).has_value());
    EXPECT_TRUE(join(5).has_value());
}

TEST_P(WaitingLine, nobody_waits_for_what_is_free_paused_over_or_unknown) {
    free_units(1);
    EXPECT_TRUE(join(0).error().is(kNotSoldOut));
    open(item_, false);
    EXPECT_TRUE(join(0).error().is(kPaused));
    clock_.advance(std::chrono::hours{1});
    EXPECT_TRUE(join(0).error().is(kEnded));
    item_ = PromotionItemId{999'999};
    EXPECT_TRUE(join(0).error().is(kItemNotFound));
    EXPECT_TRUE(leave(0).error().is(kNotWaiting));
}

TEST_P(WaitingLine, a_pause_offers_nothing_and_costs_nobody_an_offer) {
    for (std::size_t user = 0; user < 3; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(1);
    open(item_, false);
    free_units(1);
    EXPECT_FALSE(has_offer(1));
    clock_.advance(kOfferFor);
    pass_due();
    EXPECT_TRUE(has_offer(0));
    EXPECT_EQ(find(0)->offered_until, clock_.now() + kOfferFor);

    open(item_, true);
    write([&](sql::Transaction& tx) { line_.offer_free(tx, item_, *stock::lock(tx, item_)); });
    EXPECT_TRUE(has_offer(1));
    EXPECT_FALSE(has_offer(2));
    expect_offered(2);
}

TEST_P(WaitingLine, an_offer_ends_with_the_sale) {
    ASSERT_TRUE(join(0).has_value());
    ASSERT_TRUE(join(1).has_value());
    clock_.advance(std::chrono::minutes{59});
    free_units(1);
    EXPECT_EQ(*find(0)->offered_until, view(item_).closes_at);
    clock_.advance(std::chrono::minutes{1});
    pass_due();
    EXPECT_FALSE(has_offer(1));  // nothing is offered after the end
    expect_offered(0);
}

TEST_P(WaitingLine, an_offer_is_taken_once) {
    ASSERT_TRUE(join(0).has_value());
    free_units(1);
    const auto take = [&](std::int64_t order) {
        return write([&](sql::Transaction& tx) {
            const auto offer = line_.open_offer(tx, item_, users_[0]);
            if (!offer) return false;
            const Time now = clock_.now();
            const bool reserved = stock::reserve(tx, item_, 0, 1, 1, now).has_value();
            return reserved && line_.take(tx, *offer, OrderNo{order});
        });
    };
    EXPECT_TRUE(take(11));
    EXPECT_FALSE(take(12));
    EXPECT_EQ(rows("taken"), 1);
    EXPECT_EQ(view(item_).offered, 0);
    EXPECT_EQ(view(item_).reserved, 1);
    EXPECT_FALSE(join(0)->again);  // who has taken a unit may wait for another
}

TEST_P(WaitingLine, closing_gives_everything_back) {
    for (std::size_t user = 0; user < 3; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(2);
    write([&](sql::Transaction& tx) {
        const StockView left = line_.close(tx, item_, *stock::lock(tx, item_));
        EXPECT_EQ(left.free(), 2);
    });
    EXPECT_EQ(rows("closed"), 3);
    expect_offered(0);
    EXPECT_TRUE(find(2).error().is(kNotWaiting));
}

TEST_P(WaitingLine, a_step_passes_a_bounded_number_of_offers_and_tells_that_more_are_due) {
    for (std::size_t user = 0; user < 5; ++user) ASSERT_TRUE(join(user).has_value());
    free_units(3);
    clock_.advance(kOfferFor);
    EXPECT_TRUE(pass_due(2));
    EXPECT_EQ(rows("passed"), 2);
    expect_offered(3);  // one has ended and is not passed yet
    EXPECT_FALSE(pass_due(2));
    EXPECT_EQ(rows("passed"), 3);
    expect_offered(2);
}

TEST_P(WaitingLine, the_line_of_one_item_is_not_that_of_another) {
    const PromotionItemId other = add_item();
    ASSERT_TRUE(join(0).has_value());
    const auto joined =
        write([&](sql::Transaction& tx) { return line_.join(tx, other, users_[1]); });
    EXPECT_EQ(joined->entry.ahead, 0);
    free_units(1);
    EXPECT_TRUE(has_offer(0));
    EXPECT_EQ(view(other).offered, 0);
}

TEST_P(WaitingLine, joins_at_once_get_different_places_and_one_user_only_one) {
    std::vector<std::future<Result<Waitlist::Joined>>> joins;
    for (std::size_t i = 0; i < 24; ++i) {
        joins.push_back(std::async(std::launch::async, [this, i] { return join(i % 4); }));
    }
    int new_places = 0;
    for (auto& each : joins) new_places += each.get()->again ? 0 : 1;
    EXPECT_EQ(new_places, 4);
    EXPECT_EQ(rows("waiting"), 4);
    std::vector<std::int64_t> ahead;
    for (std::size_t user = 0; user < 4; ++user) ahead.push_back(find(user)->ahead);
    std::sort(ahead.begin(), ahead.end());
    EXPECT_EQ(ahead, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST_P(WaitingLine, units_that_come_back_while_users_join_and_leave_are_all_offered) {
    const auto come = [this](std::size_t user) {
        for (int i = 0; i < 10; ++i) {
            EXPECT_TRUE(join(user).has_value());
            if (i % 3 == 2) {
                EXPECT_TRUE(leave(user).has_value());
            }
        }
    };
    const auto come_back = [this] {
        for (int i = 0; i < 3; ++i) free_units(1);
    };
    ASSERT_TRUE(join(4).has_value());  // so that somebody always waits, or has an offer
    std::vector<std::future<void>> all;
    for (std::size_t user = 0; user < 3; ++user)
        all.push_back(std::async(std::launch::async, come, user));
    for (auto& each : all) each.get();
    all.clear();
    for (std::size_t user = 0; user < 3; ++user) {
        all.push_back(std::async(std::launch::async, [this, user] {
            EXPECT_TRUE(leave(user).has_value());
            static_cast<void>(join(user));  // refused when a unit is free and nobody waits
        }));
    }
    all.push_back(std::async(std::launch::async, come_back));
    for (auto& each : all) each.get();
    expect_offered(std::min<std::int64_t>(3, rows("offered") + rows("waiting")));
}

}  // namespace
}  // namespace doorbuster::flash_sale
