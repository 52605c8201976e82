#include "catalog/pages/listing_query.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "catalog/model/json_ids.hpp"
#include "core/assert.hpp"

namespace doorbuster::catalog {
namespace {

using sql::Dialect;

// The same expression as the trigram index of migration 0003, or PostgreSQL would not use it.
constexpr const char* kHaystack =
    "(p.title || ' ' || p.tags || ' ' || p.vendor || ' ' || p.body_text)";
// So many words are looked up in that index; more are checked on what those find.
constexpr std::size_t kIndexedWordsMax = 4;
// 2 statuses × category × prices × stock × SKU code × words × sorts: far fewer are ever asked for.
constexpr std::size_t kTextsMax = 4'096;

struct OwnedStatement {
    std::string text;
    sql::Statement statement;
};

// Adapters know a statement by its address, so each text lives once and for ever.
const sql::Statement& interned(const char* name, const std::string& text) {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<OwnedStatement>> all;
    const std::lock_guard lock{mutex};
    auto& owned = all[text];
    if (!owned) {
        DOORBUSTER_ASSERT(all.size() <= kTextsMax);
        owned = std::make_unique<OwnedStatement>();
        owned->text = text;
        owned->statement = {name, owned->text, owned->text};
    }
    return owned->statement;
}

std::string json_texts(const std::vector<std::string>& texts) {
    return boost::json::serialize(boost::json::array(texts.begin(), texts.end()));
}

// A table of one column, `value`, from a parameter that holds a JSON array.
std::string unpacked(const std::string& parameter, const char* type, Dialect dialect) {
    if (dialect == Dialect::sqlite) return "SELECT value FROM json_each(" + parameter + ")";
    return std::string{"SELECT CAST(value AS "} + type +
           ") AS value FROM json_array_elements_text(CAST(" + parameter + " AS JSON))";
}

constexpr const char* kInStock =
    "EXISTS (SELECT 1 FROM skus s JOIN sku_availability a ON a.sku_id = s.id"
    " WHERE s.product_id = p.id AND s.removed = 0 AND a.available > 0)";

}  // namespace

ListingQuery::ListingQuery(const ListingFilter& filter, Dialect dialect) : dialect_{dialect} {
    if (filter.status) {
        // As a literal, so that both planners know how selective it is.
        where("p.status = '" + std::string{to_string(*filter.status)} + "'");
    }
    if (filter.categories) {
        const std::string ids = bind_text(json_ids(std::span{*filter.categories}));
        where("p.category_id IN (" + unpacked(ids, "BIGINT", dialect_) + ")");
    }
    where_prices(filter);
    if (filter.in_stock) where(kInStock);
    if (!filter.sku_code.empty()) {
        where(
            "p.id IN (SELECT product_id FROM skus WHERE removed = 0 AND sku <> '' AND sku = " +
            bind_text(filter.sku_code) + ")"
        );
    }
    where_words(filter.words);
    where_params_ = params_.size();
    tail_ = " ORDER BY " + order(filter);
    tail_ += " LIMIT " + bind(filter.limit) + " OFFSET " + bind(filter.offset);
}

std::string ListingQuery::bind(sql::Param param) {
    params_.push_back(param);
    return "$" + std::to_string(params_.size());
}

std::string ListingQuery::bind_text(std::string text) {
    texts_.push_back(std::move(text));
    return bind(sql::Param{texts_.back()});
}

void ListingQuery::where(const std::string& condition) {
    where_ += (where_.empty() ? " WHERE " : " AND ") + condition;
}

void ListingQuery::where_prices(const ListingFilter& filter) {
    if (filter.min_price) where("p.price_max >= " + bind(*filter.min_price));
    if (filter.max_price) where("p.price_min <= " + bind(*filter.max_price));
}

void ListingQuery::where_words(const SearchWords& words) {
    if (words.empty()) return;
    if (dialect_ == Dialect::postgres) {
        const auto patterns = words.patterns();
        const std::size_t indexed = std::min(patterns.size(), kIndexedWordsMax);
        for (std::size_t i = 0; i < indexed; ++i) {
            where(kHaystack + (" ILIKE " + bind_text(patterns[i])));
        }
        if (patterns.size() == indexed) return;
        const std::string rest = unpacked(bind_text(json_texts(patterns)), "TEXT", dialect_);
        where(
            "NOT EXISTS (SELECT 1 FROM (" + rest + ") w WHERE " + kHaystack + " NOT ILIKE w.value)"
        );
        return;
    }
    if (const std::string match = words.fts_match(); !match.empty()) {
        where(
            "p.id IN (SELECT rowid FROM product_search WHERE product_search MATCH " +
            bind_text(match) + ")"
        );
    }
    const auto patterns = words.short_patterns();
    if (patterns.empty()) return;
    const std::string list = unpacked(bind_text(json_texts(patterns)), "TEXT", dialect_);
    where(
        "NOT EXISTS (SELECT 1 FROM (" + list + ") w WHERE " + kHaystack +
        " NOT LIKE w.value ESCAPE '\\')"
    );
}

std::string ListingQuery::order(const ListingFilter& filter) {
    switch (filter.sort) {
        case ListingSort::newest:
            break;
        case ListingSort::price_asc:
            return "p.price_min, p.id";
        case ListingSort::price_desc:
            return "p.price_min DESC, p.id DESC";
        case ListingSort::updated:
            return "p.updated_at DESC, p.id DESC";
        case ListingSort::relevance: {
            // Words in the title first, and there the title that says little else.
            const std::string list =
                unpacked(bind_text(json_texts(filter.words.patterns())), "TEXT", dialect_);
            const char* like =
                dialect_ == Dialect::sqlite ? " LIKE w.value ESCAPE '\\'" : " ILIKE w.value";
            return "(SELECT COUNT(*) FROM (" + list + ") w WHERE p.title" + like +
                   ") DESC, LENGTH(p.title), p.id DESC";
        }
    }
    return "p.id DESC";
}

std::vector<ProductId> ListingQuery::page(sql::Reader& reader) const {
    const std::string text = "SELECT p.id FROM products p" + where_ + tail_;
    const sql::Statement& statement = interned("catalog.list_products", text);
    return reader.all(statement, std::span{params_}, [](const sql::Row& row) {
        return row.id<ProductId>(0);
    });
}

std::int64_t ListingQuery::total(sql::Reader& reader) const {
    const std::string text = "SELECT COUNT(*) FROM products p" + where_;
    const sql::Statement& statement = interned("catalog.count_products", text);
    std::int64_t count = 0;
    reader.query(statement, std::span{params_}.first(where_params_), [&](const sql::Row& row) {
        count = row.integer(0);
    });
    return count;
}

}  // namespace doorbuster::catalog
