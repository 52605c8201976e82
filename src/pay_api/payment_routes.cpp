#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"
#include "pay_api/pay_routes.hpp"
#include "pay_api/references.hpp"
#include "payments/errors.hpp"
#include "payments/payment_json.hpp"

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;
using http::Fields;
using http::Request;
using http::Response;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
// The longest time to pay; what takes longer is a new payment.
constexpr std::chrono::seconds kLongest = std::chrono::hours{24 * 7};
constexpr std::chrono::seconds kShortest{60};
constexpr http::TextLimits kDescription{.min = 1, .max = 127};

struct Wanted {
    payments::PaymentOrder order;
    std::string provider;
};

// `expires_at` or `expires_in` seconds; one of the two.
Time read_expiry(Fields& fields, Time now) {
    const auto at = fields.optional_time("expires_at");
    const auto in = fields.optional_integer("expires_in", kShortest.count(), kLongest.count());
    if (fields.has("expires_at") == fields.has("expires_in")) {
        fields.reject("expires_at", "or expires_in must be given, and not both");
    }
    if (at && *at > now + kLongest) fields.reject("expires_at", "must be within seven days");
    return at ? *at : now + std::chrono::seconds{in.value_or(0)};
}

Result<Wanted> read_wanted(const Request& request, Time now) {
    Fields fields = Fields::body(request);
    Wanted wanted;
    wanted.order.reference = read_reference(fields, "reference");
    // Nobody who is signed in here may look at it: its owner is the app.
    wanted.order.owner = "app";
    wanted.order.amount = fields.money("amount", Money::fen(1));
    wanted.order.description = fields.text("description", kDescription);
    wanted.order.expires_at = read_expiry(fields, now);
    wanted.provider = fields.text("provider", {.max = 32});
    static_cast<void>(fields.optional_word("currency", {"CNY"}));
    if (auto bad = fields.check(); bad.has_error()) return bad.error();
    return wanted;
}

Task<Result<std::string>> begin(PayRoutesDeps& deps, const Request& request, const Wanted& wanted) {
    auto paying = deps.payments.pay_for(request.app->name, wanted.order, wanted.provider);
    const auto payment = co_await std::move(paying);
    if (payment.has_error()) co_return payment.error();
    co_return json::serialize(payments::to_json(*payment));
}

Task<Response> create(PayRoutesDeps& deps, Request& request) {
    const auto wanted = read_wanted(request, deps.clock.now());
    if (wanted.has_error()) co_return http::failure(request, wanted.error());
    const auto work = [&] { return begin(deps, request, *wanted); };
    Task<Response> answer =
        idempotency::respond_after(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

Task<Response> show(PayRoutesDeps& deps, Request& request) {
    auto finding = deps.payments.find_for(request.app->name, request.path_id<PaymentId>("id"));
    const auto payment = co_await std::move(finding);
    const auto render = [](const payments::PaymentView& view) { return payments::to_json(view); };
    co_return http::answer(request, payment, render);
}

// All attempts of one reference.
Task<Response> list(PayRoutesDeps& deps, Request& request) {
    Fields query = Fields::query(request);
    const std::string reference = read_reference(query, "reference");
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    auto finding = deps.payments.list_for(request.app->name, reference);
    const auto views = co_await std::move(finding);
    json::array rows;
    for (const auto& view : views) rows.push_back(payments::to_json(view));
    co_return http::ok(request, http::whole_listing_json(std::move(rows), payments::kAttemptsMax));
}

std::string_view word_of(payments::PaymentService::Standing standing) {
    return standing == payments::PaymentService::Standing::closed ? "closed" : "closing";
}

Task<Response> close(PayRoutesDeps& deps, Request& request) {
    Fields fields = Fields::body(request);
    const std::string reference = read_reference(fields, "reference");
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());
    using Standing = payments::PaymentService::Standing;
    const auto work = [&](sql::Transaction& tx) -> Result<Standing> {
        const auto standing = deps.payments.close_for(tx, request.app->name, reference);
        if (standing == Standing::paid) return payments::kAlreadyPaid;
        return standing;
    };
    const auto closed = co_await deps.database.write(work);
    const auto render = [&](Standing standing) {
        return json::object{{"reference", reference}, {"status", word_of(standing)}};
    };
    co_return http::answer(request, closed, render);
}

}  // namespace

http::Routes app_payment_routes(PayRoutesDeps& deps) {
    using http::Access;
    using http::Method;
    const auto to = [&deps](auto handler) -> http::AsyncHandler {
        return [&deps, handler](Request& r) { return handler(deps, r); };
    };
    const http::RouteOptions options{.body_bytes_max = kBodyBytesMax};
    const std::string root = "/api/pay/v1/payments";
    return {
        {Method::post, root, Access::app(), to(create), options},
        {Method::get, root, Access::app(), to(list)},
        {Method::get, root + "/{id}", Access::app(), to(show)},
        {Method::post, root + "/close", Access::app(), to(close), options}};
}

}  // namespace doorbuster::pay_api
