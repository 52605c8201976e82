#include "http/listing.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace doorbuster::http {

boost::json::object listing_json(boost::json::array rows, std::int64_t total, const Page& page) {
    return {
        {"list", std::move(rows)},
        {"total", total},
        {"page", page.page},
        {"page_size", page.page_size}};
}

boost::json::object whole_listing_json(boost::json::array rows, std::int64_t rows_max) {
    const auto total = static_cast<std::int64_t>(rows.size());
    return listing_json(std::move(rows), total, {.page = 1, .page_size = rows_max});
}

}  // namespace doorbuster::http
