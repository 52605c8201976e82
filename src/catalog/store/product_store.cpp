#include "catalog/store/product_store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "catalog/model/json_ids.hpp"
#include "catalog/store/sql.hpp"

namespace doorbuster::catalog::store {
namespace {

using Column = sql::BulkInsert::Column;
using sql::ColumnType;

constexpr Column kSkuColumns[] = {
    {"product_id", ColumnType::integer},
    {"sku", ColumnType::text},
    {"option1", ColumnType::text},
    {"option2", ColumnType::text},
    {"option3", ColumnType::text},
    {"price", ColumnType::integer},
    {"compare_at_price", ColumnType::integer},
    {"grams", ColumnType::integer},
    {"barcode", ColumnType::text},
    {"media_id", ColumnType::integer},
    {"position", ColumnType::integer},
    {"created_at", ColumnType::integer},
    {"updated_at", ColumnType::integer}};
constexpr sql::BulkInsert kInsertSkus{"catalog.insert_skus", "skus", kSkuColumns};

constexpr Column kImageColumns[] = {
    {"product_id", ColumnType::integer},
    {"position", ColumnType::integer},
    {"media_id", ColumnType::integer},
    {"alt", ColumnType::text}};
constexpr sql::BulkInsert kInsertImages{
    "catalog.insert_product_images", "product_media", kImageColumns};

std::vector<std::string> option_names(const sql::Row& row, int first) {
    std::vector<std::string> names;
    for (int column = first; column < first + 3; ++column) {
        if (!row.text(column).empty()) names.push_back(row.string(column));
    }
    return names;
}

Product product_of(const sql::Row& row) {
    return {
        .id = row.id<ProductId>(0),
        .content =
            {.handle = row.string(1),
             .title = row.string(2),
             .body_html = row.string(3),
             .vendor = row.string(4),
             .product_type = row.string(5),
             .tags = split_tags(row.text(6)),
             .category = row.optional_id<CategoryId>(7),
             .option_names = option_names(row, 8)},
        .status = product_status(row.text(11)),
        .price_min = row.money(12),
        .price_max = row.money(13),
        .created_at = row.time(14),
        .updated_at = row.time(15)};
}

Sku sku_of(const sql::Row& row) {
    return {
        .id = row.id<SkuId>(0),
        .code = row.string(1),
        .options = {row.string(2), row.string(3), row.string(4)},
        .price = row.money(5),
        .compare_at_price = row.optional_money(6),
        .grams = row.integer(7),
        .barcode = row.string(8),
        .image = row.optional_id<MediaId>(9)};
}

std::string_view option_name(const ProductContent& content, std::size_t index) {
    if (index >= content.option_names.size()) return {};
    return content.option_names[index];
}

}  // namespace

std::optional<Product> find_product(sql::Reader& reader, ProductId id) {
    auto product = reader.find(queries::find_product, {id}, product_of);
    if (!product) return product;
    product->content.skus = reader.all(queries::skus_of_product, {id}, sku_of);
    product->content.images = reader.all(queries::images_of_product, {id}, [](const sql::Row& row) {
        return ProductImage{row.id<MediaId>(0), row.string(1)};
    });
    return product;
}

std::optional<ProductId> find_id_by_handle(sql::Reader& reader, std::string_view handle) {
    return reader.find(queries::find_product_id_by_handle, {handle}, [](const sql::Row& row) {
        return row.id<ProductId>(0);
    });
}

std::optional<ProductId> insert_product(sql::Transaction& tx, const ProductRow& row) {
    const ProductContent& c = row.content;
    const std::string tags = join_tags(c.tags);
    return tx.find(
        queries::insert_product,
        {c.handle,
         c.title,
         c.body_html,
         row.body_text,
         c.vendor,
         c.product_type,
         tags,
         c.category,
         option_name(c, 0),
         option_name(c, 1),
         option_name(c, 2),
         row.price_min,
         row.price_max,
         row.now},
        [](const sql::Row& made) { return made.id<ProductId>(0); }
    );
}

void update_product(sql::Transaction& tx, ProductId id, const ProductRow& row) {
    const ProductContent& c = row.content;
    const std::string tags = join_tags(c.tags);
    tx.execute(
        queries::update_product,
        {id,
         c.handle,
         c.title,
         c.body_html,
         row.body_text,
         c.vendor,
         c.product_type,
         tags,
         c.category,
         option_name(c, 0),
         option_name(c, 1),
         option_name(c, 2),
         row.price_min,
         row.price_max,
         row.now}
    );
}

void insert_images(sql::Transaction& tx, ProductId product, std::span<const ProductImage> images) {
    if (images.empty()) return;
    std::vector<sql::Param> values;
    for (std::size_t i = 0; i < images.size(); ++i) {
        values.insert(values.end(), {product, i, images[i].media, images[i].alt});
    }
    tx.insert_many(kInsertImages, values);
}

void replace_images(sql::Transaction& tx, ProductId product, std::span<const ProductImage> images) {
    tx.execute(queries::delete_product_images, {product});
    insert_images(tx, product, images);
}

void insert_skus(
    sql::Transaction& tx, ProductId product, std::span<const PlacedSku> skus, Time now
) {
    if (skus.empty()) return;
    std::vector<sql::Param> values;
    for (const auto& [sku, position] : skus) {
        values.insert(
            values.end(),
            {product,
             sku->code,
             sku->options[0],
             sku->options[1],
             sku->options[2],
             sku->price,
             sku->compare_at_price,
             sku->grams,
             sku->barcode,
             sku->image,
             position,
             now,
             now}
        );
    }
    tx.insert_many(kInsertSkus, values);
}

void update_sku(sql::Transaction& tx, ProductId product, const PlacedSku& placed, Time now) {
    const Sku& sku = *placed.sku;
    tx.execute(
        queries::update_sku,
        {sku.id,
         product,
         sku.code,
         sku.options[0],
         sku.options[1],
         sku.options[2],
         sku.price,
         sku.compare_at_price,
         sku.grams,
         sku.barcode,
         sku.image,
         placed.position,
         now}
    );
}

void remove_skus(sql::Transaction& tx, ProductId product, std::span<const SkuId> skus, Time now) {
    if (skus.empty()) return;
    const std::string ids = json_ids(skus);
    tx.execute(queries::remove_skus, {product, ids, now});
}

bool category_exists(sql::Reader& reader, CategoryId id) {
    return reader.find(
                     queries::category_exists, {id}, [](const sql::Row&) { return true; }
    ).has_value();
}

std::vector<std::string> codes_of_other_products(
    sql::Reader& reader, const std::vector<std::string>& codes, ProductId except
) {
    if (codes.empty()) return {};
    const boost::json::array list(codes.begin(), codes.end());
    const std::string text = boost::json::serialize(list);
    return reader.all(queries::codes_of_other_products, {text, except}, [](const sql::Row& row) {
        return row.string(0);
    });
}

}  // namespace doorbuster::catalog::store
