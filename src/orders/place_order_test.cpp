#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "inventory/errors.hpp"
#include "orders/order_json.hpp"
#include "shipping/errors.hpp"
#include "support/order_world.hpp"

namespace doorbuster::orders {
namespace {

class PlaceOrders : public test::OrderWorld {
protected:
    void add_to_cart(SkuId sku, std::int64_t quantity) {
        const auto add = [&](sql::Transaction& tx) {
            return carts_.add(tx, cart::Owner::user(buyer_), sku, quantity);
        };
        ASSERT_TRUE(write(add).has_value());
    }
    PlaceOrder cart_wish() const { return {.user = buyer_, .address = address_}; }
    std::size_t cart_lines() {
        return database().read_blocking([&](sql::Reader& reader) {
            return carts_.get(reader, cart::Owner::user(buyer_)).lines.size();
        });
    }
    void expect_nothing_was_placed() {
        EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 0);
        EXPECT_EQ(integer("SELECT COUNT(*) FROM outbox"), 0);
        EXPECT_EQ(integer("SELECT COUNT(*) FROM stock_ledger WHERE kind <> 'GRANT'"), 0);
        expect_clean();
    }
};
DOORBUSTER_ON_BOTH_ENGINES(PlaceOrders);

TEST_P(PlaceOrders, copy_what_was_bought_and_hold_the_units) {
    const OrderNo number = placed({{teapot_, 2}, {cup_, 3}});
    const OrderDetail found = detail(number);
    EXPECT_EQ(found.order.user, buyer_);
    EXPECT_EQ(found.order.status, Status::pending_payment);
    EXPECT_EQ(found.order.payment_status, PaymentStatus::unpaid);
    EXPECT_EQ(found.order.items_total, Money::fen(5900));
    EXPECT_EQ(found.order.freight, Money::fen(1000));
    EXPECT_EQ(found.order.total, Money::fen(6900));
    EXPECT_EQ(found.order.created_at, clock_.now());
    EXPECT_EQ(found.order.expires_at, clock_.now() + std::chrono::minutes{30});
    EXPECT_NE(found.order.address_json.find("Lake Road"), std::string::npos);
    ASSERT_EQ(found.items.size(), 2u);
    EXPECT_EQ(found.items[0].title, "茶壶");
    EXPECT_EQ(found.items[0].price, Money::fen(2500));
    EXPECT_EQ(found.items[0].quantity, 2);
    EXPECT_EQ(partition_of(number), partition_of(buyer_));
    EXPECT_EQ(story(number), "placed");
    EXPECT_EQ(topics(number), "order.placed");
    expect_level(teapot_, 8, 2, 0);
    expect_clean();
}

TEST_P(PlaceOrders, keep_the_price_the_title_and_the_address_of_the_day) {
    const OrderNo number = placed({{teapot_, 1}});
    shop_.set_price(teapot_, Money::fen(9999));
    execute("UPDATE products SET title = 'Renamed'");
    execute("UPDATE addresses SET detail = 'Elsewhere'");
    const OrderDetail found = detail(number);
    EXPECT_EQ(found.items[0].price, Money::fen(2500));
    EXPECT_EQ(found.items[0].title, "茶壶");
    EXPECT_NE(found.order.address_json.find("Lake Road"), std::string::npos);
}

TEST_P(PlaceOrders, tell_of_it_with_the_documented_payload) {
    const OrderNo number = placed({{teapot_, 1}});
    EXPECT_EQ(
        text("SELECT payload FROM outbox"),
        R"({"order_no":")" + number.to_string() + R"(","user_id":")" + buyer_.to_string() +
            R"(","status":"pending_payment","total":3500,"currency":"CNY","reason":""})"
    );
}

TEST_P(PlaceOrders, are_free_of_freight_from_the_limit_on) {
    EXPECT_EQ(order(placed({{cup_, 32}})).freight, Money::fen(1000));
    EXPECT_EQ(order(placed({{teapot_, 4}})).freight, Money{});
}

TEST_P(PlaceOrders, merge_lines_of_the_same_sku) {
    const OrderNo number = placed({{cup_, 3}, {teapot_, 1}, {cup_, 4}});
    ASSERT_EQ(detail(number).items.size(), 2u);
    expect_level(cup_, 43, 7, 0);
    EXPECT_TRUE(place(wish({{cup_, 600}, {cup_, 400}})).error().is(kQuantityTooLarge));
    expect_clean();
}

TEST_P(PlaceOrders, lines_of_one_sku_share_its_stock) {
    EXPECT_TRUE(place(wish({{teapot_, 6}, {teapot_, 5}})).error().is(inventory::kOutOfStock));
    EXPECT_TRUE(place(wish({{teapot_, 6}, {cup_, 1}, {teapot_, 4}})).has_value());
    expect_level(teapot_, 0, 10, 0);
    expect_clean();
}

TEST_P(PlaceOrders, hold_as_many_lines_as_are_allowed) {
    Lines lines;
    for (std::size_t i = 0; i < OrderService::kLinesMax; ++i) {
        lines.push_back({shop_.add_stocked_sku(Money::fen(1), 1), 1});
    }
    const OrderNo number = placed(lines);
    EXPECT_EQ(detail(number).items.size(), OrderService::kLinesMax);
    succeed(number);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock WHERE sold = 1"), std::int64_t{100});
    expect_clean();
}

