#pragma once

#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "adapters/memory/memory_gate.hpp"
#include "flash_sale/engine/order_desk.hpp"
#include "flash_sale/engine/promoted_stock.hpp"
#include "flash_sale/engine/sale_loader.hpp"
#include "flash_sale/model/errors.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "support/order_world.hpp"
#include "support/run_task.hpp"

namespace doorbuster::test {

// A shop with a flash sale, its engine put together as the server does it. Promotions are written
// as plain SQL, so that the engine is tested without the staff's services.
class FlashWorld : public OrderWorld {
protected:
    static constexpr Milliseconds kUnpaidTtl = std::chrono::minutes{5};

    void SetUp() override {
        OrderWorld::SetUp();
        if (IsSkipped()) return;
        service_.set_promoted_units(promoted_);
    }

    struct Terms {
        std::int64_t units = 10;
        std::int64_t per_user_max = 1;
        std::int64_t per_order_max = 1;
        Milliseconds starts_in{0};
        Milliseconds lasts = std::chrono::hours{1};
    };
    // A published promotion of the teapot for 1.00 yuan, its units set apart from the teapot's
    // stock.
    PromotionItemId open_sale(Terms terms) {
        const Window window{
            clock_.now() + terms.starts_in, clock_.now() + terms.starts_in + terms.lasts};
        execute(
            "INSERT INTO promotions (name, state, starts_at, ends_at, epoch, created_at, "
            "published_at) VALUES ('Sale', 'published', $1, $2, 1, 0, 0)",
            {window.starts_at, window.ends_at}
        );
        execute(
            "INSERT INTO promotion_items (promotion_id, sku_id, product_id, price, allotment, "
            "per_user_max, per_order_max) SELECT MAX(p.id), $1, (SELECT product_id FROM skus "
            "WHERE id = $1), 100, $2, $3, $4 FROM promotions p",
            {teapot_, terms.units, terms.per_user_max, terms.per_order_max}
        );
        const PromotionItemId item{integer("SELECT MAX(id) FROM promotion_items")};
        write([&](sql::Transaction& tx) {
            stock_.grant(tx, teapot_, terms.units, std::nullopt, "for the sale");
            const auto apart =
                stock_.set_apart(tx, {teapot_, item, terms.units, std::nullopt, "publish"});
            if (apart.has_error()) throw std::runtime_error{"too little stock"};
            flash_sale::stock::put(tx, item, {true, 1, window});
            flash_sale::stock::add(tx, item, terms.units);
        });
        loader_.reload_blocking();
        return item;
    }

    using Wish = flash_sale::OrderDesk::Wish;
    // With a lease of its own, as a token gives it.
    Wish with_lease(PromotionItemId item, UserId user, AddressId address, std::int64_t units = 1) {
        const std::uint64_t nonce = ++nonces_;
        const auto entry = run(gate_.open_door(item, user, nonce, std::chrono::minutes{1}));
        Wish wanted = flash_wish(item, user, address, units);
        wanted.nonce = nonce;
        if (entry != Entry::in) wanted.refusal = Error{kNotFound};
        return wanted;
    }
    Wish flash_wish(PromotionItemId item, UserId user, AddressId address, std::int64_t units = 1) {
        Wish wanted;
        wanted.item = board_.find(item);
        wanted.user = user;
        wanted.address = address;
        wanted.units = units;
        wanted.epoch = 1;
        wanted.key.key = "key" + std::to_string(++keys_);
        return wanted;
    }
    Result<flash_sale::PlacedOrder> order_flash(const Wish& wanted) {
        return run(desk_.place(wanted));
    }
    Result<flash_sale::PlacedOrder> buy(PromotionItemId item, UserId user, AddressId address) {
        return order_flash(with_lease(item, user, address));
    }

    // A user with an address.
    struct Buyer {
        UserId user;
        AddressId address;
    };
    Buyer add_buyer() {
        const UserId user = shop_.add_user("buyer" + std::to_string(++buyers_));
        return {user, shop_.add_address(user)};
    }

    StockView stock_of(PromotionItemId item) {
        return database().read_blocking([&](sql::Reader& reader) {
            return *flash_sale::stock::find(reader, item);
        });
    }
    void expect_stock(
        PromotionItemId item, std::int64_t available, std::int64_t reserved, std::int64_t sold
    ) {
        const StockView view = stock_of(item);
        EXPECT_EQ(view.available, available);
        EXPECT_EQ(view.reserved, reserved);
        EXPECT_EQ(view.sold, sold);
        // The gate knows what the database holds, and nothing is under way.
        const auto known = gate_.view(item);
        ASSERT_TRUE(known.has_value());
        EXPECT_EQ(known->version, view.version);
        EXPECT_EQ(known->available, view.available);
        EXPECT_EQ(gate_.counts(item).under_way, 0);
    }

    flash_sale::SaleClock sale_clock_{clock_};
    memory::MemoryGate gate_{clock_};
    flash_sale::SaleBoard board_;
    flash_sale::SeenKeys seen_;
    flash_sale::SaleLoader loader_{database(), board_, gate_, seen_, clock_, 5};
    flash_sale::Waitlist waitlist_{gate_, clock_, {}};
    flash_sale::PromotedStock promoted_{stock_, waitlist_, gate_};
    flash_sale::OrderWriter writer_{
        {service_, stock_, addresses_, waitlist_, gate_, sale_clock_, clock_}, kUnpaidTtl};
    flash_sale::BatchCommitter committer_{database(), writer_, clock_, {}};
    flash_sale::OrderDesk desk_{board_, gate_, seen_, committer_, sale_clock_};

private:
    using Window = flash_sale::Window;
    std::atomic<std::uint64_t> nonces_ = 0;
    std::atomic<int> keys_ = 0;
    int buyers_ = 0;
};

}  // namespace doorbuster::test
