#pragma once

#include "flash_sale/staff/promotion_service.hpp"
#include "support/flash_world.hpp"

namespace doorbuster::test {

// A shop with a flash sale that staff run through their service.
class PromotionWorld : public FlashWorld {
protected:
    using Draft = flash_sale::PromotionDraft;
    using Promotion = flash_sale::Promotion;

    static flash_sale::ItemTerms terms(
        SkuId sku, std::int64_t allotment, std::int64_t per_user_max = 1
    ) {
        return {sku, Money::fen(100), allotment, per_user_max, per_user_max};
    }
    // On now, for an hour.
    Draft draft(std::vector<flash_sale::ItemTerms> items) const {
        const Time now = clock_.now();
        return {"Sale", {now, now + std::chrono::hours{1}}, false, std::move(items)};
    }
    Draft shadow_draft(std::vector<flash_sale::ItemTerms> items) const {
        Draft made = draft(std::move(items));
        made.shadow = true;
        return made;
    }

    Result<Promotion> create(const Draft& wanted) {
        return write([&](sql::Transaction& tx) { return promotions_.create(tx, staff_, wanted); });
    }
    Result<Promotion> edit(PromotionId id, const flash_sale::PromotionEdit& change) {
        return write([&](sql::Transaction& tx) { return promotions_.edit(tx, staff_, id, change); }
        );
    }
    Result<Promotion> publish(PromotionId id) {
        return act(id, &flash_sale::PromotionService::publish);
    }
    Result<Promotion> pause(PromotionId id) {
        return act(id, &flash_sale::PromotionService::pause);
    }
    Result<Promotion> resume(PromotionId id) {
        return act(id, &flash_sale::PromotionService::resume);
    }
    Result<Promotion> end(PromotionId id) { return act(id, &flash_sale::PromotionService::end); }
    Result<Promotion> move_end(PromotionId id, Time ends_at) {
        const auto moved = write([&](sql::Transaction& tx) {
            return promotions_.move_end(tx, staff_, id, ends_at);
        });
        loader_.reload_blocking();
        return moved;
    }
    Result<StockView> add_units(PromotionId id, PromotionItemId item, std::int64_t units) {
        return write([&](sql::Transaction& tx) {
            return promotions_.add_units(tx, staff_, id, item, units);
        });
    }
    void set_stopped(bool stopped) {
        write([&](sql::Transaction& tx) { promotions_.set_stopped(tx, staff_, stopped); });
        loader_.reload_blocking();
    }
    // Must succeed.
    Promotion published(const Draft& wanted) { return publish(create(wanted).value().id).value(); }
    Promotion find(PromotionId id) {
        const auto read = [&](sql::Reader& reader) {
            return flash_sale::promotions::find(reader, id);
        };
        return database().read_blocking(read).value();
    }

    void join(PromotionItemId item, UserId user) {
        const auto joined =
            write([&](sql::Transaction& tx) { return waitlist_.join(tx, item, user); });
        ASSERT_TRUE(joined.has_value());
    }
    // As the sweeper does when the buyer has not paid in time.
    void expire_order(OrderNo number) {
        clock_.advance(kUnpaidTtl);
        expire(number);
    }

    // "promotion.created,promotion.published"
    std::string deeds() {
        static constexpr sql::Statement kActions = both("SELECT action FROM audit_log ORDER BY id");
        const auto read = [](sql::Reader& reader) {
            return reader.all(kActions, {}, [](const sql::Row& row) { return row.string(0); });
        };
        std::string all;
        for (const std::string& action : database().read_blocking(read)) {
            all += (all.empty() ? "" : ",") + action;
        }
        return all;
    }

    flash_sale::PromotionService promotions_{
        {stock_, waitlist_, gate_, audit_log_, sale_clock_, clock_}};

private:
    using Action = Result<Promotion> (flash_sale::PromotionService::*)(
        sql::Transaction&, flash_sale::PromotionService::Actor, PromotionId
    ) const;
    // As the routes do: the board is loaded after the commit.
    Result<Promotion> act(PromotionId id, Action action) {
        auto done =
            write([&](sql::Transaction& tx) { return (promotions_.*action)(tx, staff_, id); });
        loader_.reload_blocking();
        return done;
    }
};

}  // namespace doorbuster::test
