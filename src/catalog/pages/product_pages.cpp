#include "catalog/pages/product_pages.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "catalog/model/errors.hpp"
#include "http/envelope.hpp"
#include "http/text.hpp"

namespace doorbuster::catalog {
namespace {

// How old a shared database's page may be; its stock is never old.
constexpr Milliseconds kSharedAgeMax{30'000};

cache::NearCacheLimits for_sharing(cache::NearCacheLimits limits, bool shared) {
    if (shared) limits.time_to_live = std::min(limits.time_to_live, kSharedAgeMax);
    return limits;
}

std::string_view opaque(std::string_view etag) {
    return etag.starts_with("W/") ? etag.substr(2) : etag;
}

bool has_already(const http::Request& request, std::string_view etag) {
    const std::string_view header = request.header("if-none-match");
    if (header.empty()) return false;
    bool same = false;
    http::for_each_part(header, ',', [&](std::string_view known) {
        same |= known == "*" || opaque(known) == opaque(etag);
    });
    return same;
}

http::Response with_etag(const http::Request& request, std::string_view data, std::string etag) {
    http::Response response;
    if (has_already(request, etag)) {
        response.status = 304;
    } else {
        response = http::ok_json(request, data);
    }
    response.with("ETag", std::move(etag)).with("Cache-Control", "no-cache");
    return response;
}

}  // namespace

ProductPages::ProductPages(
    sql::Database& database,
    const CatalogChanges& changes,
    const Clock& clock,
    metrics::Registry* metrics,
    cache::NearCacheLimits limits
)
    : database_{database},
      shared_{database.shared()},
      pages_{
          changes.generations(),
          clock,
          for_sharing(limits, shared_),
          cache::CacheMetrics{metrics, "product_pages"}} {}

std::optional<http::Response> ProductPages::answer_at_once(const http::Request& request) {
    const auto id = request.path_id<ProductId>("id");
    if (id == ProductId{}) return http::failure(request, kProductNotFound);
    const auto page = pages_.find(id);
    if (!page) return std::nullopt;
    if (!*page) return http::failure(request, kProductNotFound);
    if (shared_) return std::nullopt;
    return render(request, id, **page, {});
}

Task<http::Response> ProductPages::answer(const http::Request& request) {
    const auto id = request.path_id<ProductId>("id");
    const auto moment = pages_.moment();  // before the snapshot is taken
    const auto load_in = [this, id, moment](sql::Reader& reader) {
        return load(reader, id, moment);
    };
    const Loaded loaded = co_await database_.read(load_in);
    if (!loaded.page) co_return http::failure(request, kProductNotFound);
    co_return render(request, id, *loaded.page, loaded.stock);
}

ProductPages::Loaded ProductPages::load(sql::Reader& reader, ProductId id, Moment moment) {
    if (const auto kept = pages_.find(id)) {
        const bool stock_too = *kept && shared_;
        return {*kept, stock_too ? read_availability(reader, id) : Availability{}};
    }
    pages_.count_miss();
    auto content = read_page(reader, id);
    if (!content) {
        pages_.insert(id, nullptr, sizeof(ProductId), {product_tag(id)}, moment);
        return {};
    }
    using Stock = ProductPage::Stock;
    auto page =
        std::make_shared<const ProductPage>(*content, shared_ ? Stock::gaps : Stock::filled);
    pages_.insert(id, page, page->bytes(), page->tags(), moment);
    return {std::move(page), std::move(content->availability)};
}

http::Response ProductPages::render(
    const http::Request& request, ProductId id, const ProductPage& page, const Availability& stock
) const {
    const std::string promotion = promotions_ ? promotions_->promotion_json(id) : "null";
    if (!shared_ && promotion == "null") {
        return with_etag(request, page.plain_text(), page.plain_etag());
    }
    const std::string text = page.text(stock, promotion);
    return with_etag(request, text, weak_etag(text));
}

}  // namespace doorbuster::catalog
