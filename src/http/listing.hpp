#pragma once

#include <boost/json/fwd.hpp>

#include "http/fields.hpp"

// The one shape of every list: {"list":[…],"total":…,"page":…,"page_size":…}.
namespace doorbuster::http {

// `total` counts the rows of all pages.
boost::json::object listing_json(boost::json::array rows, std::int64_t total, const Page& page);

// Of what there is so little, `rows_max` at most, that it is always one page.
boost::json::object whole_listing_json(boost::json::array rows, std::int64_t rows_max);

}  // namespace doorbuster::http
