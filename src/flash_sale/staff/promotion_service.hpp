#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "events/audit_log.hpp"
#include "flash_sale/model/promotion.hpp"
#include "flash_sale/model/sale_clock.hpp"
#include "flash_sale/staff/promotion_draft.hpp"
#include "flash_sale/staff/promotion_store.hpp"
#include "flash_sale/waitlist/waitlist.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/sql.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// What staff do with promotions. Every function runs inside a caller's transaction and begins with
// the lock of all promotions, so that staff act one after the other; buyers go on meanwhile, and
// what they may do is decided by the rows of promotion_stock, which change in the same transaction
// and are told to the gate after the commit. Rows are locked in one order: promotion_stock by item,
// then ordinary stock by SKU. Every change leaves one row in the audit log; asking for what is so
// already is a success that changes nothing. Thread-safe.
class PromotionService {
public:
    // Who of the staff does it; nobody for a command on this machine.
    using Actor = std::optional<UserId>;
    // Published at once, rehearsals included.
    static constexpr std::int64_t kPublishedMax = 500;

    // All must outlive this.
    struct Parts {
        const inventory::InventoryService& stock;
        const Waitlist& waitlist;
        StockGate& gate;
        const events::AuditLog& audit;
        const SaleClock& sale_clock;
        const Clock& clock;
    };
    explicit PromotionService(Parts parts) : parts_{parts} {}

    // ---- drafts. Errors: kValidationFailed (also for a price above the SKU's ordinary one; the
    // same is allowed, and a rehearsal's may be any), catalog::kUnknownReference (no such SKU),
    // kOverlaps.
    Result<Promotion> create(sql::Transaction& tx, Actor staff, const PromotionDraft& draft) const;
    // Also kPromotionNotFound, kNotDraft, kPromotionChanged. Items are replaced as a whole.
    Result<Promotion> edit(
        sql::Transaction& tx, Actor staff, PromotionId id, const PromotionEdit& edit
    ) const;
    // Errors: kPromotionNotFound, kNotDraft.
    Result<void> remove(sql::Transaction& tx, Actor staff, PromotionId id) const;

    // ---- publish: from now on units are set apart and the items sell in their window.
    // All of the allotment of all items, or nothing. Units of a rehearsal come from nowhere.
    // Errors: kPromotionNotFound, kPromotionEnded, kNoItems, kWindowOver, kOverlaps,
    // kTooManyPublished, inventory::kOutOfStock with a detail for every SKU that lacks units.
    Result<Promotion> publish(sql::Transaction& tx, Actor staff, PromotionId id) const;

    // ---- published promotions. Errors of all: kPromotionNotFound, kNotPublished, kPromotionEnded
    // (by staff or by the clock).
    Result<Promotion> pause(sql::Transaction& tx, Actor staff, PromotionId id) const;
    // Stays closed while the kill switch is on.
    Result<Promotion> resume(sql::Transaction& tx, Actor staff, PromotionId id) const;
    // Tokens of before count no more, because they are bound to the window. Errors: kWindowOver
    // when the end is not in the future and after the start, kOverlaps.
    Result<Promotion> move_end(sql::Transaction& tx, Actor staff, PromotionId id, Time ends_at)
        const;
    // More units, from ordinary stock; those who wait get them first. The item as it then is.
    // Errors: kItemNotFound, kTooManyUnits, inventory::kOutOfStock.
    Result<StockView> add_units(
        sql::Transaction& tx, Actor staff, PromotionId id, PromotionItemId item, std::int64_t units
    ) const;
    // Nobody waits any more, and what no order holds goes back to ordinary stock. Units of unpaid
    // orders stay held. Ended already: a success.
    Result<Promotion> end(sql::Transaction& tx, Actor staff, PromotionId id) const;
    // The same for a promotion whose end has come at `now`, by SaleClock. False: it has not, or it
    // is not published.
    bool end_if_over(sql::Transaction& tx, PromotionId id, Time now) const;

    // ---- the kill switch: closes all published promotions at once, until it is taken back.
    void set_stopped(sql::Transaction& tx, Actor staff, bool stopped) const;

private:
    Result<Promotion> get(sql::Reader& reader, PromotionId id) const;
    // Published, and its window is not over.
    Result<Promotion> get_running(sql::Reader& reader, PromotionId id) const;
    Result<std::vector<promotions::NewItem>> look_up(
        sql::Reader& reader, const PromotionDraft& draft
    ) const;
    Result<void> check_prices(sql::Reader& reader, const PromotionDraft& draft) const;
    Result<void> check_overlaps(
        sql::Reader& reader, const Promotion& promotion, const Window& window
    ) const;
    Result<Promotion> set_paused(sql::Transaction& tx, Actor staff, PromotionId id, bool paused)
        const;

    Result<void> set_all_apart(sql::Transaction& tx, Actor staff, const Promotion& promotion) const;
    Result<void> bring_units(
        sql::Transaction& tx,
        Actor staff,
        const Promotion& promotion,
        const PromotionItem& item,
        std::int64_t units
    ) const;
    void take_units_back(
        sql::Transaction& tx,
        Actor actor,
        const Promotion& promotion,
        const PromotionItem& item,
        std::int64_t units
    ) const;
    // Writes the promotion's state into the rows of its items.
    void write_openings(sql::Transaction& tx, const Promotion& promotion) const;
    void write_opening(sql::Transaction& tx, PromotionItemId item, const stock::Opening& opening)
        const;
    void close(sql::Transaction& tx, Actor actor, Promotion& promotion, std::string_view why) const;
    void note(
        sql::Transaction& tx,
        Actor actor,
        std::string_view action,
        PromotionId id,
        std::string_view detail
    ) const;

    Parts parts_;
};

}  // namespace doorbuster::flash_sale
