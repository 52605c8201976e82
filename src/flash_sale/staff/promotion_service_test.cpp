#include "flash_sale/staff/promotion_service.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "catalog/model/errors.hpp"
#include "flash_sale/staff/promotion_jobs.hpp"
#include "inventory/errors.hpp"
#include "support/promotion_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Promotions : public test::PromotionWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Promotions);

// ---- drafts

TEST_P(Promotions, are_written_down_with_the_products_of_their_skus) {
    const auto made = create(draft({terms(teapot_, 4, 2), terms(cup_, 9)}));
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->state, PromotionState::draft);
    EXPECT_EQ(made->epoch, 0);
    ASSERT_EQ(made->items.size(), 2u);
    EXPECT_EQ(made->items[0].terms.sku, teapot_);
    EXPECT_EQ(made->items[0].terms.per_user_max, 2);
    EXPECT_EQ(
        made->items[1].product.value(), integer("SELECT product_id FROM skus WHERE id = $1", {cup_})
    );
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(deeds(), "promotion.created");
    EXPECT_EQ(text("SELECT subject FROM audit_log"), "promotion:" + made->id.to_string());
    EXPECT_EQ(integer("SELECT actor FROM audit_log"), staff_.value());
}

TEST_P(Promotions, are_refused_with_every_fault_named) {
    Draft bad = draft({terms(teapot_, 0), terms(teapot_, 5)});
    bad.items[1].per_order_max = 2;
    bad.items[1].price = Money::fen(0);
    bad.window.ends_at = bad.window.starts_at;
    const auto made = create(bad);
    ASSERT_TRUE(made.has_error());
    EXPECT_TRUE(made.error().is(kValidationFailed));
    std::vector<std::string> fields;
    for (const auto& detail : made.error().details()) fields.push_back(detail.field);
    EXPECT_EQ(
        fields,
        (std::vector<std::string>{
            "ends_at",
            "items[0].allotment",
            "items[1].price",
            "items[1].per_order_max",
            "items[1].sku_id"})
    );
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions"), 0);
    EXPECT_EQ(deeds(), "");
}

TEST_P(Promotions, name_only_skus_that_exist) {
    const auto made = create(draft({terms(teapot_, 1), terms(SkuId{999}, 1)}));
    ASSERT_TRUE(made.has_error());
    EXPECT_TRUE(made.error().is(catalog::kUnknownReference));
    EXPECT_EQ(made.error().details().at(0).field, "items[1].sku_id");
}

TEST_P(Promotions, can_be_edited_before_they_are_published) {
    const auto made = create(draft({terms(teapot_, 4)})).value();
    const auto now = edit(
        made.id,
        {.name = "Double 11",
         .starts_at = {},
         .ends_at = made.window.ends_at + hours{1},
         .items = std::vector{terms(cup_, 7)},
         .version = made.version}
    );
    ASSERT_TRUE(now.has_value());
    EXPECT_EQ(now->name, "Double 11");
    EXPECT_EQ(now->window.starts_at, made.window.starts_at);
    EXPECT_EQ(now->window.ends_at, made.window.ends_at + hours{1});
    ASSERT_EQ(now->items.size(), 1u);
    EXPECT_EQ(now->items[0].terms.sku, cup_);
    EXPECT_EQ(now->version, made.version + 1);
    EXPECT_EQ(deeds(), "promotion.created,promotion.edited");
}

TEST_P(Promotions, are_not_overwritten_by_an_editor_who_saw_an_older_version) {
    const auto made = create(draft({terms(teapot_, 4)})).value();
    PromotionEdit first;
    first.name = "Mine";
    first.version = made.version;
    PromotionEdit second = first;
    second.name = "Yours";
    EXPECT_TRUE(edit(made.id, first).has_value());
    EXPECT_TRUE(edit(made.id, second).error().is(kPromotionChanged));
    EXPECT_EQ(find(made.id).name, "Mine");
}

TEST_P(Promotions, cannot_be_edited_or_deleted_once_published) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    PromotionEdit change;
    change.name = "Other";
    EXPECT_TRUE(edit(sale.id, change).error().is(kNotDraft));
    const auto removed =
        write([&](sql::Transaction& tx) { return promotions_.remove(tx, staff_, sale.id); });
    EXPECT_TRUE(removed.error().is(kNotDraft));
    EXPECT_EQ(deeds(), "promotion.created,promotion.published");
}

