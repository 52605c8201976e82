#include "cart/cart_service.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "cart/errors.hpp"
#include "support/manual_clock.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"

namespace doorbuster::cart {
namespace {

class Carts : public test::DatabaseTest {
protected:
    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }
    Cart cart(const Owner& owner) {
        return database().read_blocking([&](sql::Reader& reader) {
            return carts_.get(reader, owner);
        });
    }
    Result<void> add(const Owner& owner, SkuId sku, std::int64_t quantity) {
        clock_.advance(Milliseconds{1});
        return write([&](sql::Transaction& tx) { return carts_.add(tx, owner, sku, quantity); });
    }
    Result<void> set_quantity(const Owner& owner, SkuId sku, std::int64_t quantity) {
        return write([&](sql::Transaction& tx) {
            return carts_.set_quantity(tx, owner, sku, quantity);
        });
    }
    Result<void> select(const Owner& owner, SkuId sku, bool selected) {
        return write([&](sql::Transaction& tx) { return carts_.select(tx, owner, sku, selected); });
    }
    void merge() {
        write([&](sql::Transaction& tx) { carts_.merge(tx, guest_, user_); });
    }
    std::vector<inventory::StockLine> take() {
        return write([&](sql::Transaction& tx) {
            auto lines = carts_.hold_selected(tx, user_);
            carts_.take(tx, user_, lines);
            return lines;
        });
    }

    test::ManualClock clock_;
    CartService carts_{clock_};
    test::ShopData shop_{database()};
    Owner user_ = Owner::user(UserId{42});
    Owner guest_ = Owner::guest("abc");
};
DOORBUSTER_ON_BOTH_ENGINES(Carts);

TEST_P(Carts, lists_the_newest_line_first_with_todays_offer_and_stock) {
    const SkuId teapot = shop_.add_stocked_sku(Money::fen(2500), 5, "茶壶");
    const SkuId cup = shop_.add_stocked_sku(Money::fen(300), 9, "Cup");
    ASSERT_TRUE(add(user_, teapot, 2).has_value());
    ASSERT_TRUE(add(user_, cup, 3).has_value());
    const Cart found = cart(user_);
    ASSERT_EQ(found.lines.size(), 2u);
    EXPECT_EQ(found.lines[0].offer.title, "Cup");
    EXPECT_EQ(found.lines[1].offer.title, "茶壶");
    EXPECT_EQ(found.lines[1].available, 5);
    EXPECT_EQ(found.lines[1].subtotal(), Money::fen(5000));
    EXPECT_EQ(found.units, 5);
    EXPECT_EQ(found.selected_units, 5);
    EXPECT_EQ(found.selected_total, Money::fen(5900));
    EXPECT_TRUE(cart(guest_).lines.empty());
}

TEST_P(Carts, adds_to_the_line_of_the_same_sku) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 5);
    ASSERT_TRUE(add(user_, sku, 2).has_value());
    ASSERT_TRUE(add(user_, sku, 3).has_value());
    ASSERT_EQ(cart(user_).lines.size(), 1u);
    EXPECT_EQ(cart(user_).lines[0].quantity, 5);
}

TEST_P(Carts, refuses_a_quantity_above_the_most_and_keeps_the_line) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 5);
    EXPECT_TRUE(add(user_, sku, 1000).error().is(kQuantityTooLarge));
    ASSERT_TRUE(add(user_, sku, 998).has_value());
    EXPECT_TRUE(add(user_, sku, 2).error().is(kQuantityTooLarge));
    EXPECT_EQ(cart(user_).lines[0].quantity, 998);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    EXPECT_EQ(cart(user_).lines[0].quantity, 999);
}

TEST_P(Carts, refuses_what_is_unknown_or_not_on_sale) {
    const SkuId draft = shop_.add_sku(Money::fen(100), "Draft", false);
    EXPECT_TRUE(add(user_, draft, 1).error().is(kSkuOffSale));
    EXPECT_TRUE(add(user_, SkuId{999'999}, 1).error().is(kSkuNotFound));
    EXPECT_TRUE(add(user_, SkuId{0}, 1).error().is(kSkuNotFound));
    EXPECT_TRUE(cart(user_).lines.empty());
}

TEST_P(Carts, flags_a_line_short_of_stock) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 2);
    const SkuId never_stocked = shop_.add_sku(Money::fen(100));
    ASSERT_TRUE(add(user_, sku, 2).has_value());
    EXPECT_FALSE(cart(user_).lines[0].short_of_stock());
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    EXPECT_TRUE(cart(user_).lines[0].short_of_stock());
    ASSERT_TRUE(add(user_, never_stocked, 1).has_value());
    EXPECT_TRUE(cart(user_).lines[0].short_of_stock());
}

TEST_P(Carts, flags_a_line_that_went_off_sale_and_leaves_it_out_of_the_sum) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 2);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    shop_.take_off_sale(sku);
    const Cart found = cart(user_);
    ASSERT_EQ(found.lines.size(), 1u);
    EXPECT_TRUE(found.lines[0].off_sale());
    EXPECT_EQ(found.units, 1);
    EXPECT_EQ(found.selected_units, 0);
    EXPECT_EQ(found.selected_total, Money{});
}

