#include "catalog/store/product_service.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "catalog/media/media_service.hpp"
#include "catalog/model/catalog_lock.hpp"
#include "catalog/model/errors.hpp"
#include "catalog/model/rich_text.hpp"
#include "catalog/store/product_store.hpp"
#include "catalog/store/sql.hpp"

namespace doorbuster::catalog {

namespace queries = store::queries;
namespace {

using store::PlacedSku;

// A handle that nobody has is needed for a title without letters, or one that was used before.
std::string base36(std::int64_t number) {
    std::string digits;
    for (; number > 0; number /= 36) {
        digits.insert(digits.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36]);
    }
    return digits;
}

std::string free_handle(sql::Reader& reader, std::string_view title, Time now) {
    std::string handle = handle_from(title);
    if (!store::find_id_by_handle(reader, handle)) return handle;
    return handle + '-' + base36(to_milliseconds(now));
}

Result<void> check_media(sql::Reader& reader, const ProductContent& content) {
    std::vector<MediaId> wanted;
    for (const ProductImage& image : content.images) wanted.push_back(image.media);
    for (const Sku& sku : content.skus) {
        if (sku.image) wanted.push_back(*sku.image);
    }
    std::unordered_set<MediaId> known;
    for (const Media& media : find_media(reader, wanted)) known.insert(media.id);
    std::vector<ErrorDetail> details;
    for (std::size_t i = 0; i < content.images.size(); ++i) {
        if (known.contains(content.images[i].media)) continue;
        details.push_back({"images[" + std::to_string(i) + "].id", "there is no such picture"});
    }
    for (std::size_t i = 0; i < content.skus.size(); ++i) {
        const auto& image = content.skus[i].image;
        if (!image || known.contains(*image)) continue;
        details.push_back({"skus[" + std::to_string(i) + "].image_id", "there is no such picture"});
    }
    if (details.empty()) return {};
    return Error{kUnknownReference, std::move(details)};
}

Result<void> check_category(sql::Reader& reader, const ProductContent& content) {
    if (!content.category || store::category_exists(reader, *content.category)) return {};
    return Error{kUnknownReference, "category_id", "there is no such category"};
}

Result<void> check_codes(sql::Reader& reader, const ProductContent& content, ProductId product) {
    std::vector<std::string> codes;
    for (const Sku& sku : content.skus) {
        if (!sku.code.empty()) codes.push_back(sku.code);
    }
    const auto taken = store::codes_of_other_products(reader, codes, product);
    if (taken.empty()) return {};
    std::vector<ErrorDetail> details;
    for (std::size_t i = 0; i < content.skus.size(); ++i) {
        if (std::ranges::find(taken, content.skus[i].code) == taken.end()) continue;
        details.push_back({"skus[" + std::to_string(i) + "].sku", "another product has it"});
    }
    return Error{kSkuCodeTaken, std::move(details)};
}

// Everything that the content must satisfy against the rest of the catalog, lock held.
Result<void> check_against_catalog(
    sql::Reader& reader, const ProductContent& content, ProductId product
) {
    if (auto bad = check(content); bad.has_error()) return bad;
    if (auto bad = check_category(reader, content); bad.has_error()) return bad;
    if (auto bad = check_media(reader, content); bad.has_error()) return bad;
    return check_codes(reader, content, product);
}

store::ProductRow row_of(const ProductContent& content, Time now) {
    store::ProductRow row{content, text_of(content.body_html), {}, {}, now};
    if (content.skus.empty()) return row;
    const auto [low, high] = std::ranges::minmax(content.skus, {}, &Sku::price);
    row.price_min = low.price;
    row.price_max = high.price;
    return row;
}

std::vector<PlacedSku> placed(const std::vector<Sku>& skus) {
    std::vector<PlacedSku> all;
    for (const Sku& sku : skus) all.push_back({&sku, static_cast<std::int64_t>(all.size())});
    return all;
}

// Gives SKUs without an id the id of the stored one with the same options.
Result<void> recognise_skus(std::vector<Sku>& wanted, const std::vector<Sku>& stored) {
    std::unordered_set<SkuId> claimed;
    for (const Sku& sku : wanted) claimed.insert(sku.id);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        Sku& sku = wanted[i];
        const auto same = std::ranges::find_if(stored, [&](const Sku& candidate) {
            if (sku.id != SkuId{}) return candidate.id == sku.id;
            return candidate.options == sku.options && !claimed.contains(candidate.id);
        });
        if (same != stored.end()) {
            sku.id = same->id;
        } else if (sku.id != SkuId{}) {
            return Error{
                kSkuNotFound, "skus[" + std::to_string(i) + "].id", "is not of this product"};
        }
    }
    return {};
}

