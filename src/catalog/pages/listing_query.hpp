#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/product.hpp"
#include "catalog/model/search_words.hpp"
#include "ports/sql.hpp"

namespace doorbuster::catalog {

enum class ListingSort { newest, price_asc, price_desc, relevance, updated };

// Which products, in which order, which part of them.
struct ListingFilter {
    std::optional<ProductStatus> status;  // none: any
    std::optional<std::vector<CategoryId>> categories;
    SearchWords words;
    std::optional<Money> min_price;  // a SKU costs at least this …
    std::optional<Money> max_price;  // … and one at most this
    bool in_stock = false;           // a SKU can be bought now
    std::string sku_code;            // a SKU on offer has exactly this code; empty: any
    ListingSort sort = ListingSort::newest;
    std::int64_t offset = 0;
    std::int64_t limit = 20;
};

// The two statements of a listing. A filter has too many shapes for one text each in a file, and
// one text with every condition optional could use no index; so the text is put together from fixed
// pieces, and equal texts are one Statement for the life of the process. No value of a filter is
// ever part of the text, so the number of texts is bounded.
class ListingQuery {
public:
    ListingQuery(const ListingFilter& filter, sql::Dialect dialect);

    // Ids of the page, in order.
    std::vector<ProductId> page(sql::Reader& reader) const;
    // How many match on all pages.
    std::int64_t total(sql::Reader& reader) const;

private:
    std::string bind(sql::Param param);
    std::string bind_text(std::string text);
    void where(const std::string& condition);
    void where_prices(const ListingFilter& filter);
    void where_words(const SearchWords& words);
    std::string order(const ListingFilter& filter);

    sql::Dialect dialect_;
    std::deque<std::string> texts_;  // what the parameters view
    std::vector<sql::Param> params_;
    std::string where_;
    std::size_t where_params_ = 0;  // the first ones; the order and the page use the rest
    std::string tail_;
};

}  // namespace doorbuster::catalog
