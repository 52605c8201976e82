#include "payments/payment_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "payments/pay_page.hpp"
#include "payments/payment_json.hpp"

namespace doorbuster::payments {
namespace {

using http::Request;
using http::Response;

// The largest notification that WeChat Pay defines is 1 MiB of ciphertext in JSON.
constexpr std::size_t kNotificationBytesMax = 2 * 1024 * 1024;

constexpr std::size_t kTradeNumberBytesMax = 64;

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

boost::json::value time_or_null(const std::optional<Time>& time) {
    return time ? boost::json::value(to_rfc3339(*time)) : boost::json::value{};
}

boost::json::object staff_json(const Payment& payment) {
    return {
        {"id", payment.id.to_string()},
        {"app", payment.app},
        {"reference", payment.reference},
        {"owner", payment.owner},
        {"provider", payment.provider},
        {"merchant", payment.merchant},
        {"out_trade_no", payment.out_trade_no},
        {"transaction_id", payment.transaction.value_or("")},
        {"status", to_string(payment.state)},
        {"amount", payment.amount.fen()},
        {"refunded", payment.refunded.fen()},
        {"refund_reserved", payment.refund_reserved.fen()},
        {"failure", payment.failure},
        {"late", payment.late},
        {"duplicate", payment.duplicate},
        {"suspect", payment.suspect},
        {"refund_due", payment.refund_due},
        {"created_at", to_rfc3339(payment.created_at)},
        {"expires_at", to_rfc3339(payment.expires_at)},
        {"paid_at", time_or_null(payment.paid_at)},
        {"closed_at", time_or_null(payment.closed_at)},
        {"give_back_at", time_or_null(payment.give_back_at)},
        {"accepted_at", time_or_null(payment.accepted_at)},
        {"next_query_at", time_or_null(payment.next_query_at)}};
}

Task<Response> show(PaymentService& service, Request& request) {
    const auto id = request.path_id<PaymentId>("id");
    const std::string owner = request.user().to_string();
    const auto payment = co_await service.find(id, owner);
    const auto render = [](const PaymentView& view) { return to_json(view); };
    co_return http::answer(request, payment, render);
}

Task<Response> leave(PaymentService& service, Request& request) {
    const auto id = request.path_id<PaymentId>("id");
    const std::string owner = request.user().to_string();
    const auto form = co_await service.page(id, owner);
    if (form.has_error()) co_return http::failure(request, form.error());
    co_return leave_page(*form);
}

// Whatever the address says: only the provider's own answer counts, and it is asked for.
Task<Response> come_back(PaymentService& service, Request& request) {
    const auto& providers = service.providers();
    const auto provider = std::ranges::find(
        providers, request.path_param("provider"), [](const auto* p) { return p->name(); }
    );
    if (provider == providers.end()) co_return http::failure(request, kNotFound);
    const std::string number = request.query_param("out_trade_no").value_or("");
    if (!number.empty() && number.size() <= kTradeNumberBytesMax && is_number(number)) {
        std::string place = co_await service.returned(**provider, number);
        if (!place.empty()) co_return go_on_to(std::move(place));
    }
    co_return return_page();
}

Task<Response> notified(
    PaymentService& service,
    const PaymentProvider& provider,
    Request& request,
    PaymentService::Tells tells
) {
    PaymentProvider::Headers headers;
    for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
    NotificationReply reply = co_await service.notified(provider, headers, request.body, tells);
    Response response;
    response.status = reply.status;
    response.content_type = std::move(reply.content_type);
    response.body = std::move(reply.body);
    co_return response;
}

Task<Response> list(PaymentService& service, Request& request) {
    http::Fields query = http::Fields::query(request);
    const auto state =
        query.optional_word("state", {"created", "pending", "closing", "closed", "failed", "paid"});
    const auto flag = query.optional_word("flag", {"late", "duplicate", "suspect", "refund_due"});
    const http::Page page = http::page_of(query);
    const auto bad = query.check();
    if (bad.has_error()) co_return http::failure(request, bad.error());
    const store::Filter filter{state.value_or(""), flag.value_or("")};
    const auto listing = co_await service.list(filter, page.page_size, page.offset());
    boost::json::array rows;
    for (const Payment& payment : listing.payments) rows.push_back(staff_json(payment));
    co_return http::ok(request, http::listing_json(std::move(rows), listing.total, page));
}

http::Route notification_route(
    PaymentService& service,
    const PaymentProvider& provider,
    const std::string& below,
    PaymentService::Tells tells
) {
    const auto take = [&service, &provider, tells](Request& r) {
        return notified(service, provider, r, tells);
    };
    const http::RouteOptions options{
        .body_bytes_max = kNotificationBytesMax, .csrf = false, .urgent = true};
    return {
        http::Method::post,
        "/api/v1/payments/notifications/" + std::string{provider.name()} + below,
        http::Access::anyone(),
        http::AsyncHandler{take},
        options};
}

}  // namespace

http::Routes refund_notification_routes(PaymentService& service, std::string_view provider) {
    http::Routes routes;
    for (const PaymentProvider* known : service.providers()) {
        if (known->name() != provider) continue;
        routes.push_back(
            notification_route(service, *known, "/refunds", PaymentService::Tells::refunds)
        );
    }
    return routes;
}

http::Routes payment_routes(PaymentService& service) {
    using http::Access;
    using http::Method;
    http::Routes routes;
    const auto show_one = [&service](Request& r) { return show(service, r); };
    const auto list_all = [&service](Request& r) { return list(service, r); };
    routes.push_back(
        {Method::get, "/api/v1/payments/{id}", Access::user(), http::AsyncHandler{show_one}}
    );
    const auto back = [&service](Request& r) { return come_back(service, r); };
    routes.push_back(
        {Method::get,
         "/api/v1/payments/return/{provider}",
         Access::anyone(),
         http::AsyncHandler{back}}
    );
    const auto leave_for_provider = [&service](Request& r) { return leave(service, r); };
    routes.push_back(
        {Method::get,
         "/api/v1/payments/{id}/page",
         Access::user(),
         http::AsyncHandler{leave_for_provider}}
    );
    routes.push_back(
        {Method::get,
         "/api/admin/v1/payments",
         Access::staff(Right::finance),
         http::AsyncHandler{list_all}}
    );
    for (const PaymentProvider* provider : service.providers()) {
        routes.push_back(notification_route(service, *provider, "", PaymentService::Tells::anything)
        );
    }
    return routes;
}

}  // namespace doorbuster::payments
