#include "flash_sale/engine/promoted_stock.hpp"

#include "core/assert.hpp"
#include "core/planted.hpp"
#include "flash_sale/engine/sql.hpp"
#include "flash_sale/model/claim_store.hpp"
#include "flash_sale/model/gate_notice.hpp"
#include "flash_sale/model/stock_store.hpp"

namespace doorbuster::flash_sale {

namespace queries = engine::queries;

namespace {

inventory::PromotedMovement movement_of(const orders::PromotedLine& line) {
    return {line.sku, line.item, line.quantity, line.order};
}

bool has_ended(sql::Reader& reader, PromotionItemId item) {
    const auto ended = [](const sql::Row& row) { return row.boolean(0); };
    return reader.find(queries::item_has_ended, {item}, ended).value_or(true);
}

bool is_shadow(sql::Reader& reader, PromotionItemId item) {
    const auto shadow = [](const sql::Row& row) { return row.boolean(0); };
    return reader.find(queries::item_is_shadow, {item}, shadow).value_or(false);
}

}  // namespace

// The ledger first: its unique index stops a second resolution before any counter moves.
void PromotedStock::confirm(sql::Transaction& tx, const orders::PromotedLine& line) {
    const auto moved = movement_of(line);
    stock_.note_promoted(tx, "CONFIRM", std::span{&moved, 1});
    tell_gate(tx, gate_, line.item, stock::confirm(tx, line.item, line.quantity));
}

void PromotedStock::release(sql::Transaction& tx, const orders::PromotedLine& line) {
    const auto moved = movement_of(line);
    stock_.note_promoted(tx, "RELEASE", std::span{&moved, 1});
    if (!planted(Bug::claim_stays)) {
        const auto released = claims::release(tx, line.item, line.user, line.order);
        DOORBUSTER_ASSERT(released == line.quantity);
    }
    StockView view = stock::release(tx, line.item, line.quantity);
    if (planted(Bug::double_release)) view = stock::add(tx, line.item, line.quantity);
    if (has_ended(tx, line.item)) {
        if (is_shadow(tx, line.item)) {
            stock_.adjust_promoted(
                tx, {line.sku, line.item, -line.quantity, std::nullopt, "rehearsal over"}
            );
        } else {
            stock_.take_back(
                tx, {line.sku, line.item, line.quantity, std::nullopt, "came back after the end"}
            );
        }
        view = stock::add(tx, line.item, -line.quantity);
    } else if (!planted(Bug::freed_units_not_offered)) {
        view = waitlist_.offer_free(tx, line.item, view);
    }
    tell_gate(tx, gate_, line.item, view);
    tx.after_commit([this, line] { gate_.give_back(line.item, line.user, line.quantity); });
}

}  // namespace doorbuster::flash_sale
