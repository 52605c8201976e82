#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/offer_lookup.hpp"
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
};

struct Cart {
    std::vector<Line> lines;  // newest first
    std::int64_t units = 0;   // of all lines
    std::int64_t selected_units = 0;
    Money selected_total;  // of the selected lines that are on sale, at today's prices
};

// The embedded store of carts: rows in the database. All functions run in the caller's transaction.
class CartService {
public:
    static constexpr std::int64_t kQuantityMax = 999;
    static constexpr std::size_t kLinesMax = 200;

    CartService(const inventory::InventoryService& stock, const Clock& clock)
        : stock_{stock}, clock_{clock} {}

    Cart get(sql::Reader& reader, const Owner& owner) const;
    // Adds to a line (its quantity is capped at kQuantityMax: an error, not a silent cut).
    Result<void> add(sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity)
        const;
    Result<void> set_quantity(
        sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity
    ) const;
    Result<void> select(sql::Transaction& tx, const Owner& owner, SkuId sku, bool selected) const;
    void select_all(sql::Transaction& tx, const Owner& owner, bool selected) const;
    Result<void> remove(sql::Transaction& tx, const Owner& owner, SkuId sku) const;
    void clear(sql::Transaction& tx, const Owner& owner) const;

    // Moves a guest's lines into the user's cart at log-in; of the same SKU the quantities add up,
    // to at most kQuantityMax. The guest's cart is empty afterwards.
    void merge(sql::Transaction& tx, const Owner& guest, const Owner& user) const;

    // For placing an order: the selected lines, and their removal once they are bought.
    std::vector<inventory::StockLine> selected(sql::Reader& reader, const Owner& owner) const;
    void remove_bought(
        sql::Transaction& tx, const Owner& owner, std::span<const inventory::StockLine> lines
    ) const;

private:
    const inventory::InventoryService& stock_;
    const Clock& clock_;
};

}  // namespace doorbuster::cart
