#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"
#include "pay_api/errors.hpp"
#include "pay_api/pay_routes.hpp"
#include "pay_api/references.hpp"
#include "pay_api/refund_reference.hpp"
#include "payments/errors.hpp"
#include "payments/refundable.hpp"
#include "refunds/errors.hpp"

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr http::TextLimits kReason{.min = 1, .max = 80};

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value{} : json::value(text);
}

json::value time_or_null(const std::optional<Time>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value{};
}

// A refund as an app sees it.
json::object to_json(const refunds::Refund& refund) {
    return {
        {"id", refund.id.to_string()},
        {"payment", refund.payment.to_string()},
        {"refund_reference", text_or_null(reference_of(refund))},
        {"provider", refund.provider},
        {"status", to_string(refund.state)},
        {"origin", to_string(refund.origin)},
        {"amount", refund.amount.fen()},
        {"reason", refund.reason},
        {"failure", text_or_null(refund.failure)},
        {"created_at", to_rfc3339(refund.created_at)},
        {"settled_at", time_or_null(refund.settled_at)}};
}

bool is_of(sql::Reader& reader, PaymentId id, const std::string& app) {
    const auto payment = payments::find_payment(reader, id);
    return payment && payment->app == app;
}

struct Wanted {
    PaymentId payment;
    std::string reference;
    Money amount;
    std::string reason;
};

Result<refunds::Refund> ask(
    const PayRoutesDeps& deps, sql::Transaction& tx, const Request& request, const Wanted& wanted
) {
    if (!is_of(tx, wanted.payment, request.app->name)) return payments::kPaymentNotFound;
    const refunds::NewRefund refund{
        .payment = wanted.payment,
        .amount = wanted.amount,
        .origin = refunds::Origin::caller,
        .reason = wanted.reason,
        .asked_by = "app:" + request.app->name,
        .key = request_key_of(wanted.reference)};
    auto asked = deps.refunds.request(tx, refund);
    if (asked.has_error() && asked.error().is(kIdempotencyMismatch)) return kRefundReferenceUsed;
    return asked;
}

Task<Response> create(PayRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const Wanted wanted{
        .payment = fields.id<PaymentId>("payment"),
        .reference = read_reference(fields, "refund_reference"),
        .amount = fields.money("amount", Money::fen(1)),
        .reason = fields.text("reason", kReason)};
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto refund = ask(deps, tx, request, wanted);
        if (refund.has_error()) return refund.error();
        return json::serialize(to_json(*refund));
    };
    Task<Response> answer = idempotency::respond(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

Task<Response> show(PayRoutesDeps& deps, Request& request) {
    const auto id = request.path_id<RefundId>("id");
    const auto read = [&](sql::Reader& reader) -> Result<refunds::Refund> {
        auto refund = deps.refunds.find(reader, id);
        if (!refund || !is_of(reader, refund->payment, request.app->name)) {
            return refunds::kRefundNotFound;
        }
        return std::move(*refund);
    };
    const auto refund = co_await deps.database.read(read);
    co_return http::answer(request, refund, [](const auto& found) { return to_json(found); });
}

Task<Response> list(PayRoutesDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const auto payment = query.id<PaymentId>("payment");
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    using Listing = refunds::store::Listing;
    const auto read = [&](sql::Reader& reader) -> Result<Listing> {
        if (!is_of(reader, payment, request.app->name)) return payments::kPaymentNotFound;
        return deps.refunds.list(reader, payment, page.page_size, page.offset());
    };
    const auto found = co_await deps.database.read(read);
    const auto render = [&](const Listing& listing) {
        json::array rows;
        for (const auto& refund : listing.refunds) rows.push_back(to_json(refund));
        return http::listing_json(std::move(rows), listing.total, page);
    };
    co_return http::answer(request, found, render);
}

}  // namespace

http::Routes app_refund_routes(PayRoutesDeps& deps) {
    using http::Access;
    using http::Method;
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    const std::string root = "/api/pay/v1/refunds";
    return {
        {Method::post, root, Access::app(), to(create), {.body_bytes_max = kBodyBytesMax}},
        {Method::get, root, Access::app(), to(list)},
        {Method::get, root + "/{id}", Access::app(), to(show)}};
}

}  // namespace doorbuster::pay_api
