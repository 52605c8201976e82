#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/store/offer_lookup.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "inventory/inventory_service.hpp"
#include "ports/sql.hpp"

namespace doorbuster::cart {

// Whose cart: a user, or a guest known by the hash of a random token.
class Owner {
public:
    static Owner user(UserId user) { return Owner{"u" + user.to_string()}; }
    static Owner guest(const std::string& token_hash_hex) { return Owner{"g" + token_hash_hex}; }
    const std::string& key() const { return key_; }

private:
    explicit Owner(std::string key) : key_{std::move(key)} {}
    std::string key_;
};

struct Line {
    catalog::Offer offer;
    std::int64_t quantity = 0;
    bool selected = false;
    std::int64_t available = 0;
    Money price_seen;
    // Told, never acted on: a line is not dropped behind the shopper's back.
    bool off_sale() const { return !offer.on_sale; }
    bool short_of_stock() const { return available < quantity; }
    bool price_changed() const { return offer.price != price_seen; }
    Money subtotal() const { return offer.price * quantity; }
};

struct Cart {
    std::vector<Line> lines;  // newest first
    std::int64_t units = 0;   // of all lines
    // Of the selected lines that are on sale, at today's prices.
    std::int64_t selected_units = 0;
    Money selected_total;
};

// The embedded store of carts: rows in the database. All functions run in the caller's transaction.
// Stateless but for its clock, so one instance serves every thread.
class CartService {
public:
    static constexpr std::int64_t kQuantityMax = 999;
    static constexpr std::size_t kLinesMax = 200;

    explicit CartService(const Clock& clock) : clock_{clock} {}

    // Two statements, however many lines there are.
    Cart get(sql::Reader& reader, const Owner& owner) const;

    // Adds to a line, or makes one at today's price; it is selected afterwards. A line's quantity
    // is never cut in silence. Errors: kSkuNotFound, kSkuOffSale, kCartFull, kQuantityTooLarge.
    // Units need not be in stock: the line is flagged.
    Result<void> add(sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity)
        const;
    // Sets a quantity (1 to kQuantityMax) and accepts today's price. Errors: kLineNotFound.
    Result<void> set_quantity(
        sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity
    ) const;
    // Errors: kLineNotFound.
    Result<void> select(sql::Transaction& tx, const Owner& owner, SkuId sku, bool selected) const;
    void select_all(sql::Transaction& tx, const Owner& owner, bool selected) const;
    // Errors: kLineNotFound.
    Result<void> remove(sql::Transaction& tx, const Owner& owner, SkuId sku) const;
    void clear(sql::Transaction& tx, const Owner& owner) const;

    // Moves a guest's lines into the user's cart at log-in; of the same SKU the quantities add up,
    // to at most kQuantityMax. Lines beyond kLinesMax, oldest first, stay with the guest.
    void merge(sql::Transaction& tx, const Owner& guest, const Owner& user) const;

    // For placing an order: the selected lines by rising SKU. They are this transaction's until it
    // ends: two orders at once never get the same line, and nobody changes one meanwhile. Nothing
    // is written, so that a refused order costs little.
    std::vector<inventory::StockLine> hold_selected(sql::Transaction& tx, const Owner& owner) const;
    // Takes held lines out of the cart; a rollback puts all of them back.
    void take(sql::Transaction& tx, const Owner& owner, std::span<const inventory::StockLine> held)
        const;

    // Forgets lines of guests who touched nothing in their cart since `before`; at most `limit`
    // lines, so that no transaction is long. Returns how many.
    std::int64_t sweep_guests(sql::Transaction& tx, Time before, std::int64_t limit) const;

private:
    const Clock& clock_;
};

}  // namespace doorbuster::cart
