#include "catalog/exchange/product_import_write.hpp"

#include <algorithm>
#include <charconv>

#include "catalog/media/sql.hpp"
#include "catalog/model/catalog_lock.hpp"
#include "catalog/model/errors.hpp"

namespace doorbuster::catalog {

namespace queries = media::queries;

namespace {

const std::string kNote = "import";

ProductImage* find_image(std::vector<ProductImage>& images, MediaId media) {
    const auto found = std::ranges::find(images, media, &ProductImage::media);
    return found == images.end() ? nullptr : &*found;
}

Sku* with_id(std::vector<Sku>& skus, SkuId id) {
    const auto found = std::ranges::find(skus, id, &Sku::id);
    return found == skus.end() ? nullptr : &*found;
}

// Whether a SKU that the file does not have can stand beside those it has.
bool can_stay(const Sku& sku, const ProductContent& content) {
    const auto has_same_code = [&](const Sku& other) {
        return !sku.code.empty() && other.code == sku.code;
    };
    const auto values =
        std::ranges::count_if(sku.options, [](const std::string& value) { return !value.empty(); });
    return values == std::ssize(content.option_names) && content.skus.size() < kSkusMax &&
           std::ranges::none_of(content.skus, has_same_code);
}

ProductStatus wanted_status(const FileProduct& file, bool has_skus) {
    return file.status.value_or(has_skus ? ProductStatus::active : ProductStatus::draft);
}

}  // namespace

Result<ImportedProduct> ProductImportWriter::apply(sql::Transaction& tx, const FileProduct& file)
    const {
    lock_catalog(tx);
    const auto stored = services_.products.find_by_handle(tx, file.handle);
    return stored ? update(tx, file, *stored) : create(tx, file);
}

Result<ImportedProduct> ProductImportWriter::create(sql::Transaction& tx, const FileProduct& file)
    const {
    ProductContent content;
    content.handle = file.handle;
    content.option_names = file.option_names;
    if (auto bad = fill_product(tx, file, content); bad.has_error()) return bad.error();
    // Rows that go on with a product find it, but for a dry run that did not keep its first rows.
    if (file.continues) content.title = file.handle;
    fill_skus(tx, file, {}, content);
    fill_images(tx, file, {}, content);
    const ProductStatus status = wanted_status(file, !content.skus.empty());

    const auto id = services_.products.create(tx, std::move(content));
    if (id.has_error()) return id.error();
    if (auto bad = services_.products.set_status(tx, *id, status); bad.has_error()) {
        return bad.error();
    }
    if (auto bad = set_stock(tx, file, *id); bad.has_error()) return bad.error();
    return ImportedProduct{ImportOutcome::created, {}};
}

Result<ImportedProduct> ProductImportWriter::update(
    sql::Transaction& tx, const FileProduct& file, const Product& stored
) const {
    ProductContent content = stored.content;
    if (auto bad = fill_product(tx, file, content); bad.has_error()) return bad.error();
    Leftover leftover = fill_skus(tx, file, stored.content.skus, content);
    leftover.images = fill_images(tx, file, stored.content.images, content).images;
    const ProductStatus status = file.status.value_or(stored.status);
    const bool status_changes = status != stored.status;

    // An active product must have a SKU at every step.
    const auto change_status = [&]() -> Result<void> {
        return services_.products.set_status(tx, stored.id, status);
    };
    if (status_changes && status != ProductStatus::active) {
        if (auto bad = change_status(); bad.has_error()) return bad.error();
    }
    const auto changed = services_.products.update(tx, stored.id, std::move(content));
    if (changed.has_error()) return changed.error();
    if (status_changes && status == ProductStatus::active) {
        if (auto bad = change_status(); bad.has_error()) return bad.error();
    }
    const auto stocked = set_stock(tx, file, stored.id);
    if (stocked.has_error()) return stocked.error();
    const bool any = *changed || *stocked || status_changes;
    return ImportedProduct{
        any ? ImportOutcome::updated : ImportOutcome::unchanged, std::move(leftover)};
}

// What the file has no column for stays as it is.
Result<void> ProductImportWriter::fill_product(
    sql::Transaction& tx, const FileProduct& file, ProductContent& content
) const {
    if (file.continues) return {};
    content.title = file.title;
    if (columns_.has(Column::body)) content.body_html = file.body_html;
    if (columns_.has(Column::vendor)) content.vendor = file.vendor;
    if (columns_.has(Column::type)) content.product_type = file.product_type;
    if (columns_.has(Column::tags)) content.tags = file.tags;
    if (columns_.has(Column::option1_name)) content.option_names = file.option_names;
    if (!columns_.has(Column::category)) return {};
    content.category.reset();
    if (file.category.empty()) return {};
    const auto category = services_.categories.find_or_create(tx, file.category);
    if (category.has_error()) return category.error();
    content.category = *category;
    return {};
}

// An address that an export gave to an uploaded picture means that picture again.
MediaId ProductImportWriter::media_id(sql::Transaction& tx, const std::string& url) const {
    constexpr std::string_view kFolder = "/media/";
    constexpr std::size_t kHashLength = 64;
    if (url.starts_with(kFolder) && url.size() > kFolder.size() + kHashLength) {
        const std::string hash = url.substr(kFolder.size(), kHashLength);
        const auto file = tx.find(queries::find_media_file, {hash}, [](const sql::Row& row) {
            return Media{row.id<MediaId>(0), row.string(1), row.string(2), row.integer(3), {}};
        });
        if (file && file->address() == url) return file->id;
    }
    return services_.media.add_url(tx, url).id;
}

// Which stored SKU each row means: the one with its option values, else the one with its code; null
// for a new one. Without options in the file, a product's only SKU is meant by its only row.
std::vector<const Sku*> ProductImportWriter::recognise(
    const std::vector<FileSku>& rows, const std::vector<Sku>& stored
) const {
    const bool has_options = columns_.has(Column::option1_value);
    const bool only_one = rows.size() == 1 && stored.size() == 1;
    const auto same_options = [&](const FileSku& row, const Sku& sku) {
        return has_options ? sku.options == row.sku.options : only_one;
    };
    const auto same_code = [](const FileSku& row, const Sku& sku) {
        return !sku.code.empty() && sku.code == row.sku.code;
    };
    std::vector<const Sku*> meant(rows.size(), nullptr);
    const auto match = [&](const auto& same) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (const Sku& sku : stored) {
                const bool free = std::ranges::find(meant, &sku) == meant.end();
                if (meant[i] == nullptr && free && same(rows[i], sku)) meant[i] = &sku;
            }
        }
    };
    match(same_options);
    match(same_code);
    return meant;
}

