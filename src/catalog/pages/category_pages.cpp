#include "catalog/pages/category_pages.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "catalog/pages/category_json.hpp"
#include "http/envelope.hpp"

namespace doorbuster::catalog {
namespace {

constexpr std::int64_t kTree = 0;
constexpr Milliseconds kSharedAgeMax{30'000};

// A shard holds a sixteenth: enough for kCategoriesMax categories with long names.
cache::NearCacheLimits limits(bool shared) {
    cache::NearCacheLimits limits;
    limits.bytes = 16 * 8 * 1024 * 1024;
    limits.entries = 16;
    if (shared) limits.time_to_live = kSharedAgeMax;
    return limits;
}

http::Response render(const http::Request& request, const std::string& text) {
    http::Response response = http::ok_json(request, text);
    response.with("Cache-Control", "no-cache");
    return response;
}

}  // namespace

CategoryPages::CategoryPages(
    sql::Database& database,
    const CategoryService& categories,
    const CatalogChanges& changes,
    const Clock& clock,
    metrics::Registry* metrics
)
    : database_{database},
      categories_{categories},
      texts_{
          changes.generations(),
          clock,
          limits(database.shared()),
          cache::CacheMetrics{metrics, "category_tree"}} {}

std::optional<http::Response> CategoryPages::answer_at_once(const http::Request& request) {
    const auto text = texts_.find(kTree);
    if (!text) return std::nullopt;
    return render(request, **text);
}

Task<http::Response> CategoryPages::answer(const http::Request& request) {
    texts_.count_miss();
    const auto moment = texts_.moment();  // before the snapshot is taken
    const auto read_tree = [this](sql::Reader& reader) { return categories_.tree(reader); };
    const CategoryTree tree = co_await database_.read(read_tree);
    auto text = std::make_shared<const std::string>(boost::json::serialize(public_tree_json(tree)));
    texts_.insert(kTree, text, text->size(), {tree_tag()}, moment);
    co_return render(request, *text);
}

}  // namespace doorbuster::catalog
