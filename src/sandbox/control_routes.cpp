#include "sandbox/control_routes.hpp"

#include <boost/json/value.hpp>
#include <utility>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/control_settings.hpp"

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr std::int64_t kListMax = 1000;
constexpr DaySpan kAlways{Time::min(), Time::max()};

bool is_admitted(Sandbox& sandbox, const Request& request) {
    const std::string_view from = request.remote_address;
    return request.local || from.starts_with("127.") || from == "::1" ||
           sandbox.options().get().open_control;
}

json::value numbers_of(const Sandbox& sandbox) {
    const MerchantSide& wechat = sandbox.merchant();
    const AlipayMerchantSide& alipay = sandbox.alipay_merchant();
    return json::object{
        {"wechat_pay",
         json::object{
             {"mchid", wechat.mchid},
             {"appid", wechat.appid},
             {"merchant_serial", wechat.merchant_serial},
             {"public_key_id", wechat.public_key_id}}},
        {"alipay",
         json::object{
             {"app_id", alipay.app_id},
             {"seller_id", alipay.seller_id},
             {"seller_email", alipay.seller_email}}}};
}

json::object options_of(const SandboxOptions& options) {
    return {
        {"time_scale", options.time_scale},
        {"slow_answer_ms", options.slow_answer.count()},
        {"notification_delay_ms", options.notification_delay.count()},
        {"refund_ms", options.refund_time.count()},
        {"platform_certificates", options.platform_certificates},
        {"bills_at_once", options.bills_at_once}};
}

json::object rates_of(Faults& faults) {
    json::object rates;
    for (const auto& [point, rate] : faults.rates()) rates[json_view(name_of(point))] = rate;
    return rates;
}

json::array all_faults() {
    json::array names;
    for (std::size_t i = 0; i < Faults::kPoints; ++i) {
        names.emplace_back(json_view(name_of(static_cast<Faults::Point>(i))));
    }
    return names;
}

Task<Response> tell(Sandbox& sandbox, Request& request) {
    const std::int64_t waiting = co_await sandbox.courier().waiting();
    co_return http::ok(
        request,
        json::object{
            {"merchants", numbers_of(sandbox)},
            {"settings", options_of(sandbox.options().get())},
            {"faults", rates_of(sandbox.ground().faults)},
            {"known_faults", all_faults()},
            {"waiting_notifications", waiting}}
    );
}

Task<Response> change(Sandbox& sandbox, Request& request) {
    const auto applied = apply_settings(sandbox, request.body);
    if (applied.has_error()) co_return http::failure(request, applied.error());
    co_return co_await tell(sandbox, request);
}

std::string provider_of(http::Fields& fields) {
    return fields.word("provider", {"wechat_pay", "alipay"});
}

json::object render(const wechat_pay::Trade& trade) {
    return {
        {"out_trade_no", trade.out_trade_no},
        {"transaction_id", trade.transaction_id},
        {"state", trade.state},
        {"total", trade.total.fen()},
        {"payer_total", trade.payer_total.fen()},
        {"fee", trade.fee.fen()},
        {"created_at", to_rfc3339(trade.created_at)},
        {"paid_at", trade.paid_at ? json::value(to_rfc3339(*trade.paid_at)) : json::value{}}};
}

json::object render(const alipay::Trade& trade) {
    return {
        {"out_trade_no", trade.terms.out_trade_no},
        {"transaction_id", trade.trade_no},
        {"state", trade.state},
        {"total", trade.terms.total.fen()},
        {"payer_total", trade.payer_total.fen()},
        {"fee", trade.fee.fen()},
        {"created_at", to_rfc3339(trade.terms.created_at)},
        {"paid_at", trade.paid_at ? json::value(to_rfc3339(*trade.paid_at)) : json::value{}}};
}

json::object render(const wechat_pay::Refund& refund) {
    return {
        {"out_trade_no", refund.out_trade_no},
        {"out_refund_no", refund.out_refund_no},
        {"state", refund.state},
        {"amount", refund.amount.fen()},
        {"payer_refund", refund.payer_refund.fen()},
        {"created_at", to_rfc3339(refund.created_at)}};
}

json::object render(const alipay::Refund& refund) {
    return {
        {"out_trade_no", refund.out_trade_no},
        {"out_refund_no", refund.out_request_no},
        {"state", refund.settled_at ? "SUCCESS" : "PROCESSING"},
        {"amount", refund.amount.fen()},
        {"payer_refund", refund.payer_refund.fen()},
        {"created_at", to_rfc3339(refund.created_at)}};
}

template <class Rows>
json::object listed(const Rows& rows) {
    json::array list;
    for (const auto& row : rows) list.emplace_back(render(row));
    return {{"list", std::move(list)}};
}

// The rows of the provider that is asked for, by one of its two functions.
template <class OfWechatPay, class OfAlipay>
Task<Response> list(
    Sandbox& sandbox, Request& request, OfWechatPay* of_wechat_pay, OfAlipay* of_alipay
) {
    http::Fields fields = http::Fields::query(request);
    const std::string provider = provider_of(fields);
    const std::string after = fields.optional_text("after", {.max = 64}).value_or("");
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto work = [=](sql::Reader& reader) {
        return provider == "alipay" ? listed(of_alipay(reader, after, kListMax))
                                    : listed(of_wechat_pay(reader, after, kListMax));
    };
    const json::object found = co_await sandbox.ground().database.read(work);
    co_return http::ok(request, found);
}

