#pragma once

#include <boost/json/fwd.hpp>

#include "webhooks/webhook.hpp"

namespace doorbuster::webhooks {

// A delivery as staff see it.
boost::json::object to_json(const Delivery& delivery);

}  // namespace doorbuster::webhooks