// Stored SKUs that are gone or different, by place or value.
std::vector<SkuId> outdated(const std::vector<Sku>& stored, const std::vector<Sku>& wanted) {
    std::vector<SkuId> ids;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        if (i >= wanted.size() || stored[i] != wanted[i]) ids.push_back(stored[i].id);
    }
    return ids;
}

void save_skus(
    sql::Transaction& tx,
    ProductId product,
    const std::vector<Sku>& stored,
    const std::vector<Sku>& wanted,
    Time now
) {
    const std::vector<SkuId> old = outdated(stored, wanted);
    store::remove_skus(tx, product, old, now);
    std::vector<PlacedSku> fresh;
    for (const PlacedSku& sku : placed(wanted)) {
        if (sku.sku->id == SkuId{}) {
            fresh.push_back(sku);
        } else if (std::ranges::find(old, sku.sku->id) != old.end()) {
            store::update_sku(tx, product, sku, now);
        }
    }
    store::insert_skus(tx, product, fresh, now);
}

}  // namespace

std::optional<Product> ProductService::find(sql::Reader& reader, ProductId id) const {
    return store::find_product(reader, id);
}

std::optional<Product> ProductService::find_by_handle(sql::Reader& reader, std::string_view handle)
    const {
    const auto id = store::find_id_by_handle(reader, handle);
    return id ? store::find_product(reader, *id) : std::nullopt;
}

std::optional<ProductId> ProductService::product_of(sql::Reader& reader, SkuId sku) const {
    return reader.find(queries::find_product_of_sku, {sku}, [](const sql::Row& row) {
        return row.id<ProductId>(0);
    });
}

Result<Product> ProductService::load_for_change(
    sql::Transaction& tx, ProductId id, std::optional<Time> expected
) const {
    lock_catalog(tx);
    auto stored = store::find_product(tx, id);
    if (!stored) return kProductNotFound;
    if (expected && *expected != stored->updated_at) return kProductChanged;
    return *std::move(stored);
}

Result<ProductId> ProductService::create(sql::Transaction& tx, ProductContent content) const {
    lock_catalog(tx);
    const Time now = clock_.now();
    if (content.handle.empty()) content.handle = free_handle(tx, content.title, now);
    if (auto bad = check_against_catalog(tx, content, ProductId{}); bad.has_error()) {
        return bad.error();
    }
    content.body_html = sanitize_rich_text(content.body_html);
    const auto id = store::insert_product(tx, row_of(content, now));
    if (!id) return Error{kHandleTaken, "handle", "another product has it"};
    store::insert_images(tx, *id, content.images);
    store::insert_skus(tx, *id, placed(content.skus), now);
    changes_.product_changed(tx, *id);
    return *id;
}

Result<bool> ProductService::update(
    sql::Transaction& tx, ProductId id, ProductContent content, std::optional<Time> expected
) const {
    const auto stored = load_for_change(tx, id, expected);
    if (stored.has_error()) return stored.error();
    const ProductContent& before = stored->content;

    if (content.handle.empty()) content.handle = before.handle;
    if (auto bad = check_against_catalog(tx, content, id); bad.has_error()) {
        return bad.error();
    }
    const auto owner = store::find_id_by_handle(tx, content.handle);
    if (owner && *owner != id) return Error{kHandleTaken, "handle", "another product has it"};
    if (auto bad = recognise_skus(content.skus, before.skus); bad.has_error()) return bad.error();
    if (stored->status == ProductStatus::active && content.skus.empty()) return kNothingToSell;

    content.body_html = sanitize_rich_text(content.body_html);
    if (content == before) return false;
    const Time now = std::max(clock_.now(), stored->updated_at + Milliseconds{1});
    store::update_product(tx, id, row_of(content, now));
    if (content.images != before.images) store::replace_images(tx, id, content.images);
    save_skus(tx, id, before.skus, content.skus, now);
    changes_.product_changed(tx, id);
    return true;
}

Result<void> ProductService::set_status(
    sql::Transaction& tx, ProductId id, ProductStatus status, std::optional<Time> expected
) const {
    const auto stored = load_for_change(tx, id, expected);
    if (stored.has_error()) return stored.error();
    if (stored->status == status) return {};
    if (status == ProductStatus::active && stored->content.skus.empty()) return kNothingToSell;
    const Time now = std::max(clock_.now(), stored->updated_at + Milliseconds{1});
    tx.execute(queries::set_product_status, {id, to_string(status), now});
    changes_.product_changed(tx, id);
    return {};
}

}  // namespace doorbuster::catalog
