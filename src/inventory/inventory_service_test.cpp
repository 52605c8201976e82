#include "inventory/inventory_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "inventory/errors.hpp"
#include "support/manual_clock.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"

namespace doorbuster::inventory {
namespace {

class Inventory : public test::DatabaseTest {
protected:
    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }
    SkuId add_sku(std::int64_t units) { return shop_.add_stocked_sku(Money::fen(100), units); }

    Result<void> reserve(OrderNo order, std::vector<StockLine> lines) {
        return write([&](sql::Transaction& tx) { return stock_.reserve(tx, order, lines); });
    }
    void confirm(OrderNo order, std::vector<StockLine> lines) {
        write([&](sql::Transaction& tx) { stock_.confirm(tx, order, lines); });
    }
    void release(OrderNo order, std::vector<StockLine> lines) {
        write([&](sql::Transaction& tx) { stock_.release(tx, order, lines); });
    }
    StockLevel level(SkuId sku) {
        return database().read_blocking([&](sql::Reader& reader) {
            const auto levels = stock_.levels(reader, std::span{&sku, 1});
            const auto found = levels.find(sku);
            return found == levels.end() ? StockLevel{} : found->second;
        });
    }
    void expect_level(SkuId sku, StockLevel expected) {
        const StockLevel actual = level(sku);
        EXPECT_EQ(actual.available, expected.available);
        EXPECT_EQ(actual.reserved, expected.reserved);
        EXPECT_EQ(actual.sold, expected.sold);
        EXPECT_TRUE(test::skus_that_disagree_with_the_ledger(database()).empty());
    }