Sku ProductImportWriter::merged(sql::Transaction& tx, const FileSku& file, const Sku* stored)
    const {
    Sku sku = file.sku;
    if (!file.image_url.empty()) sku.image = media_id(tx, file.image_url);
    if (stored == nullptr) return sku;
    sku.id = stored->id;
    if (!columns_.has(Column::option1_value)) sku.options = stored->options;
    if (!columns_.has(Column::sku)) sku.code = stored->code;
    if (!columns_.has(Column::compare_at_price)) sku.compare_at_price = stored->compare_at_price;
    if (!columns_.has(Column::grams)) sku.grams = stored->grams;
    if (!columns_.has(Column::barcode)) sku.barcode = stored->barcode;
    if (!columns_.has(Column::variant_image)) sku.image = stored->image;
    return sku;
}

Leftover ProductImportWriter::fill_skus(
    sql::Transaction& tx,
    const FileProduct& file,
    const std::vector<Sku>& stored,
    ProductContent& content
) const {
    content.skus.clear();
    if (file.continues) content.skus = stored;
    const auto meant = recognise(file.skus, stored);
    for (std::size_t i = 0; i < meant.size(); ++i) {
        Sku sku = merged(tx, file.skus[i], meant[i]);
        Sku* const place = meant[i] != nullptr ? with_id(content.skus, sku.id) : nullptr;
        if (place != nullptr)
            *place = std::move(sku);
        else
            content.skus.push_back(std::move(sku));
    }
    Leftover leftover;
    for (const Sku& sku : stored) {
        if (std::ranges::find(meant, &sku) != meant.end()) continue;
        const bool kept = file.continues || can_stay(sku, content);
        if (kept) leftover.skus.push_back(sku.id);
        if (kept && !file.continues) content.skus.push_back(sku);
    }
    return leftover;
}

Leftover ProductImportWriter::fill_images(
    sql::Transaction& tx,
    const FileProduct& file,
    const std::vector<ProductImage>& stored,
    ProductContent& content
) const {
    Leftover leftover;
    if (!columns_.has(Column::image)) return leftover;
    content.images.clear();
    if (file.continues) content.images = stored;
    std::vector<MediaId> named;
    for (const FileImage& row : file.images) {
        ProductImage image{media_id(tx, row.url), row.alt};
        named.push_back(image.media);
        ProductImage* const known = find_image(content.images, image.media);
        const auto before = std::ranges::find(stored, image.media, &ProductImage::media);
        if (!columns_.has(Column::image_alt) && before != stored.end()) image.alt = before->alt;
        if (file.continues && known != nullptr)
            *known = std::move(image);
        else
            content.images.push_back(std::move(image));
    }
    for (const ProductImage& image : stored) {
        if (std::ranges::find(named, image.media) != named.end()) continue;
        const bool kept = file.continues || content.images.size() < kImagesMax;
        if (kept) leftover.images.push_back(image.media);
        if (kept && !file.continues) content.images.push_back(image);
    }
    return leftover;
}

