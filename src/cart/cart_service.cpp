#include "cart/cart_service.hpp"

#include "cart/errors.hpp"
#include "cart/sql.hpp"
#include "core/assert.hpp"
#include "inventory/sku_list.hpp"

namespace doorbuster::cart {
namespace {

std::optional<catalog::Offer> find_offer(sql::Reader& reader, SkuId sku) {
    auto offers = catalog::find_offers(reader, std::span{&sku, 1});
    const auto found = offers.find(sku);
    if (found == offers.end()) return std::nullopt;
    return std::move(found->second);
}

std::vector<Line> read_lines(sql::Reader& reader, const Owner& owner) {
    return reader.all(queries::list_lines, {owner.key()}, [](const sql::Row& row) {
        Line line;
        line.offer.sku = row.id<SkuId>(0);
        line.quantity = row.integer(1);
        line.selected = row.boolean(2);
        line.price_seen = row.money(3);
        line.available = row.integer(4);
        return line;
    });
}

void add_offers(sql::Reader& reader, std::vector<Line>& lines) {
    std::vector<SkuId> skus;
    skus.reserve(lines.size());
    for (const Line& line : lines) skus.push_back(line.offer.sku);
    auto offers = catalog::find_offers(reader, skus);
    for (Line& line : lines) {
        const auto found = offers.find(line.offer.sku);
        if (found != offers.end()) line.offer = std::move(found->second);
    }
}

Result<void> found_if(std::int64_t changed) {
    if (changed == 0) return kLineNotFound;
    return {};
}

}  // namespace

Cart CartService::get(sql::Reader& reader, const Owner& owner) const {
    Cart cart;
    cart.lines = read_lines(reader, owner);
    add_offers(reader, cart.lines);
    for (const Line& line : cart.lines) {
        cart.units += line.quantity;
        if (!line.selected || line.off_sale()) continue;
        cart.selected_units += line.quantity;
        cart.selected_total += line.subtotal();
    }
    return cart;
}

Result<void> CartService::add(
    sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity
) const {
    const auto offer = find_offer(tx, sku);
    if (!offer) return kSkuNotFound;
    if (!offer->on_sale) return kSkuOffSale;
    if (quantity > kQuantityMax) return kQuantityTooLarge;
    const auto changed = tx.execute(
        queries::add_line,
        {owner.key(), sku, quantity, offer->price, clock_.now(), kLinesMax, kQuantityMax}
    );
    if (changed == 1) return {};
    const auto present =
        tx.find(queries::has_line, {owner.key(), sku}, [](const sql::Row&) { return true; });
    return present ? kQuantityTooLarge : kCartFull;
}

Result<void> CartService::set_quantity(
    sql::Transaction& tx, const Owner& owner, SkuId sku, std::int64_t quantity
) const {
    if (quantity > kQuantityMax) return kQuantityTooLarge;
    const auto offer = find_offer(tx, sku);
    const auto price = offer ? std::optional{offer->price} : std::nullopt;
    return found_if(
        tx.execute(queries::set_quantity, {owner.key(), sku, quantity, price, clock_.now()})
    );
}

Result<void> CartService::select(sql::Transaction& tx, const Owner& owner, SkuId sku, bool selected)
    const {
    return found_if(tx.execute(queries::select_line, {owner.key(), sku, selected, clock_.now()}));
}

void CartService::select_all(sql::Transaction& tx, const Owner& owner, bool selected) const {
    tx.execute(queries::select_all, {owner.key(), selected, clock_.now()});
}

Result<void> CartService::remove(sql::Transaction& tx, const Owner& owner, SkuId sku) const {
    return found_if(tx.execute(queries::remove_line, {owner.key(), sku}));
}

void CartService::clear(sql::Transaction& tx, const Owner& owner) const {
    tx.execute(queries::remove_all, {owner.key()});
}

std::vector<inventory::StockLine> CartService::hold_selected(
    sql::Transaction& tx, const Owner& owner
) const {
    return tx.all(queries::hold_selected, {owner.key()}, [](const sql::Row& row) {
        return inventory::StockLine{row.id<SkuId>(0), row.integer(1)};
    });
}

void CartService::take(
    sql::Transaction& tx, const Owner& owner, std::span<const inventory::StockLine> held
) const {
    std::vector<SkuId> skus;
    skus.reserve(held.size());
    for (const auto& line : held) skus.push_back(line.sku);
    const auto taken = tx.execute(queries::take_lines, {owner.key(), inventory::json_list(skus)});
    DOORBUSTER_ASSERT(taken == static_cast<std::int64_t>(held.size()));
}

std::int64_t CartService::sweep_guests(sql::Transaction& tx, Time before, std::int64_t limit)
    const {
    return tx.execute(queries::sweep_guests, {before, limit});
}

}  // namespace doorbuster::cart
