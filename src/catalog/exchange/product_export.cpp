#include "catalog/exchange/product_export.hpp"

#include <algorithm>
#include <unordered_map>

#include "catalog/exchange/product_import_columns.hpp"
#include "catalog/exchange/sql.hpp"
#include "catalog/media/media_service.hpp"

namespace doorbuster::catalog {

namespace queries = exchange::queries;

namespace {

using Row = std::vector<std::string>;

std::string& at(Row& row, Column column) { return row[static_cast<std::size_t>(column)]; }

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty()) text += separator;
        text += part;
    }
    return text;
}

// What the rows of one page are made from.
struct Sources {
    CategoryTree categories;
    std::unordered_map<MediaId, std::string> addresses;
    std::unordered_map<SkuId, inventory::StockLevel> stock;
};

std::string category_path(const CategoryTree& tree, const std::optional<CategoryId>& category) {
    std::vector<std::string> names;
    if (!category) return {};
    for (const Category* each : tree.path_to(*category)) names.push_back(each->name);
    return joined(names, " > ");
}

void write_product(Row& row, const Product& product, const Sources& sources) {
    const ProductContent& content = product.content;
    at(row, Column::title) = content.title;
    at(row, Column::body) = content.body_html;
    at(row, Column::vendor) = content.vendor;
    at(row, Column::category) = category_path(sources.categories, content.category);
    at(row, Column::type) = content.product_type;
    at(row, Column::tags) = joined(content.tags, ", ");
    at(row, Column::published) = product.status == ProductStatus::active ? "true" : "false";
    at(row, Column::status) = to_string(product.status);
    for (std::size_t i = 0; i < content.option_names.size(); ++i) {
        at(row, option_name_column(i)) = content.option_names[i];
    }
    const bool bare = content.option_names.empty() && !content.skus.empty();
    if (bare) at(row, Column::option1_name) = "Title";
}

void write_sku(Row& row, const ProductContent& content, const Sku& sku, const Sources& sources) {
    for (std::size_t i = 0; i < content.option_names.size(); ++i) {
        at(row, option_value_column(i)) = sku.options[i];
    }
    if (content.option_names.empty()) at(row, Column::option1_value) = "Default Title";
    at(row, Column::sku) = sku.code;
    at(row, Column::grams) = std::to_string(sku.grams);
    const auto stock = sources.stock.find(sku.id);
    const auto available = stock == sources.stock.end() ? 0 : stock->second.available;
    at(row, Column::quantity) = std::to_string(available);
    at(row, Column::price) = sku.price.to_yuan();
    if (sku.compare_at_price) at(row, Column::compare_at_price) = sku.compare_at_price->to_yuan();
    at(row, Column::barcode) = sku.barcode;
    if (sku.image) at(row, Column::variant_image) = sources.addresses.at(*sku.image);
}

void write_image(Row& row, std::size_t index, const ProductImage& image, const Sources& sources) {
    at(row, Column::image) = sources.addresses.at(image.media);
    at(row, Column::image_position) = std::to_string(index + 1);
    at(row, Column::image_alt) = image.alt;
}

// As many rows as the longer of SKUs and pictures has; the first one also tells of the product.
void write_rows(const Product& product, const Sources& sources, std::vector<Row>& rows) {
    const ProductContent& content = product.content;
    const std::size_t count =
        std::max({std::size_t{1}, content.skus.size(), content.images.size()});
    for (std::size_t i = 0; i < count; ++i) {
        Row row(kColumnCount);
        at(row, Column::handle) = content.handle;
        if (i == 0) write_product(row, product, sources);
        if (i < content.skus.size()) write_sku(row, content, content.skus[i], sources);
        if (i < content.images.size()) write_image(row, i, content.images[i], sources);
        rows.push_back(std::move(row));
    }
}

std::vector<MediaId> media_of(const std::vector<Product>& products) {
    std::vector<MediaId> ids;
    for (const Product& product : products) {
        for (const ProductImage& image : product.content.images) ids.push_back(image.media);
        for (const Sku& sku : product.content.skus) {
            if (sku.image) ids.push_back(*sku.image);
        }
    }
    return ids;
}

std::vector<SkuId> skus_of(const std::vector<Product>& products) {
    std::vector<SkuId> ids;
    for (const Product& product : products) {
        for (const Sku& sku : product.content.skus) ids.push_back(sku.id);
    }
    return ids;
}

}  // namespace

ProductExport::Page ProductExport::page_after(sql::Reader& reader, ProductId after) const {
    Page page;
    const auto ids =
        reader.all(queries::product_ids_after, {after, kPageSize}, [](const sql::Row& row) {
            return row.id<ProductId>(0);
        });
    std::vector<Product> products;
    for (const ProductId id : ids) products.push_back(services_.products.find(reader, id).value());

    Sources sources;
    sources.categories = services_.categories.tree(reader);
    sources.stock = services_.stock.levels(reader, skus_of(products));
    for (const Media& media : find_media(reader, media_of(products))) {
        sources.addresses.emplace(media.id, media.address());
    }
    for (const Product& product : products) write_rows(product, sources, page.rows);
    page.products = products.size();
    if (!ids.empty()) page.last = ids.back();
    return page;
}

std::uint64_t ProductExport::run(const ByteSink& sink, const Progress& progress) const {
    CsvWriter writer{sink};
    writer.write(Row{kColumnNames.begin(), kColumnNames.end()});
    std::uint64_t written = 0;
    ProductId last;
    while (true) {
        const auto work = [&](sql::Reader& reader) { return page_after(reader, last); };
        const Page page = database_.read_blocking(work);
        if (page.products == 0) return written;
        for (const Row& row : page.rows) writer.write(row);
        written += page.products;
        last = page.last;
        if (progress && !progress(written)) return written;
    }
}

}  // namespace doorbuster::catalog
