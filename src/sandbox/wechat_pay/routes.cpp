#include "sandbox/wechat_pay/routes.hpp"

#include <boost/json/parse.hpp>
#include <optional>

#include "http/text.hpp"
#include "sandbox/common/call_faults.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/common/web.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;

Response unsigned_reply(const Reply& reply) {
    Response response{
        .status = reply.status,
        .content_type = "application/json; charset=utf-8",
        .body = reply.body};
    response.with("Request-ID", "08FAULT-0");
    return response;
}

Response server_error() { return unsigned_reply(wechat_error(500, "SYSTEM_ERROR", "系统错误")); }
Response rate_limited() {
    return unsigned_reply(wechat_error(429, "FREQUENCY_LIMITED", "频率超限"));
}
Response unknown_order() {
    return unsigned_reply(wechat_error(404, "ORDER_NOT_EXIST", "订单不存在"));
}
constexpr FailureWords kFailures{server_error, rate_limited, unknown_order};

// The number that faults of single orders go by.
std::string subject_of(const Request& request) {
    for (const char* name : {"out_trade_no", "out_refund_no"}) {
        const auto in_path = request.path_param(name);
        if (!in_path.empty()) return std::string{in_path};
    }
    json::error_code failed;
    const json::value body = json::parse(json_view(request.body), failed);
    if (failed || !body.is_object()) return {};
    for (const char* name : {"out_trade_no", "out_refund_no"}) {
        const json::value* value = body.get_object().if_contains(name);
        if (value && value->is_string()) return value->get_string().c_str();
    }
    return {};
}

// `call` makes the task of an admitted request about `subject`, whose faults strike.
template <class Call>
Task<Response> behind_gate(Gateway& gateway, Request& request, Call call, std::string subject) {
    const Gate& gate = gateway.gate();
    const Ground& ground = gateway.ground();
    if (auto failure = failure_before(ground.faults, subject, kFailures)) {
        co_return std::move(*failure);
    }
    if (const auto refusal = gate.refusal_of(request)) co_return gate.respond(*refusal);
    const Reply reply = co_await call();
    std::string order = subject;
    auto failure = co_await failure_after(ground, std::move(order), kFailures);
    if (failure) co_return std::move(*failure);
    co_return gate.respond(reply, spoiling_of_answer(ground.faults, subject));
}

template <class Call>
Task<Response> behind_gate(Gateway& gateway, Request& request, Call call) {
    return behind_gate(gateway, request, call, subject_of(request));
}

Task<Response> create(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] { return gateway.create(std::string{request.body}); };
    return behind_gate(gateway, request, call);
}

Task<Response> query(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] {
        const auto mchid = request.query_param("mchid").value_or("");
        return gateway.query(std::string{request.path_param("out_trade_no")}, mchid);
    };
    return behind_gate(gateway, request, call);
}

Task<Response> query_transaction(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] {
        const auto mchid = request.query_param("mchid").value_or("");
        return gateway.query_transaction(std::string{request.path_param("transaction_id")}, mchid);
    };
    return behind_gate(gateway, request, call);
}

Task<Response> close(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] {
        return gateway.close(
            std::string{request.path_param("out_trade_no")}, std::string{request.body}
        );
    };
    return behind_gate(gateway, request, call);
}

Task<Response> refund(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] { return gateway.refund(std::string{request.body}); };
    return behind_gate(gateway, request, call);
}

Task<Response> query_refund(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] {
        return gateway.query_refund(std::string{request.path_param("out_refund_no")});
    };
    return behind_gate(gateway, request, call);
}

Task<Response> apply_abnormal(Gateway& gateway, Request& request) {
    const auto call = [&gateway, &request] {
        return gateway.apply_abnormal_refund(
            std::string{request.path_param("refund_id")}, std::string{request.body}
        );
    };
    return behind_gate(gateway, request, call);
}

Task<Response> bill_of(Gateway& gateway, Request& request, BillQuery::Kind kind) {
    const auto call = [&gateway, &request, kind] {
        const bool trade = kind == BillQuery::Kind::trade;
        const std::string origin = origin_of(request, gateway.ground().options.get().origin);
        // The file is fetched under the prefix that was asked under.
        return gateway.bill(
            {kind,
             request.query_param("bill_date").value_or(""),
             request.query_param(trade ? "bill_type" : "account_type").value_or(""),
             request.query_param("tar_type").value_or(""),
             origin + std::string{request.path.substr(0, request.path.find("/v3/"))}}
        );
    };
    return behind_gate(gateway, request, call);
}

Task<Response> trade_bill_of(Gateway& gateway, Request& request) {
    return bill_of(gateway, request, BillQuery::Kind::trade);
}
Task<Response> fund_bill_of(Gateway& gateway, Request& request) {
    return bill_of(gateway, request, BillQuery::Kind::fund);
}

// The request is signed, the file is not.
Task<Response> download(Gateway& gateway, Request& request) {
    const Gate& gate = gateway.gate();
    const Ground& ground = gateway.ground();
    if (auto failure = failure_before(ground.faults, kBillFile, kFailures)) {
        co_return std::move(*failure);
    }
    if (const auto refusal = gate.refusal_of(request)) co_return gate.respond(*refusal);
    std::string token = request.query_param("token").value_or("");
    auto file = co_await gateway.download(std::move(token));
    if (!file) {
        co_return unsigned_reply(wechat_error(400, "PARAM_ERROR", "token无效或已过期", "/token"));
    }
    std::string subject = kBillFile;
    auto failure = co_await failure_after(ground, std::move(subject), kFailures);
    if (failure) co_return std::move(*failure);
    co_return Response{
        .content_type = "application/octet-stream",
        .body = spoilt_file(ground.faults, std::move(file->content))};
}

Task<Response> certificates(Gateway& gateway, Request& request) {
    const auto call = [&gateway]() -> Task<Reply> { co_return gateway.certificates(); };
    return behind_gate(gateway, request, call, kCertificates);
}

using Handler = Task<Response> (*)(Gateway&, Request&);

http::Route route(Gateway& gateway, Method method, const std::string& pattern, Handler handler) {
    const auto call = [&gateway, handler](Request& request) { return handler(gateway, request); };
    return {method, pattern, Access::anyone(), http::AsyncHandler{call}, {.csrf = false}};
}

}  // namespace

http::Routes protocol_routes(Gateway& gateway, std::string_view prefix) {
    const std::string v3 = std::string{prefix} + "/v3";
    const std::string trades = v3 + "/pay/transactions";
    const std::string by_number = trades + "/out-trade-no/{out_trade_no}";
    const std::string refunds = v3 + "/refund/domestic/refunds";
    return {
        route(gateway, Method::post, trades + "/native", create),
        route(gateway, Method::get, by_number, query),
        route(gateway, Method::post, by_number + "/close", close),
        route(gateway, Method::get, trades + "/id/{transaction_id}", query_transaction),
        route(gateway, Method::post, refunds, refund),
        route(gateway, Method::get, refunds + "/{out_refund_no}", query_refund),
        route(
            gateway, Method::post, refunds + "/{refund_id}/apply-abnormal-refund", apply_abnormal
        ),
        route(gateway, Method::get, v3 + "/bill/tradebill", trade_bill_of),
        route(gateway, Method::get, v3 + "/bill/fundflowbill", fund_bill_of),
        route(gateway, Method::get, v3 + "/billdownload/file", download),
        route(gateway, Method::get, v3 + "/certificates", certificates)};
}

}  // namespace doorbuster::sandbox::wechat_pay