Task<Response> list_trades(Sandbox& sandbox, Request& request) {
    return list(sandbox, request, wechat_pay::list_trades, alipay::list_trades);
}

Task<Response> list_refunds(Sandbox& sandbox, Request& request) {
    return list(sandbox, request, wechat_pay::list_refunds, alipay::list_refunds);
}

json::object sums_object(const std::vector<EntrySum>& sums) {
    json::object told;
    for (const EntrySum& sum : sums) {
        told[sum.kind] = json::object{{"count", sum.count}, {"amount", sum.amount.fen()}};
    }
    return told;
}

// Orders and refunds in what they were for; the account in what moved on it.
json::object statement_of(sql::Reader& reader, const std::string& provider, DaySpan span) {
    const bool alipay = provider == "alipay";
    const EntrySum paid =
        alipay ? alipay::sum_paid(reader, span) : wechat_pay::sum_paid(reader, span);
    const auto refunds =
        alipay ? alipay::sum_refunds(reader, span) : wechat_pay::sum_refunds(reader, span);
    Money balance;
    const auto account = sums_by_kind(reader, provider, span);
    for (const EntrySum& sum : account) balance += sum.amount;
    return {
        {"provider", provider},
        {"payments", json::object{{"count", paid.count}, {"amount", paid.amount.fen()}}},
        {"refunds", sums_object(refunds)},
        {"account", sums_object(account)},
        {"balance", balance.fen()}};
}

Task<Response> statement(Sandbox& sandbox, Request& request) {
    http::Fields fields = http::Fields::query(request);
    const std::string provider = provider_of(fields);
    const auto date = fields.optional_text("date", {.max = 10});
    const auto span = date ? beijing_day_span(*date) : std::optional{kAlways};
    if (!span) fields.reject("date", "must be yyyy-MM-dd");
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto work = [provider, span = *span](sql::Reader& reader) {
        return statement_of(reader, provider, span);
    };
    const json::object found = co_await sandbox.ground().database.read(work);
    co_return http::ok(request, found);
}

Task<Response> settle(Sandbox& sandbox, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string provider = provider_of(fields);
    std::string number = fields.text("out_refund_no", {.max = 64});
    std::string trade = fields.optional_text("out_trade_no", {.max = 64}).value_or("");
    std::string status =
        fields.optional_word("status", {"SUCCESS", "CLOSED", "ABNORMAL"}).value_or("SUCCESS");
    if (provider == "alipay" && status != "SUCCESS") {
        fields.reject("status", "can only be SUCCESS for alipay");
    }
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    if (provider == "alipay") {
        const auto settled = co_await sandbox.alipay().settle(std::move(trade), std::move(number));
        co_return http::answer(request, settled, [](const alipay::Refund& r) -> json::value {
            return render(r);
        });
    }
    const auto settled = co_await sandbox.wechat_pay().settle(std::move(number), std::move(status));
    co_return http::answer(request, settled, [](const wechat_pay::Refund& r) -> json::value {
        return render(r);
    });
}

Task<Response> finish(Sandbox& sandbox, Request& request) {
    http::Fields fields = http::Fields::body(request);
    std::string number = fields.text("out_trade_no", {.max = 64});
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto finished = co_await sandbox.alipay().finish(std::move(number));
    co_return http::answer(request, finished, [](const alipay::Trade& t) -> json::value {
        return render(t);
    });
}

Task<Response> rotate(Sandbox& sandbox, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string provider = provider_of(fields);
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    sandbox.rotate_key(provider);
    co_return co_await tell(sandbox, request);
}

Task<Response> deliver(Sandbox& sandbox, Request& request) {
    const std::int64_t hurried = co_await sandbox.courier().hurry();
    co_return http::ok(request, json::object{{"hurried", hurried}});
}

using Handler = Task<Response> (*)(Sandbox&, Request&);

Task<Response> admitted(Sandbox& sandbox, Request& request, Handler handler) {
    if (!is_admitted(sandbox, request)) co_return http::failure(request, kNotFound);
    co_return co_await handler(sandbox, request);
}

}  // namespace

http::Routes control_routes(Sandbox& sandbox, http::Access access) {
    const auto route = [&](Method method, const std::string& path, Handler handler) -> http::Route {
        const auto call = [&sandbox, handler](Request& request) {
            return admitted(sandbox, request, handler);
        };
        return {
            method, "/sandbox/control" + path, access, http::AsyncHandler{call}, {.csrf = false}};
    };
    return {
        route(Method::get, "", tell),
        route(Method::patch, "", change),
        route(Method::get, "/trades", list_trades),
        route(Method::get, "/refunds", list_refunds),
        route(Method::get, "/statement", statement),
        route(Method::post, "/settle", settle),
        route(Method::post, "/finish", finish),
        route(Method::post, "/rotate", rotate),
        route(Method::post, "/deliver", deliver)};
}

}  // namespace doorbuster::sandbox