TEST_P(Promotions, can_be_deleted_as_drafts) {
    const auto made = create(draft({terms(teapot_, 4)})).value();
    const auto remove = [&](sql::Transaction& tx) {
        return promotions_.remove(tx, staff_, made.id);
    };
    EXPECT_TRUE(write(remove).has_value());
    EXPECT_TRUE(write(remove).error().is(kPromotionNotFound));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotion_items"), 0);
    EXPECT_EQ(deeds(), "promotion.created,promotion.deleted");
}

// ---- publishing

TEST_P(Promotions, set_their_units_apart_when_they_are_published) {
    const auto made = create(draft({terms(teapot_, 4), terms(cup_, 50)})).value();
    const auto sale = publish(made.id);
    ASSERT_TRUE(sale.has_value());
    EXPECT_EQ(sale->state, PromotionState::published);
    EXPECT_EQ(sale->epoch, 1);
    EXPECT_EQ(find(made.id).version, sale->version);
    expect_level(teapot_, 6, 0, 0);
    expect_level(cup_, 0, 0, 0);
    expect_stock(sale->items[0].id, 4, 0, 0);
    expect_stock(sale->items[1].id, 50, 0, 0);
    EXPECT_TRUE(stock_of(sale->items[0].id).open);
    EXPECT_NE(board_.find(sale->items[0].id), nullptr);
    EXPECT_TRUE(buy(sale->items[0].id, buyer_, address_).has_value());
    expect_clean();
}

TEST_P(Promotions, change_nothing_when_they_are_published_again) {
    const auto sale = published(draft({terms(teapot_, 4)}));
    const auto item = sale.items[0].id;
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    const auto before = stock_of(item);
    const auto again = publish(sale.id);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->version, sale.version);
    EXPECT_EQ(stock_of(item).version, before.version);
    expect_stock(item, 3, 1, 0);
    expect_level(teapot_, 6, 0, 0);
    EXPECT_EQ(deeds(), "promotion.created,promotion.published");
}

TEST_P(Promotions, are_refused_whole_when_ordinary_stock_lacks_units) {
    const auto made = create(draft({terms(teapot_, 11), terms(cup_, 60)})).value();
    const auto refused = publish(made.id);
    ASSERT_TRUE(refused.has_error());
    EXPECT_TRUE(refused.error().is(inventory::kOutOfStock));
    ASSERT_EQ(refused.error().details().size(), 2u);
    EXPECT_EQ(refused.error().details()[0].field, "skus[" + teapot_.to_string() + "]");
    EXPECT_EQ(refused.error().details()[1].field, "skus[" + cup_.to_string() + "]");

    PromotionEdit less;
    less.items = std::vector{terms(teapot_, 10), terms(cup_, 51)};
    EXPECT_TRUE(edit(made.id, less).has_value());
    EXPECT_EQ(publish(made.id).error().details().size(), 1u);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotion_stock"), 0);
    EXPECT_EQ(find(made.id).state, PromotionState::draft);
    expect_clean();
}

TEST_P(Promotions, need_items_and_a_future_to_be_published) {
    EXPECT_TRUE(publish(PromotionId{999}).error().is(kPromotionNotFound));
    const auto empty = create(draft({})).value();
    EXPECT_TRUE(publish(empty.id).error().is(kNoItems));
    const auto late = create(draft({terms(teapot_, 1)})).value();
    clock_.advance(hours{1});
    EXPECT_TRUE(publish(late.id).error().is(kWindowOver));
    expect_level(teapot_, 10, 0, 0);
}

TEST_P(Promotions, do_not_begin_early_or_end_early_when_wall_time_jumps) {
    Draft soon = draft({terms(teapot_, 2)});
    soon.window = {clock_.now() + minutes{30}, clock_.now() + minutes{50}};
    const auto sale = published(soon);
    const PromotionItemId item = sale.items[0].id;
    clock_.jump(hours{1});
    EXPECT_TRUE(buy(item, buyer_, address_).error().is(kNotOpen));
    PromotionJobs jobs{database(), promotions_, loader_, sale_clock_};
    EXPECT_FALSE(test::run(jobs.end_due()));
    EXPECT_EQ(find(sale.id).state, PromotionState::published);
}

