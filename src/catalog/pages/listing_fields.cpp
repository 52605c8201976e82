#include "catalog/pages/listing_fields.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::catalog {
namespace {

using http::Fields;
using Words = std::vector<std::string_view>;

ListingSort sort_of(std::string_view word) {
    if (word == "price_asc") return ListingSort::price_asc;
    if (word == "price_desc") return ListingSort::price_desc;
    if (word == "relevance") return ListingSort::relevance;
    if (word == "updated") return ListingSort::updated;
    return ListingSort::newest;
}

void read_sort(Fields& query, const Words& allowed, ListingFilter& filter) {
    const bool searches = !filter.words.empty();
    const auto word = query.optional_word("sort", allowed);
    filter.sort = sort_of(word.value_or(searches ? "relevance" : "newest"));
    if (filter.sort == ListingSort::relevance && !searches) {
        query.reject("sort", "can be relevance only with a search (q)");
    }
}

ListingRequest read(Fields& query, const Words& sorts) {
    ListingRequest listing;
    ListingFilter& filter = listing.filter;
    listing.category = query.optional_id<CategoryId>("category_id");
    const auto words = query.optional_text("q", {.min = 0, .max = kSearchMax});
    filter.words = SearchWords{words.value_or("")};
    filter.min_price = query.optional_money("min_price", Money{}, kPriceMax);
    filter.max_price = query.optional_money("max_price", Money{}, kPriceMax);
    filter.in_stock = query.optional_boolean("in_stock").value_or(false);
    read_sort(query, sorts, filter);
    listing.page = http::page_of(query);
    filter.offset = listing.page.offset();
    filter.limit = listing.page.page_size;
    return listing;
}

}  // namespace

ListingRequest read_listing(Fields& query) {
    ListingRequest listing = read(query, {"newest", "price_asc", "price_desc", "relevance"});
    listing.filter.status = ProductStatus::active;
    return listing;
}

ListingRequest read_admin_listing(Fields& query) {
    ListingRequest listing =
        read(query, {"newest", "price_asc", "price_desc", "relevance", "updated"});
    const auto status = query.optional_word("status", {"draft", "active", "archived"});
    if (status) listing.filter.status = product_status(*status);
    listing.filter.sku_code = query.optional_text("sku", {.max = kShortTextMax}).value_or("");
    return listing;
}

}  // namespace doorbuster::catalog
