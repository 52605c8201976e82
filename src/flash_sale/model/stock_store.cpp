#include "flash_sale/model/stock_store.hpp"

#include "core/assert.hpp"
#include "flash_sale/model/sql.hpp"

namespace doorbuster::flash_sale::stock {

namespace queries = model::queries;

namespace {

StockView view_of(const sql::Row& row) {
    return {
        .version = row.integer(0),
        .epoch = row.integer(1),
        .open = row.boolean(2),
        .opens_at = row.time(3),
        .closes_at = row.time(4),
        .available = row.integer(5),
        .offered = row.integer(6),
        .reserved = row.integer(7),
        .sold = row.integer(8)};
}

StockView changed(const std::optional<StockView>& view) {
    DOORBUSTER_ASSERT(view.has_value());  // a published item has its row
    return *view;
}

}  // namespace

std::optional<StockView> find(sql::Reader& reader, PromotionItemId item) {
    return reader.find(queries::find_stock, {item}, view_of);
}

std::optional<StockView> lock(sql::Transaction& tx, PromotionItemId item) {
    return tx.find(queries::lock_stock, {item}, view_of);
}

std::optional<StockView> reserve(
    sql::Transaction& tx,
    PromotionItemId item,
    std::int64_t units,
    std::int64_t offered,
    std::int64_t epoch,
    Time now
) {
    return tx.find(
        queries::reserve_stock, {item, units, offered, units + offered, epoch, now}, view_of
    );
}

StockView confirm(sql::Transaction& tx, PromotionItemId item, std::int64_t units) {
    return changed(tx.find(queries::confirm_stock, {item, units}, view_of));
}

StockView release(sql::Transaction& tx, PromotionItemId item, std::int64_t units) {
    return changed(tx.find(queries::release_stock, {item, units}, view_of));
}

std::optional<StockView> take_again(
    sql::Transaction& tx, PromotionItemId item, std::int64_t units
) {
    return tx.find(queries::take_again_stock, {item, units}, view_of);
}

StockView take_returned(sql::Transaction& tx, PromotionItemId item, std::int64_t units) {
    return changed(tx.find(queries::return_stock, {item, units}, view_of));
}

StockView offer(sql::Transaction& tx, PromotionItemId item, std::int64_t difference) {
    return changed(tx.find(queries::offer_stock, {item, difference}, view_of));
}

StockView add(sql::Transaction& tx, PromotionItemId item, std::int64_t units) {
    return changed(tx.find(queries::add_stock, {item, units}, view_of));
}

StockView put(sql::Transaction& tx, PromotionItemId item, const Opening& opening) {
    return changed(tx.find(
        queries::put_stock,
        {item, opening.open, opening.epoch, opening.window.starts_at, opening.window.ends_at},
        view_of
    ));
}

}  // namespace doorbuster::flash_sale::stock