TEST_P(PlaceOrders, take_the_selected_lines_out_of_the_cart_and_leave_the_others) {
    add_to_cart(teapot_, 2);
    add_to_cart(cup_, 1);
    const auto unselect = [&](sql::Transaction& tx) {
        return carts_.select(tx, cart::Owner::user(buyer_), cup_, false);
    };
    ASSERT_TRUE(write(unselect).has_value());
    const auto placed_order = place(cart_wish());
    ASSERT_TRUE(placed_order.has_value());
    EXPECT_EQ(detail(placed_order->number).items.size(), 1u);
    EXPECT_EQ(cart_lines(), 1u);
    EXPECT_TRUE(place(cart_wish()).error().is(kNothingToOrder));
    EXPECT_EQ(cart_lines(), 1u);
}

TEST_P(PlaceOrders, buying_now_leaves_the_cart_alone) {
    add_to_cart(teapot_, 2);
    placed({{teapot_, 1}});
    EXPECT_EQ(cart_lines(), 1u);
}

TEST_P(PlaceOrders, a_refusal_puts_the_cart_back_and_holds_nothing) {
    add_to_cart(teapot_, 11);
    add_to_cart(cup_, 1);
    const auto refused = place(cart_wish());
    ASSERT_TRUE(refused.has_error());
    EXPECT_TRUE(refused.error().is(inventory::kOutOfStock));
    EXPECT_EQ(refused.error().details().at(0).field, "skus[" + teapot_.to_string() + "]");
    EXPECT_EQ(cart_lines(), 2u);
    expect_level(cup_, 50, 0, 0);
    expect_nothing_was_placed();
}

// What a refused order has written makes its neighbours in a group commit run again.
TEST_P(PlaceOrders, a_refusal_has_written_nothing_on_sqlite) {
    if (!on_sqlite()) GTEST_SKIP() << "PostgreSQL has no group commit of ours";
    static constexpr sql::Statement kChanges{"test.changes", "SELECT total_changes()", ""};
    const auto count = [](sql::Transaction& tx) {
        return tx.find(kChanges, {}, [](const sql::Row& row) { return row.integer(0); }).value();
    };
    add_to_cart(cup_, 1);
    add_to_cart(teapot_, 11);
    PlaceOrder dearer = wish({{teapot_, 1}});
    dearer.expected_total = Money::fen(1);
    const PlaceOrder refused[] = {
        wish({{teapot_, 11}}), wish({{cup_, 1}, {teapot_, 11}}), cart_wish(), dearer};
    for (const PlaceOrder& wanted : refused) {
        std::int64_t written = -1;
        const auto attempt = [&](sql::Transaction& tx) {
            const std::int64_t before = count(tx);
            auto order = service_.place(tx, wanted);
            written = count(tx) - before;
            return order;
        };
        EXPECT_TRUE(write(attempt).has_error());
        EXPECT_EQ(written, 0);
    }
}

