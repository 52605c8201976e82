#include "refunds/refund_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"
#include "refunds/errors.hpp"
#include "refunds/refund_json.hpp"

namespace doorbuster::refunds {
namespace {

using http::Request;
using http::Response;

constexpr http::TextLimits kReason{.min = 1, .max = 80};
constexpr http::TextLimits kNote{.min = 1, .max = 1000, .multiline = true};

Task<Response> request(RefundRoutesDeps& deps, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const NewRefund wanted{
        .payment = request.path_id<PaymentId>("id"),
        .amount = fields.money("amount", Money::fen(1)),
        .origin = Origin::staff,
        .reason = fields.text("reason", kReason),
        .asked_by = "u" + request.user().to_string(),
        .key = {}};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto refund = deps.refunds.request(tx, wanted);
        if (refund.has_error()) return refund.error();
        deps.audit.append(
            tx,
            request.user(),
            "refund.requested",
            "payment:" + wanted.payment.to_string(),
            wanted.amount.to_yuan() + " " + wanted.reason
        );
        return boost::json::serialize(to_json(*refund));
    };
    co_return co_await idempotency::respond(deps.database, deps.clock, request, 201, work);
}

Task<Response> list(RefundRoutesDeps& deps, Request& request) {
    http::Fields query = http::Fields::query(request);
    const auto state = query.optional_word(
        "status", {"requested", "processing", "succeeded", "failed", "abnormal"}
    );
    const auto payment = query.optional_id<PaymentId>("payment_id");
    const bool for_person = query.optional_boolean("needs_person").value_or(false);
    const http::Page page = http::page_of(query);
    if (for_person && (state || payment)) {
        query.reject("needs_person", "cannot be combined with status or payment_id");
    }
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const store::Filter filter{state.value_or(""), payment, for_person};
    const auto read = [&](sql::Reader& reader) {
        return store::list(reader, filter, page.page_size, page.offset());
    };
    const auto listing = co_await deps.database.read(read);
    boost::json::array rows;
    for (const Refund& refund : listing.refunds) rows.push_back(to_json(refund));
    co_return http::ok(request, http::listing_json(std::move(rows), listing.total, page));
}

Task<Response> show(RefundRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<RefundId>("id");
    const auto read = [&](sql::Reader& reader) -> Result<Refund> {
        auto refund = store::find(reader, id);
        if (!refund) return kRefundNotFound;
        return std::move(*refund);
    };
    const auto refund = co_await deps.database.read(read);
    co_return http::answer(request, refund, [](const Refund& found) { return to_json(found); });
}

Task<Response> retry(RefundRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<RefundId>("id");
    const auto work = [&](sql::Transaction& tx) {
        auto refund = deps.refunds.retry(tx, id, request.user());
        if (refund.has_value()) {
            const std::string subject = "refund:" + id.to_string();
            deps.audit.append(tx, request.user(), "refund.retried", subject, "");
        }
        return refund;
    };
    const auto refund = co_await deps.database.write(work);
    co_return http::answer(request, refund, [](const Refund& now) { return to_json(now); });
}

Task<Response> resolve(RefundRoutesDeps& deps, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string note = fields.text("note", kNote);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<RefundId>("id");
    const auto work = [&](sql::Transaction& tx) {
        auto refund = deps.refunds.resolve(tx, id, request.user(), note);
        if (refund.has_value()) {
            const std::string subject = "refund:" + id.to_string();
            deps.audit.append(tx, request.user(), "refund.resolved", subject, note);
        }
        return refund;
    };
    const auto refund = co_await deps.database.write(work);
    co_return http::answer(request, refund, [](const Refund& now) { return to_json(now); });
}

}  // namespace

http::Routes refund_routes(RefundRoutesDeps& deps) {
    using http::Method;
    const auto access = http::Access::staff(Right::finance);
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    return {
        {Method::post, "/api/admin/v1/payments/{id}/refunds", access, to(request)},
        {Method::get, "/api/admin/v1/refunds", access, to(list)},
        {Method::get, "/api/admin/v1/refunds/{id}", access, to(show)},
        {Method::post, "/api/admin/v1/refunds/{id}/retry", access, to(retry)},
        {Method::post, "/api/admin/v1/refunds/{id}/resolve", access, to(resolve)}};
}

}  // namespace doorbuster::refunds
