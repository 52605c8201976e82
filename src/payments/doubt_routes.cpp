#include "payments/doubt_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "payments/doubts.hpp"

namespace doorbuster::payments {
namespace {

namespace json = boost::json;
using http::Request;
using http::Response;

constexpr http::TextLimits kNote{.min = 1, .max = 1000, .multiline = true};

json::object to_json(const Doubt& doubt) {
    json::object told{
        {"id", doubt.id.to_string()},
        {"payment_id", doubt.payment.to_string()},
        {"reason", doubt.reason},
        {"holds_refunds", doubt.holds_refunds},
        {"raised_at", to_rfc3339(doubt.raised_at)},
        {"resolution", nullptr},
        {"resolved_by", nullptr},
        {"resolved_at", nullptr}};
    if (doubt.resolution) told["resolution"] = *doubt.resolution;
    if (doubt.resolved_by) told["resolved_by"] = doubt.resolved_by->to_string();
    if (doubt.resolved_at) told["resolved_at"] = to_rfc3339(*doubt.resolved_at);
    return told;
}

Task<Response> list(DoubtRoutesDeps& deps, Request& request) {
    http::Fields query = http::Fields::query(request);
    const bool open_only = query.optional_boolean("open").value_or(false);
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto read = [&](sql::Reader& reader) {
        return list_doubts(reader, open_only, page.page_size, page.offset());
    };
    const auto listing = co_await deps.database.read(read);
    json::array rows;
    for (const Doubt& doubt : listing.doubts) rows.push_back(to_json(doubt));
    co_return http::ok(request, http::listing_json(std::move(rows), listing.total, page));
}

Task<Response> resolve(DoubtRoutesDeps& deps, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string note = fields.text("note", kNote);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto id = request.path_id<DoubtId>("id");
    const UserId staff = request.user();
    const auto work = [&](sql::Transaction& tx) {
        auto doubt = resolve_doubt(tx, id, staff, note, deps.clock.now());
        if (doubt.has_value()) {
            const std::string subject = "payment:" + doubt->payment.to_string();
            deps.audit.append(tx, staff, "payment.doubt_resolved", subject, note);
        }
        return doubt;
    };
    const auto doubt = co_await deps.database.write(work);
    co_return http::answer(request, doubt, [](const Doubt& now) { return to_json(now); });
}

}  // namespace

http::Routes doubt_routes(DoubtRoutesDeps& deps) {
    using http::Method;
    const auto access = http::Access::staff(Right::finance);
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    return {
        {Method::get, "/api/admin/v1/payment-doubts", access, to(list)},
        {Method::post, "/api/admin/v1/payment-doubts/{id}/resolve", access, to(resolve)}};
}

}  // namespace doorbuster::payments
