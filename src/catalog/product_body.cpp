#include "catalog/product_body.hpp"

#include <algorithm>
#include <string_view>

#include "http/text.hpp"

namespace doorbuster::catalog {
namespace {

using http::Fields;
using http::TextLimits;

constexpr TextLimits kShort{.min = 0, .max = kShortTextMax};
constexpr TextLimits kNotEmpty{.max = kShortTextMax};
constexpr TextLimits kBody{.min = 0, .max = kBodyMax, .multiline = true};

template <class T>
void set(T& target, const std::optional<T>& value) {
    if (value) target = *value;
}

// Null takes the value away, absence leaves it.
template <class T>
std::optional<std::optional<T>> clearable(
    const Fields& fields, std::string_view name, std::optional<T> value
) {
    if (value) return std::optional<std::optional<T>>{std::move(value)};
    if (fields.is_null(name)) return std::optional<std::optional<T>>{std::in_place, std::nullopt};
    return std::nullopt;
}

std::optional<std::vector<std::string>> optional_texts(
    Fields& fields, std::string_view name, std::size_t max, TextLimits each
) {
    if (!fields.has(name)) return std::nullopt;
    return fields.texts(name, max, each);
}

std::optional<std::vector<ProductImage>> read_images(Fields& fields) {
    if (!fields.has("images")) return std::nullopt;
    std::vector<ProductImage> images;
    for (Fields& entry : fields.objects("images", 0, kImagesMax)) {
        const auto id = entry.id<MediaId>("id");
        images.push_back({id, entry.optional_text("alt", kShort).value_or("")});
    }
    return images;
}

std::optional<std::vector<SkuBody>> read_skus(Fields& fields) {
    if (!fields.has("skus")) return std::nullopt;
    std::vector<SkuBody> skus;
    for (Fields& entry : fields.objects("skus", 0, kSkusMax)) {
        skus.push_back(read_sku_body(entry, BodyKind::whole));
    }
    return skus;
}

}  // namespace

SkuBody read_sku_body(Fields& fields, BodyKind kind) {
    SkuBody body;
    body.id = fields.optional_id<SkuId>("id");
    body.code = fields.optional_text("sku", kShort);
    body.options = optional_texts(fields, "options", kOptionsMax, kNotEmpty);
    const bool whole = kind == BodyKind::whole;
    body.price = whole ? fields.money("price", Money{}, kPriceMax)
                       : fields.optional_money("price", Money{}, kPriceMax);
    body.compare_at_price = clearable(
        fields, "compare_at_price", fields.optional_money("compare_at_price", Money{}, kPriceMax)
    );
    body.grams = fields.optional_integer("grams", 0, kGramsMax);
    body.barcode = fields.optional_text("barcode", kShort);
    body.image = clearable(fields, "image_id", fields.optional_id<MediaId>("image_id"));
    body.initial_stock = fields.optional_integer("initial_stock", 0, kInitialStockMax).value_or(0);
    return body;
}

ProductBody read_product_body(Fields& fields, BodyKind kind) {
    const TextLimits title{.max = kTitleMax};
    ProductBody body;
    body.handle = fields.optional_text("handle", kShort);
    body.title = kind == BodyKind::whole ? fields.text("title", title)
                                         : fields.optional_text("title", title);
    body.body_html = fields.optional_text("body_html", kBody);
    body.vendor = fields.optional_text("vendor", kShort);
    body.product_type = fields.optional_text("product_type", kShort);
    body.tags = optional_texts(fields, "tags", kTagsMax, kNotEmpty);
    body.category = clearable(fields, "category_id", fields.optional_id<CategoryId>("category_id"));
    body.option_names = optional_texts(fields, "options", kOptionsMax, kNotEmpty);
    body.images = read_images(fields);
    body.skus = read_skus(fields);
    return body;
}

std::optional<Time> read_version(Fields& fields, const http::Request& request) {
    const auto number = fields.optional_id<Id<struct VersionTag>>("version");
    if (number) return from_milliseconds(number->value());
    std::string_view header = request.header("if-match");
    if (header.empty() || header == "*") return std::nullopt;
    if (header.size() >= 2 && header.front() == '"' && header.back() == '"') {
        header = header.substr(1, header.size() - 2);
    }
    if (const auto told = http::parse_id(header)) return from_milliseconds(*told);
    fields.reject("If-Match", "is not a version of a product");
    return std::nullopt;
}

void SkuBody::apply_to(Sku& sku) const {
    set(sku.id, id);
    set(sku.code, code);
    if (options) {
        sku.options = {};
        std::ranges::copy(*options, sku.options.begin());
    }
    set(sku.price, price);
    set(sku.compare_at_price, compare_at_price);
    set(sku.grams, grams);
    set(sku.barcode, barcode);
    set(sku.image, image);
}

void ProductBody::apply_to(ProductContent& content) const {
    set(content.handle, handle);
    set(content.title, title);
    set(content.body_html, body_html);
    set(content.vendor, vendor);
    set(content.product_type, product_type);
    set(content.tags, tags);
    set(content.category, category);
    set(content.option_names, option_names);
    set(content.images, images);
    if (!skus) return;
    content.skus.clear();
    for (const SkuBody& body : *skus) body.apply_to(content.skus.emplace_back());
}

}  // namespace doorbuster::catalog
