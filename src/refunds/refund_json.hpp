#pragma once

#include <boost/json/fwd.hpp>

#include "refunds/refund.hpp"

namespace doorbuster::refunds {

// A refund as staff see it.
boost::json::object to_json(const Refund& refund);

}  // namespace doorbuster::refunds