Result<bool> ProductImportWriter::set_stock(
    sql::Transaction& tx, const FileProduct& file, ProductId product
) const {
    const auto stored = services_.products.find(tx, product).value().content.skus;
    std::vector<SkuId> ids;
    for (const Sku& sku : stored) ids.push_back(sku.id);
    const auto levels = services_.stock.levels(tx, ids);
    bool changed = false;
    const auto meant = recognise(file.skus, stored);
    for (std::size_t i = 0; i < meant.size(); ++i) {
        const FileSku& row = file.skus[i];
        const Sku* const sku = meant[i];
        if (sku == nullptr) continue;
        const auto level = levels.find(sku->id);
        if (level == levels.end()) {
            services_.stock.grant(tx, sku->id, row.quantity.value_or(0), actor_, kNote);
            changed = changed || row.quantity.value_or(0) > 0;
        } else if (row.quantity && *row.quantity != level->second.available) {
            const auto set =
                services_.stock.set_available(tx, sku->id, *row.quantity, actor_, kNote);
            if (set.has_error()) return set.error();
            changed = true;
        }
    }
    return changed;
}

Result<bool> ProductImportWriter::remove(
    sql::Transaction& tx, const std::string& handle, const Leftover& leftover
) const {
    lock_catalog(tx);
    const auto stored = services_.products.find_by_handle(tx, handle);
    if (!stored) return false;
    ProductContent content = stored->content;
    std::erase_if(content.skus, [&](const Sku& sku) {
        return std::ranges::find(leftover.skus, sku.id) != leftover.skus.end();
    });
    std::erase_if(content.images, [&](const ProductImage& image) {
        return std::ranges::find(leftover.images, image.media) != leftover.images.end();
    });
    return services_.products.update(tx, stored->id, std::move(content));
}

namespace {

// "skus[2].price" taken apart.
struct Path {
    std::string_view list;  // "skus"
    std::size_t index = 0;
    std::string_view name;  // "price"
};

Path path_of(std::string_view field) {
    Path path{field.substr(0, field.find_first_of("[.")), 0, {}};
    const std::size_t open = field.find('[');
    if (open != std::string_view::npos) {
        std::from_chars(field.data() + open + 1, field.data() + field.size(), path.index);
    }
    const std::size_t point = field.find('.');
    if (point != std::string_view::npos) path.name = field.substr(point + 1);
    return path;
}

Column sku_column(std::string_view name) {
    if (name == "sku") return Column::sku;
    if (name == "compare_at_price") return Column::compare_at_price;
    if (name == "grams") return Column::grams;
    if (name == "barcode") return Column::barcode;
    if (name == "options") return Column::option1_value;
    if (name == "image_id") return Column::variant_image;
    return Column::price;
}

Column product_column(std::string_view name) {
    if (name == "title") return Column::title;
    if (name == "body_html") return Column::body;
    if (name == "vendor") return Column::vendor;
    if (name == "product_type") return Column::type;
    if (name == "tags") return Column::tags;
    if (name == "category_id") return Column::category;
    return Column::handle;
}

template <class Row>
std::uint64_t line_of(const std::vector<Row>& rows, std::size_t index, const FileProduct& file) {
    return !file.continues && index < rows.size() ? rows[index].line : file.line;
}

RowError row_error(const FileProduct& file, const ErrorDetail& detail) {
    const Path path = path_of(detail.field);
    std::uint64_t line = file.line;
    Column column = product_column(path.list);
    if (path.list == "skus") {
        line = line_of(file.skus, path.index, file);
        column = sku_column(path.name);
    } else if (path.list == "images") {
        line = line_of(file.images, path.index, file);
        column = path.name == "alt" ? Column::image_alt : Column::image;
    } else if (path.list == "options") {
        column = option_name_column(std::min(path.index, kOptionsMax - 1));
    }
    return {line, std::string{name_of(column)}, detail.reason};
}

RowError whole_error(const FileProduct& file, const ErrorKind& kind) {
    const bool category = &kind == &kCategoryTooDeep || &kind == &kTooManyCategories;
    Column column = category ? Column::category : Column::handle;
    if (&kind == &kNothingToSell) column = Column::price;
    return {file.line, std::string{name_of(column)}, std::string{kind.message}};
}

}  // namespace

std::vector<RowError> row_errors(const FileProduct& file, const Error& error) {
    std::vector<RowError> errors;
    for (const ErrorDetail& detail : error.details()) {
        RowError found = row_error(file, detail);
        if (std::ranges::find(errors, found.line, &RowError::line) != errors.end()) continue;
        errors.push_back(std::move(found));
    }
    if (errors.empty()) errors.push_back(whole_error(file, error.kind()));
    return errors;
}

}  // namespace doorbuster::catalog