TEST_P(Carts, flags_a_line_whose_price_changed_until_its_quantity_is_set) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    shop_.set_price(sku, Money::fen(120));
    ASSERT_TRUE(select(user_, sku, true).has_value());
    EXPECT_TRUE(cart(user_).lines[0].price_changed());
    EXPECT_EQ(cart(user_).lines[0].price_seen, Money::fen(100));
    EXPECT_EQ(cart(user_).selected_total, Money::fen(120));
    ASSERT_TRUE(set_quantity(user_, sku, 2).has_value());
    EXPECT_FALSE(cart(user_).lines[0].price_changed());
}

TEST_P(Carts, selects_one_line_or_all) {
    const SkuId first = shop_.add_stocked_sku(Money::fen(100), 9);
    const SkuId second = shop_.add_stocked_sku(Money::fen(10), 9);
    ASSERT_TRUE(add(user_, first, 1).has_value());
    ASSERT_TRUE(add(user_, second, 1).has_value());
    ASSERT_TRUE(select(user_, first, false).has_value());
    EXPECT_EQ(cart(user_).selected_total, Money::fen(10));
    write([&](sql::Transaction& tx) { carts_.select_all(tx, user_, false); });
    EXPECT_EQ(cart(user_).selected_units, 0);
    write([&](sql::Transaction& tx) { carts_.select_all(tx, user_, true); });
    EXPECT_EQ(cart(user_).selected_total, Money::fen(110));
}

TEST_P(Carts, knows_only_the_lines_of_their_owner) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    const Owner other = Owner::user(UserId{43});
    EXPECT_TRUE(set_quantity(other, sku, 2).error().is(kLineNotFound));
    EXPECT_TRUE(select(other, sku, false).error().is(kLineNotFound));
    const auto remove = [&](sql::Transaction& tx) { return carts_.remove(tx, other, sku); };
    EXPECT_TRUE(write(remove).error().is(kLineNotFound));
    write([&](sql::Transaction& tx) { carts_.clear(tx, other); });
    EXPECT_EQ(cart(user_).lines.size(), 1u);
}

TEST_P(Carts, removes_one_line_or_all) {
    const SkuId first = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, first, 1).has_value());
    ASSERT_TRUE(add(user_, shop_.add_sku(Money::fen(1)), 1).has_value());
    const auto remove = [&](sql::Transaction& tx) { return carts_.remove(tx, user_, first); };
    ASSERT_TRUE(write(remove).has_value());
    EXPECT_EQ(cart(user_).lines.size(), 1u);
    write([&](sql::Transaction& tx) { carts_.clear(tx, user_); });
    EXPECT_TRUE(cart(user_).lines.empty());
}

TEST_P(Carts, hold_a_bounded_number_of_lines) {
    SkuId last;
    for (std::size_t i = 0; i < CartService::kLinesMax; ++i) {
        last = shop_.add_sku(Money::fen(1));
        ASSERT_TRUE(add(user_, last, 1).has_value());
    }
    EXPECT_TRUE(add(user_, shop_.add_sku(Money::fen(1)), 1).error().is(kCartFull));
    EXPECT_TRUE(add(user_, last, 1).has_value()) << "a line that is there can still grow";
    EXPECT_EQ(cart(user_).lines.size(), CartService::kLinesMax);
}

// Passes statements on and counts them.
class CountingReader final : public sql::Reader {
public:
    explicit CountingReader(sql::Reader& reader) : reader_{reader} {}
    using sql::Reader::query;
    sql::Dialect dialect() const override { return reader_.dialect(); }
    void query(
        const sql::Statement& statement, std::span<const sql::Param> params, const EachRow& each
    ) override {
        ++statements;
        reader_.query(statement, params, each);
    }
    int statements = 0;

private:
    sql::Reader& reader_;
};

TEST_P(Carts, are_read_by_two_statements_however_many_lines_they_have) {
    for (std::size_t i = 0; i < CartService::kLinesMax; ++i) {
        ASSERT_TRUE(add(user_, shop_.add_stocked_sku(Money::fen(1), 5), 1).has_value());
    }
    const int statements = database().read_blocking([&](sql::Reader& reader) {
        CountingReader counting{reader};
        EXPECT_EQ(carts_.get(counting, user_).selected_units, 200);
        return counting.statements;
    });
    EXPECT_EQ(statements, 2);
}

