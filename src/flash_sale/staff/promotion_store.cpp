#include "flash_sale/staff/promotion_store.hpp"

#include "core/assert.hpp"
#include "flash_sale/staff/sql.hpp"

namespace doorbuster::flash_sale::promotions {

namespace queries = staff::queries;

namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr sql::BulkInsert::Column kItemColumns[] = {
    {"promotion_id", kInteger},
    {"sku_id", kInteger},
    {"product_id", kInteger},
    {"price", kInteger},
    {"allotment", kInteger},
    {"per_user_max", kInteger},
    {"per_order_max", kInteger}};
constexpr sql::BulkInsert kInsertItems{
    "flash_sale.insert_promotion_items", "promotion_items", kItemColumns};

void insert_items(sql::Transaction& tx, PromotionId id, const std::vector<NewItem>& items) {
    std::vector<sql::Param> rows;
    rows.reserve(items.size() * std::size(kItemColumns));
    for (const auto& [terms, product] : items) {
        rows.insert(
            rows.end(),
            {id,
             terms.sku,
             product,
             terms.price,
             terms.allotment,
             terms.per_user_max,
             terms.per_order_max}
        );
    }
    if (!rows.empty()) tx.insert_many(kInsertItems, rows);
}

Promotion promotion_of(const sql::Row& row) {
    return {
        .id = row.id<PromotionId>(0),
        .name = row.string(1),
        .state = promotion_state_from(row.text(2)),
        .paused = row.boolean(3),
        .shadow = row.boolean(4),
        .window = {row.time(5), row.time(6)},
        .epoch = row.integer(7),
        .version = row.integer(8),
        .created_at = row.time(9),
        .published_at = row.optional_time(10),
        .ended_at = row.optional_time(11),
        .items = {}};
}

PromotionItem item_of(const sql::Row& row) {
    return {
        .id = row.id<PromotionItemId>(0),
        .product = row.id<ProductId>(1),
        .terms = {
            .sku = row.id<SkuId>(2),
            .price = row.money(3),
            .allotment = row.integer(4),
            .per_user_max = row.integer(5),
            .per_order_max = row.integer(6)}};
}

void add_items(sql::Reader& reader, Promotion& promotion) {
    promotion.items = reader.all(queries::list_items_of_promotion, {promotion.id}, item_of);
}

}  // namespace

void lock(sql::Transaction& tx) {
    tx.query(queries::lock_promotions, {}, [](const sql::Row&) {});
}

PromotionId insert(
    sql::Transaction& tx, const PromotionDraft& draft, const std::vector<NewItem>& items, Time now
) {
    const auto made = tx.find(
        queries::insert_promotion,
        {draft.name, draft.shadow, draft.window.starts_at, draft.window.ends_at, now},
        [](const sql::Row& row) { return row.id<PromotionId>(0); }
    );
    insert_items(tx, made.value(), items);
    return made.value();
}

void update(
    sql::Transaction& tx,
    PromotionId id,
    const PromotionDraft& draft,
    const std::vector<NewItem>& items
) {
    const auto changed = tx.execute(
        queries::update_draft, {id, draft.name, draft.window.starts_at, draft.window.ends_at}
    );
    DOORBUSTER_ASSERT(changed == 1);  // the caller has looked, under the lock
    tx.execute(queries::delete_promotion_items, {id});
    insert_items(tx, id, items);
}

void remove(sql::Transaction& tx, PromotionId id) {
    tx.execute(queries::delete_promotion_items, {id});
    const auto removed = tx.execute(queries::delete_promotion, {id});
    DOORBUSTER_ASSERT(removed == 1);
}

void save(sql::Transaction& tx, Promotion& promotion) {
    const auto changed = tx.execute(
        queries::save_promotion,
        {promotion.id,
         to_string(promotion.state),
         promotion.paused,
         promotion.window.ends_at,
         promotion.epoch,
         promotion.published_at,
         promotion.ended_at}
    );
    DOORBUSTER_ASSERT(changed == 1);
    ++promotion.version;
}

std::optional<Promotion> find(sql::Reader& reader, PromotionId id) {
    auto promotion = reader.find(queries::find_promotion, {id}, promotion_of);
    if (promotion) add_items(reader, *promotion);
    return promotion;
}

Listing list(
    sql::Reader& reader,
    std::optional<PromotionState> state,
    std::int64_t offset,
    std::int64_t limit
) {
    const auto word = state ? std::optional{to_string(*state)} : std::nullopt;
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    Listing listing;
    listing.promotions = reader.all(queries::list_promotions, {word, limit, offset}, promotion_of);
    for (Promotion& promotion : listing.promotions) add_items(reader, promotion);
    listing.total = reader.find(queries::count_promotions, {word}, number).value_or(0);
    return listing;
}

std::int64_t count(sql::Reader& reader, PromotionState state) {
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    return reader.find(queries::count_promotions, {to_string(state)}, number).value_or(0);
}

std::vector<Overlap> overlaps(sql::Reader& reader, PromotionId promotion, const Window& window) {
    const auto overlap = [](const sql::Row& row) {
        return Overlap{row.id<SkuId>(0), row.id<PromotionId>(1), row.string(2)};
    };
    return reader.all(
        queries::list_overlaps, {promotion, window.starts_at, window.ends_at}, overlap
    );
}

std::vector<PublishedItem> published_items(sql::Reader& reader) {
    return reader.all(queries::list_published_items, {}, [](const sql::Row& row) {
        return PublishedItem{
            row.id<PromotionItemId>(0), row.boolean(1), row.integer(2), {row.time(3), row.time(4)}};
    });
}

std::vector<PromotionId> over(sql::Reader& reader, Time now, std::int64_t limit) {
    return reader.all(queries::list_over, {now, limit}, [](const sql::Row& row) {
        return row.id<PromotionId>(0);
    });
}

void set_stopped(sql::Transaction& tx, bool stopped) { tx.execute(queries::set_switch, {stopped}); }

std::vector<ItemCounts> counts(sql::Reader& reader, PromotionId promotion) {
    return reader.all(queries::list_live_items, {promotion}, [](const sql::Row& row) {
        return ItemCounts{
            .item = row.id<PromotionItemId>(0),
            .view =
                {.version = row.integer(1),
                 .epoch = row.integer(2),
                 .open = row.boolean(3),
                 .opens_at = row.time(4),
                 .closes_at = row.time(5),
                 .available = row.integer(6),
                 .offered = row.integer(7),
                 .reserved = row.integer(8),
                 .sold = row.integer(9)},
            .released = row.integer(10),
            .waiting = row.integer(11)};
    });
}

}  // namespace doorbuster::flash_sale::promotions
