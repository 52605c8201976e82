#include "catalog/pages/product_listing.hpp"

#include <span>
#include <unordered_map>

#include "catalog/media/media.hpp"
#include "catalog/model/json_ids.hpp"
#include "catalog/pages/sql.hpp"

namespace doorbuster::catalog {

namespace queries = pages::queries;
namespace {

ListedProduct listed(const sql::Row& row) {
    const auto text = [&](int column) {
        return row.is_null(column) ? std::string_view{} : row.text(column);
    };
    return {
        .id = row.id<ProductId>(0),
        .title = row.string(1),
        .handle = row.string(2),
        .vendor = row.string(3),
        .category = row.optional_id<CategoryId>(4),
        .status = product_status(row.text(5)),
        .price_min = row.money(6),
        .price_max = row.money(7),
        .image = media_address(text(11), text(12), text(13)),
        .in_stock = row.boolean(8),
        .created_at = row.time(9),
        .updated_at = row.time(10)};
}

}  // namespace

Listing list_products(sql::Reader& reader, const ListingFilter& filter) {
    const ListingQuery query{filter, reader.dialect()};
    Listing listing;
    listing.total = query.total(reader);
    const auto ids = query.page(reader);
    if (ids.empty()) return listing;

    std::unordered_map<ProductId, ListedProduct> found;
    reader.query(queries::listed_products, {json_ids(std::span{ids})}, [&](const sql::Row& row) {
        found.emplace(row.id<ProductId>(0), listed(row));
    });
    for (const ProductId id : ids) listing.products.push_back(std::move(found.at(id)));
    return listing;
}

}  // namespace doorbuster::catalog