TEST_P(Promotions, sell_a_sku_one_at_a_time) {
    const auto sale = published(draft({terms(teapot_, 2)}));
    const Draft same_time = draft({terms(teapot_, 1)});
    const auto refused = create(same_time);
    ASSERT_TRUE(refused.has_error());
    EXPECT_TRUE(refused.error().is(kOverlaps));
    ASSERT_EQ(refused.error().details().size(), 1u);
    EXPECT_EQ(refused.error().details()[0].field, "skus[" + teapot_.to_string() + "]");
    EXPECT_NE(refused.error().details()[0].reason.find(sale.id.to_string()), std::string::npos);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promotions"), 1);

    // Another SKU, the time right after, and a rehearsal are in nobody's way.
    EXPECT_TRUE(create(draft({terms(cup_, 1)})).has_value());
    Draft after = same_time;
    after.window = {sale.window.ends_at, sale.window.ends_at + hours{1}};
    const auto next = create(after);
    ASSERT_TRUE(next.has_value());
    EXPECT_TRUE(create(shadow_draft({terms(teapot_, 1)})).has_value());

    // An edit into the way of another is refused too.
    PromotionEdit earlier;
    earlier.starts_at = sale.window.ends_at - minutes{1};
    EXPECT_TRUE(edit(next->id, earlier).error().is(kOverlaps));
    EXPECT_EQ(find(next->id).window, after.window);
}

TEST_P(Promotions, that_were_drafted_for_one_time_cannot_both_be_published) {
    const auto first = create(draft({terms(teapot_, 2)})).value();
    const auto second = create(draft({terms(cup_, 1), terms(teapot_, 2)})).value();
    EXPECT_TRUE(publish(first.id).has_value());
    EXPECT_TRUE(publish(second.id).error().is(kOverlaps));
    EXPECT_TRUE(end(first.id).has_value());
    EXPECT_TRUE(publish(second.id).has_value());
    expect_clean();
}

TEST_P(Promotions, cannot_pass_the_check_together) {
    std::vector<PromotionId> drafts;
    for (int i = 0; i < 8; ++i) drafts.push_back(create(draft({terms(cup_, 5)})).value().id);
    std::atomic<int> passed = 0;
    std::vector<std::thread> threads;
    for (const PromotionId id : drafts) {
        threads.emplace_back([&, id] {
            const auto work = [&](sql::Transaction& tx) {
                return promotions_.publish(tx, staff_, id);
            };
            if (database().write_blocking(work).has_value()) ++passed;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(passed, 1);
    expect_level(cup_, 45, 0, 0);
    expect_clean();
}

TEST_P(Promotions, are_published_in_a_bounded_number) {
    execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO promotions (name, state, starts_at, ends_at, epoch, created_at, published_at) "
        "SELECT 'x', 'published', 0, 1, 1, 0, 0 FROM n"
    );
    const auto made = create(draft({terms(teapot_, 1)})).value();
    EXPECT_TRUE(publish(made.id).error().is(kTooManyPublished));
}

// ---- rehearsals

TEST_P(Promotions, for_rehearsal_take_nothing_and_give_nothing_back) {
    const auto sale = published(shadow_draft({terms(teapot_, 1000)}));
    const auto item = sale.items[0].id;
    expect_level(teapot_, 10, 0, 0);
    expect_stock(item, 1000, 0, 0);
    EXPECT_TRUE(buy(item, buyer_, address_).error().is(kItemNotFound));  // for no person
    expect_stock(item, 1000, 0, 0);
    execute("UPDATE users SET username_key = '~buyer' WHERE username_key = 'buyer'");
    const auto placed = buy(item, buyer_, address_);
    ASSERT_TRUE(placed.has_value());
    EXPECT_TRUE(add_units(sale.id, item, 50).has_value());
    EXPECT_EQ(stock_of(item).granted(), 1050);
    EXPECT_TRUE(end(sale.id).has_value());
    EXPECT_EQ(stock_of(item).available, 0);
    EXPECT_EQ(stock_of(item).reserved, 1);
    expire_order(placed->number);
    EXPECT_EQ(stock_of(item).granted(), 0);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock_ledger WHERE kind = 'TRANSFER'"), 0);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::flash_sale