TEST_P(PlaceOrders, refuse_what_cannot_be_bought_and_say_why) {
    const SkuId draft = shop_.add_sku(Money::fen(100), "Draft", false);
    const auto refusal = [&](const PlaceOrder& wanted) { return place(wanted).error(); };

    EXPECT_TRUE(refusal(wish({})).is(kNothingToOrder));
    EXPECT_TRUE(refusal(cart_wish()).is(kNothingToOrder));
    const Error unknown = refusal(wish({{teapot_, 1}, {SkuId{999'999}, 1}}));
    EXPECT_TRUE(unknown.is(kSkuNotFound));
    EXPECT_EQ(unknown.details().at(0).field, "skus[999999]");
    const Error off_sale = refusal(wish({{teapot_, 1}, {draft, 1}}));
    EXPECT_TRUE(off_sale.is(kSkuOffSale));
    EXPECT_EQ(off_sale.details().at(0).field, "skus[" + draft.to_string() + "]");
    expect_nothing_was_placed();
}

TEST_P(PlaceOrders, refuse_an_address_of_someone_else) {
    PlaceOrder wanted = wish({{teapot_, 1}});
    wanted.address = shop_.add_address(other_);
    EXPECT_TRUE(place(wanted).error().is(shipping::kAddressNotFound));
    wanted.address = AddressId{0};
    EXPECT_TRUE(place(wanted).error().is(shipping::kAddressNotFound));
    expect_nothing_was_placed();
}

TEST_P(PlaceOrders, refuse_another_total_than_was_expected_and_tell_the_new_one) {
    PlaceOrder wanted = wish({{teapot_, 1}});
    wanted.expected_total = Money::fen(3499);
    const auto refused = place(wanted);
    ASSERT_TRUE(refused.has_error());
    EXPECT_TRUE(refused.error().is(kTotalChanged));
    EXPECT_EQ(refused.error().details().at(0).field, "total");
    EXPECT_EQ(refused.error().details().at(0).reason, "3500");
    expect_nothing_was_placed();
    wanted.expected_total = Money::fen(3500);
    EXPECT_TRUE(place(wanted).has_value());
}

TEST_P(PlaceOrders, refuse_more_lines_than_an_order_holds) {
    for (std::size_t i = 0; i <= OrderService::kLinesMax; ++i) {
        add_to_cart(shop_.add_stocked_sku(Money::fen(1), 1), 1);
    }
    EXPECT_TRUE(place(cart_wish()).error().is(kTooManyLines));
    EXPECT_EQ(cart_lines(), OrderService::kLinesMax + 1);
}

TEST_P(PlaceOrders, an_order_of_nothing_to_pay_is_paid_at_once) {
    const SkuId gift = shop_.add_stocked_sku(Money::fen(0), 1);
    OrderSettings settings;
    settings.freight.flat = Money{};
    const OrderService free_shop{
        {stock_,
         carts_,
         addresses_,
         outbox_,
         audit_log_,
         checkout_,
         refund_desk_,
         numbers_,
         clock_},
        settings};
    const PlaceOrder wanted = wish({{gift, 1}});
    const auto found = write([&](sql::Transaction& tx) { return free_shop.place(tx, wanted); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->status, Status::paid);
    EXPECT_EQ(found->paid_at, clock_.now());
    EXPECT_EQ(story(found->number), "placed,paid");
    EXPECT_EQ(topics(found->number), "order.placed,order.paid");
    expect_level(gift, 0, 0, 1);
    expect_clean();
}

TEST_P(PlaceOrders, are_limited_while_they_hold_stock) {
    std::vector<OrderNo> open;
    for (int i = 0; i < 20; ++i) open.push_back(placed({{cup_, 1}}));
    EXPECT_TRUE(place(wish({{cup_, 1}})).error().is(kTooManyUnpaid));
    checkout_.begin_attempt(open[0]);
    ASSERT_TRUE(cancel(open[0]).has_value());
    EXPECT_TRUE(place(wish({{cup_, 1}})).error().is(kTooManyUnpaid)) << "closing holds stock too";
    succeed(open[1]);
    EXPECT_TRUE(place(wish({{cup_, 1}})).has_value());
    PlaceOrder others = wish({{cup_, 1}});
    others.user = other_;
    others.address = shop_.add_address(other_);
    EXPECT_TRUE(place(others).has_value()) << "the limit is each shopper's own";
}

TEST_P(PlaceOrders, the_limit_is_exact_under_concurrency) {
    std::atomic<int> placed_count = 0;
    std::atomic<int> refused = 0;
    const auto buy = [&] {
        for (int i = 0; i < 6; ++i) {
            const auto outcome = place(wish({{cup_, 1}}));
            if (outcome.has_value()) ++placed_count;
            if (outcome.has_error() && outcome.error().is(kTooManyUnpaid)) ++refused;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) threads.emplace_back(buy);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(placed_count, 20);
    EXPECT_EQ(refused, 16);
    expect_clean();
}

// Text that tries to be SQL, HTML or JSON is kept as the text it is.
TEST_P(PlaceOrders, keep_any_text_as_it_is) {
    const std::string nasty = R"('; DROP TABLE orders; -- <script>"\ 茶)";
    PlaceOrder wanted = wish({{shop_.add_stocked_sku(Money::fen(1), 1, nasty), 1}});
    wanted.note = nasty;
    wanted.address = shop_.add_address(buyer_, nasty);
    const auto outcome = place(wanted);
    ASSERT_TRUE(outcome.has_value());
    const OrderDetail found = detail(outcome->number);
    EXPECT_EQ(found.order.note, nasty);
    EXPECT_EQ(found.items[0].title, nasty);
    shipping::AddressFields fields{
        nasty, "13800000000", "Zhejiang", "Hangzhou", "Xihu", "1 Lake Road", ""};
    EXPECT_EQ(found.order.address_json, address_json(fields));
}

TEST_P(PlaceOrders, many_shoppers_buying_the_last_units_get_exactly_the_stock) {
    constexpr int kShoppers = 8;
    std::vector<PlaceOrder> wishes;
    for (int i = 0; i < kShoppers; ++i) {
        const UserId user = shop_.add_user("shopper" + std::to_string(i));
        // Half name the lines in the other order.
        Lines lines{{teapot_, 1}, {cup_, 2}};
        if (i % 2 == 0) std::swap(lines[0], lines[1]);
        wishes.push_back({.user = user, .address = shop_.add_address(user), .lines = lines});
    }
    std::atomic<int> sold = 0;
    std::atomic<int> sold_out = 0;
    std::vector<std::thread> threads;
    for (const PlaceOrder& wanted : wishes) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) {
                const auto outcome = place(wanted);
                if (outcome.has_value()) ++sold;
                if (outcome.has_error() && outcome.error().is(inventory::kOutOfStock)) ++sold_out;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sold, 10);
    EXPECT_EQ(sold_out, kShoppers * 5 - 10);
    expect_level(teapot_, 0, 10, 0);
    expect_level(cup_, 30, 20, 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM orders"), 10);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::orders
