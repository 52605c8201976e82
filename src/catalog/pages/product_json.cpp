#include "catalog/pages/product_json.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <unordered_map>
#include <vector>

#include "catalog/media/media_service.hpp"

namespace doorbuster::catalog {
namespace {

namespace json = boost::json;
using Levels = std::unordered_map<SkuId, inventory::StockLevel>;
using Addresses = std::unordered_map<MediaId, std::string>;

template <class AnId>
json::value id_or_null(const std::optional<AnId>& id) {
    return id ? json::value(id->to_string()) : json::value(nullptr);
}
json::value fen_or_null(const std::optional<Money>& money) {
    return money ? json::value(money->fen()) : json::value(nullptr);
}
json::array texts(const std::vector<std::string>& list) {
    return json::array(list.begin(), list.end());
}

Addresses addresses_of(sql::Reader& reader, const ProductContent& content) {
    std::vector<MediaId> ids;
    for (const ProductImage& image : content.images) ids.push_back(image.media);
    for (const Sku& sku : content.skus) {
        if (sku.image) ids.push_back(*sku.image);
    }
    Addresses addresses;
    for (const Media& media : find_media(reader, ids)) addresses.emplace(media.id, media.address());
    return addresses;
}

Levels levels_of(
    sql::Reader& reader, const inventory::InventoryService& inventory, const ProductContent& content
) {
    std::vector<SkuId> ids;
    for (const Sku& sku : content.skus) ids.push_back(sku.id);
    return inventory.levels(reader, ids);
}

json::object stock_json(const Levels& levels, SkuId sku) {
    const auto found = levels.find(sku);
    const auto level = found == levels.end() ? inventory::StockLevel{} : found->second;
    return {{"available", level.available}, {"reserved", level.reserved}, {"sold", level.sold}};
}

json::object sku_json(
    const Sku& sku, std::size_t options, const Addresses& addresses, const Levels& levels
) {
    json::value image = nullptr;
    if (sku.image) image = addresses.at(*sku.image);
    return {
        {"id", sku.id.to_string()},
        {"sku", sku.code},
        {"options", json::array(sku.options.begin(), sku.options.begin() + options)},
        {"price", sku.price.fen()},
        {"compare_at_price", fen_or_null(sku.compare_at_price)},
        {"grams", sku.grams},
        {"barcode", sku.barcode},
        {"image_id", id_or_null(sku.image)},
        {"image", std::move(image)},
        {"stock", stock_json(levels, sku.id)}};
}

json::array images_json(const ProductContent& content, const Addresses& addresses) {
    json::array images;
    for (const ProductImage& image : content.images) {
        images.push_back(json::object{
            {"id", image.media.to_string()}, {"url", addresses.at(image.media)}, {"alt", image.alt}}
        );
    }
    return images;
}

}  // namespace

json::object listed_json(const ListedProduct& product, Audience audience) {
    json::object object{
        {"id", product.id.to_string()},
        {"title", product.title},
        {"handle", product.handle},
        {"vendor", product.vendor},
        {"category_id", id_or_null(product.category)},
        {"image", product.image.empty() ? json::value(nullptr) : json::value(product.image)},
        {"price_min", product.price_min.fen()},
        {"price_max", product.price_max.fen()},
        {"in_stock", product.in_stock}};
    if (audience == Audience::staff) {
        object["status"] = to_string(product.status);
        object["created_at"] = to_rfc3339(product.created_at);
        object["updated_at"] = to_rfc3339(product.updated_at);
    }
    return object;
}

std::string admin_product_text(
    sql::Reader& reader, const inventory::InventoryService& inventory, const Product& product
) {
    const ProductContent& content = product.content;
    const Addresses addresses = addresses_of(reader, content);
    const Levels levels = levels_of(reader, inventory, content);
    json::array skus;
    for (const Sku& sku : content.skus) {
        skus.push_back(sku_json(sku, content.option_names.size(), addresses, levels));
    }
    return json::serialize(json::object{
        {"id", product.id.to_string()},
        {"status", to_string(product.status)},
        {"handle", content.handle},
        {"title", content.title},
        {"body_html", content.body_html},
        {"vendor", content.vendor},
        {"product_type", content.product_type},
        {"tags", texts(content.tags)},
        {"category_id", id_or_null(content.category)},
        {"options", texts(content.option_names)},
        {"images", images_json(content, addresses)},
        {"skus", std::move(skus)},
        {"price_min", product.price_min.fen()},
        {"price_max", product.price_max.fen()},
        {"created_at", to_rfc3339(product.created_at)},
        {"updated_at", to_rfc3339(product.updated_at)},
        {"version", version_of(product)}});
}

std::string admin_sku_text(
    sql::Reader& reader,
    const inventory::InventoryService& inventory,
    const Product& product,
    SkuId sku
) {
    const ProductContent& content = product.content;
    const auto found = std::ranges::find(content.skus, sku, &Sku::id);
    return json::serialize(sku_json(
        *found,
        content.option_names.size(),
        addresses_of(reader, content),
        levels_of(reader, inventory, content)
    ));
}

std::string version_of(const Product& product) {
    return std::to_string(to_milliseconds(product.updated_at));
}

}  // namespace doorbuster::catalog
