#include "reconciliation/reconciliation_routes.hpp"

#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "reconciliation/report_json.hpp"
#include "reconciliation/run_store.hpp"

namespace doorbuster::reconciliation {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;
using Deps = ReconciliationRoutesDeps;

BillDay day_in(Fields& fields) {
    const auto day = day_from(fields.text("date", {.max = 10}));
    if (!day) fields.reject("date", "must be a day such as 2026-11-22");
    return day.value_or(BillDay{});
}

Response render(Request& request, const Result<Report>& report) {
    return http::answer(request, report, [](const Report& r) { return to_json(r); });
}

Task<Response> list(Deps& deps, Request& request) {
    Fields query = Fields::query(request);
    const http::Page page = http::page_of(query);
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto read = [&](sql::Reader& reader) {
        return store::list(reader, page.page_size, page.offset());
    };
    const auto listing = co_await deps.database.read(read);
    json::array rows;
    for (const Reconciliation& run : listing.runs) rows.push_back(to_json(run));
    co_return http::ok(request, http::listing_json(std::move(rows), listing.total, page));
}

Task<Response> show(Deps& deps, Request& request) {
    const auto id = request.path_id<ReconciliationId>("id");
    co_return render(request, co_await deps.reconciler.report(id));
}

Task<Response> run(Deps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const std::string provider = fields.text("provider", {.max = 32});
    const BillDay day = day_in(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const UserId staff = request.user();
    const auto note = [&](sql::Transaction& tx) {
        deps.audit.append(tx, staff, "reconciliation.run", provider + " " + to_string(day), "");
    };
    co_await deps.database.write(note);
    co_return render(request, co_await deps.reconciler.reconcile(provider, day));
}

Task<Response> resolve(Deps& deps, Request& request) {
    const auto id = request.path_id<DifferenceId>("id");
    Fields fields = Fields::body(request);
    const std::string note = fields.text("note", {.max = 500, .multiline = true});
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const UserId staff = request.user();
    const auto work = [&](sql::Transaction& tx) -> Result<Difference> {
        auto resolved = deps.reconciler.resolve(tx, id, note, staff);
        if (resolved.has_value()) {
            deps.audit.append(
                tx, staff, "reconciliation.resolve", "difference:" + id.to_string(), note
            );
        }
        return resolved;
    };
    const auto resolved = co_await deps.database.write(work);
    const auto show = [](const Difference& difference) { return to_json(difference); };
    co_return http::answer(request, resolved, show);
}

// All providers, or the one that is named.
Task<Response> run_local(Deps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const auto provider = fields.optional_text("provider", {.max = 32});
    const BillDay day = day_in(fields);
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    json::array reports;
    const auto names = provider ? std::vector{*provider} : deps.reconciler.providers();
    for (const std::string& name : names) {
        const auto report = co_await deps.reconciler.reconcile(name, day);
        if (report.has_error()) co_return http::failure(request, report.error());
        json::object told = to_json(*report);
        told["table"] = as_table(*report);
        told["csv"] = as_csv(*report);
        reports.push_back(std::move(told));
    }
    co_return http::ok(request, json::object{{"reports", std::move(reports)}});
}

using Handler = Task<Response> (*)(Deps&, Request&);

http::AsyncHandler bound(Deps& deps, Handler handler) {
    return [&deps, handler](Request& request) { return handler(deps, request); };
}

}  // namespace

http::Routes reconciliation_routes(ReconciliationRoutesDeps& deps) {
    using http::Method;
    const auto access = http::Access::staff(Right::finance);
    return {
        {Method::get, "/api/admin/v1/reconciliations", access, bound(deps, list)},
        {Method::post, "/api/admin/v1/reconciliations", access, bound(deps, run)},
        {Method::get, "/api/admin/v1/reconciliations/{id}", access, bound(deps, show)},
        {Method::post,
         "/api/admin/v1/reconciliation-differences/{id}/resolve",
         access,
         bound(deps, resolve)}};
}

http::Routes local_reconciliation_routes(ReconciliationRoutesDeps& deps) {
    return {
        {http::Method::post,
         "/local/v1/reconciliations",
         http::Access::local(),
         bound(deps, run_local)}};
}

}  // namespace doorbuster::reconciliation