    test::ManualClock clock_;
    InventoryService stock_{clock_};
    test::ShopData shop_{database()};
};
DOORBUSTER_ON_BOTH_ENGINES(Inventory);

TEST_P(Inventory, grants_units_to_a_sku_without_stock) {
    const SkuId sku = shop_.add_sku(Money::fen(1));
    write([&](sql::Transaction& tx) { stock_.grant(tx, sku, 5, UserId{7}, "first delivery"); });
    write([&](sql::Transaction& tx) { stock_.grant(tx, sku, 3, std::nullopt, ""); });
    expect_level(sku, {8, 0, 0});
    EXPECT_EQ(text("SELECT note FROM stock_ledger WHERE actor = 7"), "first delivery");
}

TEST_P(Inventory, refuses_grants_out_of_range) {
    const SkuId sku = shop_.add_sku(Money::fen(1));
    for (const std::int64_t units : {std::int64_t{-1}, InventoryService::kUnitsMax + 1}) {
        const auto grant = [&](sql::Transaction& tx) {
            stock_.grant(tx, sku, units, std::nullopt, "");
        };
        EXPECT_THROW(write(grant), std::invalid_argument);
    }
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock_ledger"), 0);
}

TEST_P(Inventory, reserves_then_confirms) {
    const SkuId sku = add_sku(5);
    ASSERT_TRUE(reserve(OrderNo{1}, {{sku, 2}}).has_value());
    expect_level(sku, {3, 2, 0});
    confirm(OrderNo{1}, {{sku, 2}});
    expect_level(sku, {3, 0, 2});
}

TEST_P(Inventory, reserves_then_releases) {
    const SkuId sku = add_sku(5);
    ASSERT_TRUE(reserve(OrderNo{1}, {{sku, 5}}).has_value());
    release(OrderNo{1}, {{sku, 5}});
    expect_level(sku, {5, 0, 0});
}

TEST_P(Inventory, reserves_all_lines_or_none_and_names_each_sku_that_lacks_units) {
    const SkuId enough = add_sku(5);
    const SkuId few = add_sku(1);
    const SkuId none = shop_.add_sku(Money::fen(1));
    const auto outcome = reserve(OrderNo{1}, {{none, 1}, {enough, 2}, {few, 3}});
    ASSERT_TRUE(outcome.has_error());
    EXPECT_TRUE(outcome.error().is(kOutOfStock));
    ASSERT_EQ(outcome.error().details().size(), 2u);
    EXPECT_EQ(outcome.error().details()[0].field, "skus[" + few.to_string() + "]");
    EXPECT_EQ(outcome.error().details()[0].reason, "1 units are left");
    EXPECT_EQ(outcome.error().details()[1].reason, "0 units are left");
    expect_level(enough, {5, 0, 0});
    expect_level(few, {1, 0, 0});
}

TEST_P(Inventory, an_order_line_is_resolved_once) {
    const SkuId sku = add_sku(5);
    ASSERT_TRUE(reserve(OrderNo{1}, {{sku, 2}}).has_value());
    ASSERT_TRUE(reserve(OrderNo{2}, {{sku, 2}}).has_value());
    release(OrderNo{1}, {{sku, 2}});
    EXPECT_THROW(release(OrderNo{1}, {{sku, 2}}), sql::ConstraintViolation);
    EXPECT_THROW(confirm(OrderNo{1}, {{sku, 2}}), sql::ConstraintViolation);
    expect_level(sku, {3, 2, 0});
}

TEST_P(Inventory, an_order_line_is_reserved_once) {
    const SkuId sku = add_sku(5);
    ASSERT_TRUE(reserve(OrderNo{1}, {{sku, 1}}).has_value());
    const auto again = [&] { static_cast<void>(reserve(OrderNo{1}, {{sku, 1}})); };
    EXPECT_THROW(again(), sql::ConstraintViolation);
    expect_level(sku, {4, 1, 0});
}

TEST_P(Inventory, sets_and_adjusts_what_is_available) {
    const SkuId sku = add_sku(5);
    const auto set = [&](std::int64_t target) {
        return write([&](sql::Transaction& tx) {
            return stock_.set_available(tx, sku, target, UserId{1}, "counted");
        });
    };
    const auto adjust = [&](std::int64_t difference) {
        return write([&](sql::Transaction& tx) {
            return stock_.adjust(tx, sku, difference, UserId{1}, "broken");
        });
    };
    EXPECT_TRUE(set(9).has_value());
    EXPECT_TRUE(set(9).has_value());
    EXPECT_TRUE(adjust(-4).has_value());
    expect_level(sku, {5, 0, 0});
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock_ledger WHERE kind = 'ADJUST'"), 2);

    EXPECT_TRUE(set(-1).error().is(kStockBelowZero));
    EXPECT_TRUE(adjust(-6).error().is(kStockBelowZero));
    EXPECT_TRUE(adjust(std::numeric_limits<std::int64_t>::min()).error().is(kStockBelowZero));
    EXPECT_TRUE(set(std::numeric_limits<std::int64_t>::max()).error().is(kStockTooLarge));
    EXPECT_TRUE(adjust(std::numeric_limits<std::int64_t>::max()).error().is(kStockTooLarge));
    expect_level(sku, {5, 0, 0});
}

TEST_P(Inventory, finds_the_levels_of_many_skus) {
    const SkuId first = add_sku(1);
    const SkuId second = add_sku(2);
    const std::vector<SkuId> skus{first, second, SkuId{999'999}};
    const auto levels =
        database().read_blocking([&](sql::Reader& reader) { return stock_.levels(reader, skus); });
    EXPECT_EQ(levels.size(), 2u);
    EXPECT_EQ(levels.at(first).available, 1);
    EXPECT_EQ(levels.at(second).available, 2);
}

// Hears of changes, and of those that were committed.
class Observer final : public StockObserver {
public:
    void stock_changed(sql::Transaction& tx, std::span<const SkuId> skus) override {
        const std::vector<SkuId> copy{skus.begin(), skus.end()};
        tx.after_commit([this, copy] {
            committed.insert(committed.end(), copy.begin(), copy.end());
        });
    }
    std::vector<SkuId> committed;
};

TEST_P(Inventory, tells_observers_of_every_committed_change_and_of_no_other) {
    Observer observer;
    stock_.add_observer(observer);
    const SkuId sku = add_sku(5);
    const SkuId other = add_sku(5);
    const auto heard = [&] { return std::exchange(observer.committed, {}); };
    using Skus = std::vector<SkuId>;

    write([&](sql::Transaction& tx) { stock_.grant(tx, sku, 1, std::nullopt, ""); });
    EXPECT_EQ(heard(), Skus{sku});
    ASSERT_TRUE(reserve(OrderNo{1}, {{other, 1}, {sku, 1}}).has_value());
    EXPECT_EQ(heard(), (Skus{sku, other}));
    confirm(OrderNo{1}, {{sku, 1}, {other, 1}});
    EXPECT_EQ(heard(), (Skus{sku, other}));
    const auto adjust = [&](sql::Transaction& tx) {
        return stock_.adjust(tx, sku, -1, std::nullopt, "");
    };
    ASSERT_TRUE(write(adjust).has_value());
    EXPECT_EQ(heard(), Skus{sku});
    ASSERT_TRUE(reserve(OrderNo{2}, {{sku, 99}}).has_error());
    EXPECT_EQ(heard(), Skus{});
}

// Any sequence of operations, with refusals among them, keeps columns and ledger equal.
TEST_P(Inventory, columns_equal_the_ledgers_sums_after_any_sequence) {
    for (const unsigned seed : {1u, 2u, 3u}) {
        SCOPED_TRACE(seed);
        std::mt19937 random{seed};
        const auto pick = [&](int from, int to) {
            return std::uniform_int_distribution<int>{from, to}(random);
        };
        std::vector<SkuId> skus;
        for (int i = 0; i < 4; ++i) skus.push_back(add_sku(pick(1, 20)));
        std::map<OrderNo, std::vector<StockLine>> open;
        std::int64_t number = seed * 1000;
        for (int step = 0; step < 120; ++step) {
            const SkuId sku = skus[static_cast<std::size_t>(pick(0, 3))];
            const int what = pick(0, 9);
            if (what < 5) {
                std::vector<StockLine> lines{{sku, pick(1, 6)}};
                if (sku != skus[0] && pick(0, 1) == 1) lines.push_back({skus[0], pick(1, 3)});
                const OrderNo order{++number};
                if (reserve(order, lines).has_value()) open[order] = lines;
            } else if (what < 8 && !open.empty()) {
                auto order = open.extract(open.begin());
                if (what == 5) {
                    release(order.key(), order.mapped());
                } else {
                    confirm(order.key(), order.mapped());
                }
            } else {
                const auto adjust = [&](sql::Transaction& tx) {
                    return stock_.adjust(tx, sku, pick(-5, 8), std::nullopt, "");
                };
                static_cast<void>(write(adjust));
            }
            ASSERT_TRUE(test::skus_that_disagree_with_the_ledger(database()).empty()) << step;
        }
    }
}

TEST_P(Inventory, many_threads_on_the_last_units_sell_exactly_the_stock) {
    const SkuId first = add_sku(40);
    const SkuId second = add_sku(25);
    std::atomic<int> sold = 0;
    std::atomic<int> refused = 0;
    std::atomic<std::int64_t> number = 0;
    // Half name the SKUs in the other order: they must not wait for each other in a circle.
    const auto buy = [&](bool turned) {
        for (int i = 0; i < 12; ++i) {
            std::vector<StockLine> lines{{first, 1}, {second, 1}};
            if (turned) std::swap(lines[0], lines[1]);
            const auto outcome = reserve(OrderNo{++number}, lines);
            ++(outcome.has_value() ? sold : refused);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back(buy, i % 2 == 0);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sold, 25);
    EXPECT_EQ(refused, 8 * 12 - 25);
    expect_level(first, {15, 25, 0});
    expect_level(second, {0, 25, 0});
}

}  // namespace
}  // namespace doorbuster::inventory
