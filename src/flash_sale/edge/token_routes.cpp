#include <boost/json/object.hpp>

#include "core/assert.hpp"
#include "flash_sale/edge/shopper_routes.hpp"
#include "flash_sale/model/errors.hpp"
#include "http/fields.hpp"

namespace doorbuster::flash_sale {
namespace {

using http::Access;
using http::Method;
using http::Request;
using http::Response;

const ErrorKind& refusal_of(Entry entry) {
    switch (entry) {
        case Entry::in:
        case Entry::no_lease:
            break;
        case Entry::sold_out:
            return kSoldOut;
        case Entry::limit_reached:
            return kLimitReached;
        case Entry::door_full:
            return kDoorFull;
        case Entry::unknown_item:
            return kItemNotFound;
        case Entry::lease_in_use:
            return kTokenUsed;
    }
    const bool is_refusal_of_a_door = false;
    DOORBUSTER_ASSERT(is_refusal_of_a_door);
    return kItemNotFound;
}

struct Answer {
    std::string captcha;
    std::string text;
};

Result<Answer> answer_of(const Request& request) {
    http::Fields fields = http::Fields::body(request);
    Answer answer{
        fields.text("captcha_id", {.max = 64}), fields.text("answer", {.min = 0, .max = 32})};
    if (auto bad = fields.check(); bad.has_error()) return bad.error();
    return answer;
}

// What is looked at before a place at the door is taken.
Result<void> may_enter(
    ShopperRoutesDeps& deps, const Entrance::Visit& visit, UserId user, const Answer& answer
) {
    // Again: what was true before the session was looked up may have changed.
    if (auto closed = deps.entrance.check_on_sale(*visit.item); closed.has_error()) return closed;
    return deps.captchas.answer(user, visit.item->id, answer.captcha, answer.text);
}

TokenClaims claims_for(ShopperRoutesDeps& deps, const SaleItem& item, UserId user, Time now) {
    return {
        .user = user,
        .item = item.id,
        .epoch = item.epoch,
        .window_ends = item.window.ends_at,
        .expires = std::min(now + deps.lease, item.window.ends_at),
        .nonce = deps.random.next_u64()};
}

Task<Response> take(ShopperRoutesDeps& deps, Request& request) {
    Entrance::Visit visit;
    const auto refusal = deps.entrance.admit(request, ShopperLimits::Route::token, visit);
    if (refusal) co_return *refusal;
    const auto answer = answer_of(request);
    if (answer.has_error()) co_return deps.entrance.refuse(request, visit, answer.error());
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto allowed = may_enter(deps, visit, request.user(), *answer);
    if (allowed.has_error()) co_return deps.entrance.refuse(request, visit, allowed.error());
    const Time now = deps.sale_clock.now();
    const TokenClaims claims = claims_for(deps, *visit.item, request.user(), now);
    const Entry entry =
        co_await deps.gate.open_door(claims.item, claims.user, claims.nonce, claims.expires - now);
    if (entry != Entry::in) co_return deps.entrance.refuse(request, visit, refusal_of(entry));
    const boost::json::object data{
        {"token", deps.tokens.sign(claims)}, {"expires_at", to_rfc3339(claims.expires)}};
    co_return deps.entrance.done(http::created(request, data), visit, "token");
}

// Giving back what one does not have is as good as having given it back.
Task<Response> give_back(ShopperRoutesDeps& deps, Request& request) {
    Entrance::Visit visit;
    const auto refusal = deps.entrance.admit(request, ShopperLimits::Route::token, visit);
    if (refusal) co_return *refusal;
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    deps.gate.leave_door(visit.item->id, request.user());
    co_return deps.entrance.done(http::done(request), visit, "other");
}

}  // namespace

http::Routes token_routes(ShopperRoutesDeps& deps) {
    static constexpr auto kPath = "/api/v1/flash-sales/{item}/token";
    http::RouteOptions options;
    options.early = [&deps](Request& request) { return deps.entrance.refuse_early(request); };
    const http::AsyncHandler post = [&deps](Request& request) { return take(deps, request); };
    const http::AsyncHandler del = [&deps](Request& request) { return give_back(deps, request); };
    return {
        {Method::post, kPath, Access::user(), post, options},
        {Method::del, kPath, Access::user(), del}};
}

}  // namespace doorbuster::flash_sale
