#pragma once

#include <functional>
#include <string>

#include "core/result.hpp"
#include "http/fields.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "pay_api/app_routes.hpp"

// What the routes of staff and those of the admin socket have in common.
namespace doorbuster::pay_api {

struct NewApp {
    std::string name;
    std::string notify_url;  // empty: none
    std::string return_url;  // empty: a page of ours
};
NewApp read_new_app(http::Fields& fields);
// How long the older signing secret signs beside a new one: `overlap_hours`, 0 when there is no
// body. Errors: kValidationFailed and what Fields tells of bodies.
Result<Milliseconds> read_overlap(const http::Request& request);
// Empty text for null.
std::optional<std::string> read_notify_url(http::Fields& fields);
std::optional<std::string> read_return_url(http::Fields& fields);

// `data` of an answer that shows a secret, and of the same answer when it is repeated.
struct Shown {
    std::string first;
    std::string repeated;
};
using ShowOnce = std::function<Result<Shown>(sql::Transaction&)>;
// As idempotency::respond with 201, but what is remembered holds no secret.
Task<http::Response> respond_once(
    const AppRoutesDeps& deps, const http::Request& request, ShowOnce work
);

// Their errors are those of AppService.
Result<Shown> create_app(
    const AppRoutesDeps& deps, sql::Transaction& tx, AppService::Actor actor, const NewApp& wanted
);
Result<Shown> add_key(
    const AppRoutesDeps& deps, sql::Transaction& tx, AppService::Actor actor, AppId app
);

}  // namespace doorbuster::pay_api
