#include "catalog/pages/product_page.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "catalog/media/media.hpp"
#include "catalog/media/media_service.hpp"
#include "catalog/model/changes.hpp"
#include "catalog/model/json_ids.hpp"
#include "catalog/pages/sql.hpp"
#include "catalog/store/product_store.hpp"

namespace doorbuster::catalog {

namespace queries = pages::queries;
namespace {

namespace json = boost::json;

constexpr std::string_view kNoPromotion = "null}";

std::vector<MediaId> media_of(const ProductContent& content) {
    std::vector<MediaId> ids;
    for (const ProductImage& image : content.images) ids.push_back(image.media);
    for (const Sku& sku : content.skus) {
        if (sku.image) ids.push_back(*sku.image);
    }
    return ids;
}

json::value category_json(const std::vector<Category>& path) {
    // What a shopper cannot see in the tree is not named here either.
    if (path.empty() || std::ranges::any_of(path, &Category::hidden)) return nullptr;
    json::array steps;
    for (const Category& step : path) {
        steps.push_back(json::object{{"id", step.id.to_string()}, {"name", step.name}});
    }
    return json::object{
        {"id", path.back().id.to_string()}, {"name", path.back().name}, {"path", std::move(steps)}};
}

// Each option with its values in the order in which SKUs first have them.
json::array options_json(const ProductContent& content) {
    json::array options;
    for (std::size_t i = 0; i < content.option_names.size(); ++i) {
        json::array values;
        for (const Sku& sku : content.skus) {
            const json::value value(sku.options[i]);
            if (std::ranges::find(values, value) == values.end()) values.push_back(value);
        }
        options.push_back(json::object{
            {"name", content.option_names[i]}, {"values", std::move(values)}});
    }
    return options;
}

json::array images_json(const PageContent& page) {
    json::array images;
    for (const ProductImage& image : page.product.content.images) {
        images.push_back(json::object{
            {"id", image.media.to_string()},
            {"url", page.images.at(image.media)},
            {"alt", image.alt}});
    }
    return images;
}

json::object sku_json(const PageContent& page, const Sku& sku) {
    json::array options;
    for (std::size_t i = 0; i < page.product.content.option_names.size(); ++i) {
        options.emplace_back(sku.options[i]);
    }
    json::value compare_at = nullptr;
    if (sku.compare_at_price) compare_at = sku.compare_at_price->fen();
    json::value image = nullptr;
    if (sku.image) image = page.images.at(*sku.image);
    return {
        {"id", sku.id.to_string()},
        {"sku", sku.code},
        {"price", sku.price.fen()},
        {"compare_at_price", std::move(compare_at)},
        {"options", std::move(options)},
        {"image", std::move(image)}};
}

json::object head_json(const PageContent& page) {
    const ProductContent& content = page.product.content;
    return {
        {"id", page.product.id.to_string()},
        {"title", content.title},
        {"handle", content.handle},
        {"body_html", content.body_html},
        {"vendor", content.vendor},
        {"product_type", content.product_type},
        {"tags", json::array(content.tags.begin(), content.tags.end())},
        {"category", category_json(page.path)},
        {"options", options_json(content)},
        {"images", images_json(page)},
        {"price_min", page.product.price_min.fen()},
        {"price_max", page.product.price_max.fen()}};
}

// An object's text without its closing brace, for more to follow.
std::string open_text(const json::object& object) {
    std::string text = json::serialize(object);
    text.pop_back();
    return text;
}

std::string number_of(const Availability& stock, SkuId sku) {
    const auto found = stock.find(sku);
    return std::to_string(found == stock.end() ? 0 : found->second);
}

std::vector<cache::Tag> tags_of(const PageContent& page, ProductPage::Stock stock) {
    std::vector<cache::Tag> tags{product_tag(page.product.id)};
    for (const Category& step : page.path) tags.push_back(category_tag(step.id));
    if (stock == ProductPage::Stock::gaps) return tags;
    for (const Sku& sku : page.product.content.skus) tags.push_back(stock_tag(sku.id));
    return tags;
}

}  // namespace

std::optional<PageContent> read_page(sql::Reader& reader, ProductId id) {
    auto product = store::find_product(reader, id);
    if (!product || product->status != ProductStatus::active) return std::nullopt;
    PageContent page{.product = *std::move(product)};
    const ProductContent& content = page.product.content;
    if (content.category) {
        page.path = reader.all(queries::category_path, {*content.category}, [](const auto& row) {
            return Category{
                row.template id<CategoryId>(0),
                row.template optional_id<CategoryId>(1),
                row.string(2),
                row.integer(3),
                row.boolean(4)};
        });
    }
    for (const Media& media : find_media(reader, media_of(content))) {
        page.images.emplace(media.id, media.address());
    }
    page.availability = read_availability(reader, id);
    return page;
}

Availability read_availability(sql::Reader& reader, ProductId id) {
    Availability stock;
    reader.query(queries::availability_of_product, {id}, [&](const sql::Row& row) {
        stock.emplace(row.id<SkuId>(0), row.integer(1));
    });
    return stock;
}

ProductPage::ProductPage(const PageContent& content, Stock stock)
    : text_{open_text(head_json(content))}, tags_{tags_of(content, stock)} {
    text_ += ",\"skus\":[";
    bool first = true;
    for (const Sku& sku : content.product.content.skus) {
        if (!first) text_ += ',';
        first = false;
        text_ += open_text(sku_json(content, sku)) + ",\"stock\":";
        if (stock == Stock::filled) {
            text_ += number_of(content.availability, sku.id);
        } else {
            gaps_.push_back({text_.size(), sku.id});
        }
        text_ += '}';
    }
    text_.append("],\"promotion\":").append(kNoPromotion);
    etag_ = weak_etag(text_);
}

std::string ProductPage::text(const Availability& stock, std::string_view promotion_json) const {
    std::string filled;
    filled.reserve(text_.size() + gaps_.size() * 8 + promotion_json.size());
    std::size_t from = 0;
    for (const Gap& gap : gaps_) {
        filled.append(text_, from, gap.at - from).append(number_of(stock, gap.sku));
        from = gap.at;
    }
    filled.append(text_, from, text_.size() - kNoPromotion.size() - from);
    return filled.append(promotion_json).append("}");
}

std::string weak_etag(std::string_view data) {
    // FNV-1a: the same on every node, and nothing rests on it being hard to forge.
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : data) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    std::string etag = "W/\"";
    for (int shift = 60; shift >= 0; shift -= 4) etag += "0123456789abcdef"[(hash >> shift) & 15];
    return etag += '"';
}

}  // namespace doorbuster::catalog
