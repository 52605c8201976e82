#pragma once

#include <boost/json/fwd.hpp>

#include "pay_api/app_service.hpp"

namespace doorbuster::pay_api {

// Apps as staff see them. A secret is rendered where it is made, and null (`told` = false) in what
// is remembered of the answer.
boost::json::object to_json(const AppService::View& view);
boost::json::object to_json(const AppService::Created& created, bool told);
boost::json::object to_json(const AppService::NewKeyOf& made, bool told);
boost::json::object to_json(const AppService::NewSecret& made);

}  // namespace doorbuster::pay_api