TEST_P(Carts, merges_a_guests_lines_into_the_users_cart) {
    const SkuId shared = shop_.add_stocked_sku(Money::fen(100), 9);
    const SkuId large = shop_.add_stocked_sku(Money::fen(100), 9);
    const SkuId only_guest = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, shared, 2).has_value());
    ASSERT_TRUE(add(user_, large, 900).has_value());
    ASSERT_TRUE(add(guest_, shared, 3).has_value());
    ASSERT_TRUE(add(guest_, large, 900).has_value());
    ASSERT_TRUE(add(guest_, only_guest, 4).has_value());
    merge();
    std::map<SkuId, std::int64_t> quantities;
    for (const Line& line : cart(user_).lines) quantities[line.offer.sku] = line.quantity;
    EXPECT_EQ(
        quantities, (std::map<SkuId, std::int64_t>{{shared, 5}, {large, 999}, {only_guest, 4}})
    );
    EXPECT_TRUE(cart(guest_).lines.empty());
    merge();
    EXPECT_EQ(cart(user_).lines.size(), 3u);
}

TEST_P(Carts, merging_leaves_with_the_guest_what_does_not_fit) {
    for (std::size_t i = 0; i + 1 < CartService::kLinesMax; ++i) {
        ASSERT_TRUE(add(user_, shop_.add_sku(Money::fen(1)), 1).has_value());
    }
    const SkuId older = shop_.add_sku(Money::fen(1));
    const SkuId newer = shop_.add_sku(Money::fen(1));
    ASSERT_TRUE(add(guest_, older, 1).has_value());
    ASSERT_TRUE(add(guest_, newer, 1).has_value());
    merge();
    EXPECT_EQ(cart(user_).lines.size(), CartService::kLinesMax);
    ASSERT_EQ(cart(guest_).lines.size(), 1u);
    EXPECT_EQ(cart(guest_).lines[0].offer.sku, older);
}

TEST_P(Carts, an_order_takes_the_selected_lines_out_once) {
    const SkuId first = shop_.add_stocked_sku(Money::fen(100), 9);
    const SkuId second = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, second, 2).has_value());
    ASSERT_TRUE(add(user_, first, 1).has_value());
    ASSERT_TRUE(add(user_, shop_.add_sku(Money::fen(1)), 1).has_value());
    ASSERT_TRUE(select(user_, cart(user_).lines[0].offer.sku, false).has_value());
    const auto taken = take();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(taken[0].sku, first);
    EXPECT_EQ(taken[1].sku, second);
    EXPECT_EQ(taken[1].quantity, 2);
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(cart(user_).lines.size(), 1u);
}

TEST_P(Carts, a_failed_order_puts_the_lines_back) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    const auto fail = [&](sql::Transaction& tx) -> Result<void> {
        carts_.take(tx, user_, carts_.hold_selected(tx, user_));
        return kCartFull;
    };
    ASSERT_TRUE(write(fail).has_error());
    EXPECT_EQ(cart(user_).lines.size(), 1u);
}

TEST_P(Carts, a_line_selected_after_an_order_looked_stays_in_the_cart) {
    const SkuId sku = shop_.add_stocked_sku(Money::fen(100), 9);
    const SkuId late = shop_.add_stocked_sku(Money::fen(100), 9);
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    write([&](sql::Transaction& tx) {
        const auto held = carts_.hold_selected(tx, user_);
        EXPECT_TRUE(carts_.add(tx, user_, late, 1).has_value());
        carts_.take(tx, user_, held);
    });
    ASSERT_EQ(cart(user_).lines.size(), 1u);
    EXPECT_EQ(cart(user_).lines[0].offer.sku, late);
}

TEST_P(Carts, of_many_orders_at_once_one_gets_each_line) {
    constexpr int kSkus = 10;
    for (int i = 0; i < kSkus; ++i) {
        ASSERT_TRUE(add(user_, shop_.add_sku(Money::fen(1)), 1).has_value());
    }
    std::atomic<std::size_t> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { taken += take().size(); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, static_cast<std::size_t>(kSkus));
}

TEST_P(Carts, sweeping_forgets_guests_who_touched_nothing_and_nobody_else) {
    const SkuId sku = shop_.add_sku(Money::fen(1));
    const SkuId other = shop_.add_sku(Money::fen(1));
    const Owner returning = Owner::guest("def");
    ASSERT_TRUE(add(guest_, sku, 1).has_value());
    ASSERT_TRUE(add(guest_, other, 1).has_value());
    ASSERT_TRUE(add(returning, sku, 1).has_value());
    ASSERT_TRUE(add(user_, sku, 1).has_value());
    clock_.advance(std::chrono::hours{24});
    const Time before = clock_.now();
    ASSERT_TRUE(add(returning, other, 1).has_value());
    const auto sweep = [&](std::int64_t limit) {
        return write([&](sql::Transaction& tx) { return carts_.sweep_guests(tx, before, limit); });
    };
    EXPECT_EQ(sweep(1), 1);
    EXPECT_EQ(sweep(100), 1);
    EXPECT_EQ(sweep(100), 0);
    EXPECT_TRUE(cart(guest_).lines.empty());
    EXPECT_EQ(cart(returning).lines.size(), 2u);
    EXPECT_EQ(cart(user_).lines.size(), 1u);
}

}  // namespace
}  // namespace doorbuster::cart
