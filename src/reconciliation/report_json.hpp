#pragma once

#include <boost/json/fwd.hpp>

#include "reconciliation/reconciliation.hpp"

namespace doorbuster::reconciliation {

boost::json::object to_json(const Reconciliation& run);
boost::json::object to_json(const Difference& difference);
boost::json::object to_json(const Report& report);

}  // namespace doorbuster::reconciliation
