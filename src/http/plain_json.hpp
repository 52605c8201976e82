#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace doorbuster::http {

// JSON text whose numbers are plain decimals: 0.1, where Boost.JSON writes 1E-1. Both are JSON, but
// people read the former.
std::string plain_json(const boost::json::value& value);

}  // namespace doorbuster::http
