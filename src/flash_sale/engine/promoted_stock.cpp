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
    view = shelve(tx, line, view, "came back after the end");
    tell_gate(tx, gate_, line.item, view);
    tx.after_commit([this, line] { gate_.give_back(line.item, line.user, line.quantity); });
}

// Units that came back and are available: to those who wait; to ordinary stock after the end.
StockView PromotedStock::shelve(
    sql::Transaction& tx, const orders::PromotedLine& line, StockView view, std::string_view why
) {
    if (has_ended(tx, line.item)) {
        if (is_shadow(tx, line.item)) {
            stock_.adjust_promoted(
                tx, {line.sku, line.item, -line.quantity, std::nullopt, "rehearsal over"}
            );
        } else {
            stock_.take_back(
                tx, {line.sku, line.item, line.quantity, std::nullopt, std::string{why}}
            );
        }
        return stock::add(tx, line.item, -line.quantity);
    }
    if (planted(Bug::freed_units_not_offered)) return view;
    return waitlist_.offer_free(tx, line.item, view);
}

bool PromotedStock::take_again(sql::Transaction& tx, const orders::PromotedLine& line) {
    // Locked first, as every order does: nobody else changes the item or its claims meanwhile.
    const auto before = stock::lock(tx, line.item);
    const bool is_left =
        before && before->open && before->available - before->offered >= line.quantity;
    if (!is_left) return false;
    const auto limit = tx.find(queries::item_limit, {line.item}, [](const sql::Row& row) {
        return row.integer(0);
    });
    auto of_user = claims::of_users(tx, line.item, std::span{&line.user, 1})[line.user];
    if (of_user.live() + line.quantity > limit.value_or(0)) return false;
    const auto view = stock::take_again(tx, line.item, line.quantity);
    if (!view) return false;
    std::vector<claims::NewClaim> taken;
    for (const std::int64_t slot : of_user.free_slots(line.quantity)) {
        taken.push_back({line.item, line.user, slot, line.order});
    }
    // A slot that was taken at this moment: the event is delivered again.
    if (!claims::insert(tx, taken)) throw sql::Unavailable{"a claim was taken meanwhile"};
    stock_.note_promoted_again(tx, movement_of(line));
    tell_gate(tx, gate_, line.item, *view);
    return true;
}

void PromotedStock::take_returned(sql::Transaction& tx, const orders::PromotedLine& line) {
    const auto moved = movement_of(line);
    stock_.note_promoted(tx, "RETURN", std::span{&moved, 1});
    const StockView back = stock::take_returned(tx, line.item, line.quantity);
    tell_gate(tx, gate_, line.item, shelve(tx, line, back, "returned after the end"));
}

}  // namespace doorbuster::flash_sale
