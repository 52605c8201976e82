#include "catalog/store/offer_lookup.hpp"

#include <array>
#include <string_view>

#include "catalog/media/media.hpp"
#include "catalog/model/json_ids.hpp"
#include "catalog/store/sql.hpp"

namespace doorbuster::catalog {

namespace queries = store::queries;
namespace {

std::string_view text_or_empty(const sql::Row& row, int column) {
    return row.is_null(column) ? std::string_view{} : row.text(column);
}

std::string joined_options(const sql::Row& row, int first) {
    std::string joined;
    for (int column = first; column < first + 3; ++column) {
        const std::string_view value = row.text(column);
        if (value.empty()) continue;
        if (!joined.empty()) joined += " / ";
        joined += value;
    }
    return joined;
}

Offer offer_of(const sql::Row& row) {
    return {
        .sku = row.id<SkuId>(0),
        .product = row.id<ProductId>(1),
        .title = row.string(2),
        .options = joined_options(row, 3),
        .sku_code = row.string(6),
        .image =
            media_address(text_or_empty(row, 9), text_or_empty(row, 10), text_or_empty(row, 11)),
        .price = row.money(7),
        .on_sale = row.boolean(8)};
}

}  // namespace

std::unordered_map<SkuId, Offer> find_offers(sql::Reader& reader, std::span<const SkuId> skus) {
    std::unordered_map<SkuId, Offer> offers;
    const auto add = [&](const sql::Row& row) {
        Offer offer = offer_of(row);
        const SkuId id = offer.sku;
        offers.emplace(id, std::move(offer));
    };
    if (skus.empty()) return offers;
    if (skus.size() == 1) {  // "buy now", the commonest question, without a list to unpack
        reader.query(queries::find_offer, {skus.front()}, add);
    } else {
        reader.query(queries::find_offers, {json_ids(skus)}, add);
    }
    return offers;
}

}  // namespace doorbuster::catalog
