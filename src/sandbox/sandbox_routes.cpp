#include "sandbox/sandbox_routes.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/text.hpp"
#include "sandbox/pages.hpp"

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using Point = Faults::Point;

Task<void> pause(Milliseconds time) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<
        std::chrono::steady_clock,
        boost::asio::wait_traits<std::chrono::steady_clock>,
        Executor>
        timer{executor, time};
    constexpr boost::asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(token);
}

Reply system_error() {
    Reply reply = wechat_error(500, "SYSTEM_ERROR", "系统错误");
    reply.is_signed = false;
    return reply;
}
Reply sign_error() {
    Reply reply = wechat_error(401, "SIGN_ERROR", "签名错误，请检查签名、证书序列号和时间戳");
    reply.is_signed = false;
    return reply;
}
Reply no_certificates() {
    Reply reply = wechat_error(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥");
    reply.is_signed = false;
    return reply;
}

// `call` makes the task of an admitted request.
template <class Call>
Task<Response> behind_gate(Sandbox& sandbox, Request& request, Call call) {
    const Gate& gate = sandbox.gate();
    if (sandbox.faults().strikes(Point::server_error)) co_return gate.respond(system_error());
    if (!gate.admits(request)) co_return gate.respond(sign_error());
    const Reply reply = co_await call();
    if (sandbox.faults().strikes(Point::slow_answer)) {
        co_await pause(sandbox.options().slow_answer);
    }
    co_return gate.respond(reply);
}

Task<Response> create(Sandbox& sandbox, Request& request) {
    const auto call = [&sandbox, &request] { return sandbox.create(std::string{request.body}); };
    return behind_gate(sandbox, request, call);
}

Task<Response> query(Sandbox& sandbox, Request& request) {
    const auto call = [&sandbox, &request] {
        const auto mchid = request.query_param("mchid").value_or("");
        return sandbox.query(std::string{request.path_param("out_trade_no")}, mchid);
    };
    return behind_gate(sandbox, request, call);
}

Task<Response> query_transaction(Sandbox& sandbox, Request& request) {
    const auto call = [&sandbox, &request] {
        const auto mchid = request.query_param("mchid").value_or("");
        return sandbox.query_transaction(std::string{request.path_param("transaction_id")}, mchid);
    };
    return behind_gate(sandbox, request, call);
}

Task<Response> close(Sandbox& sandbox, Request& request) {
    const auto call = [&sandbox, &request] {
        return sandbox.close(
            std::string{request.path_param("out_trade_no")}, std::string{request.body}
        );
    };
    return behind_gate(sandbox, request, call);
}

// In public-key mode there are no platform certificates.
Task<Response> certificates(Sandbox& sandbox, Request& request) {
    const Gate& gate = sandbox.gate();
    co_return gate.respond(gate.admits(request) ? no_certificates() : sign_error());
}

json::value render(const Trade& paid) {
    return json::object{
        {"out_trade_no", paid.out_trade_no},
        {"transaction_id", paid.transaction_id},
        {"total", paid.total.fen()},
        {"payer_total", paid.payer_total.fen()},
        {"paid_at", to_rfc3339(*paid.paid_at)}};
}

Task<Response> scan(Sandbox& sandbox, Request& request) {
    http::Fields fields = http::Fields::body(request);
    std::string code_url = fields.text("code_url", {.max = 512});
    const Money coupon = fields.optional_money("coupon").value_or(Money{});
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto paid = co_await sandbox.pay(std::move(code_url), coupon);
    co_return http::answer(request, paid, render);
}

Response page(std::string html, int status = 200) {
    Response response{
        .status = status, .content_type = "text/html; charset=utf-8", .body = std::move(html)};
    response.with("Content-Security-Policy", std::string{kPagePolicy});
    response.with("Cache-Control", "no-store");
    return response;
}

Response refused(const Error& error) {
    return page(refused_page(error), http::status_of(error.kind().condition));
}

Task<Response> show_list(Sandbox& sandbox, Request&) {
    const auto payable = co_await sandbox.payable();
    co_return page(list_page(payable, sandbox.clock().now()));
}

Task<Response> show_confirmation(Sandbox& sandbox, Request& request) {
    const auto code = request.query_param("pr").value_or("");
    std::string code_url = std::string{kCodeUrlPrefix} + code;
    const auto trade = co_await sandbox.look_up(std::move(code_url));
    co_return trade.has_error() ? refused(trade.error()) : page(confirm_page(*trade));
}

std::optional<std::string> form_field(std::string_view body, std::string_view wanted) {
    std::optional<std::string> found;
    http::for_each_part(body, '&', [&](std::string_view pair) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != wanted || found) return;
        found = http::percent_decode(pair.substr(equals + 1), http::Plus::is_space);
    });
    return found;
}

Task<Response> pay_from_form(Sandbox& sandbox, Request& request) {
    const auto field = form_field(request.body, "code_url").value_or("");
    std::string code_url{http::trim_blanks(field)};
    const auto paid = co_await sandbox.pay(std::move(code_url), Money{});
    co_return paid.has_error() ? refused(paid.error()) : page(paid_page(*paid));
}

using Handler = Task<Response> (*)(Sandbox&, Request&);

http::Route route(Sandbox& sandbox, Method method, const std::string& pattern, Handler handler) {
    const auto call = [&sandbox, handler](Request& request) { return handler(sandbox, request); };
    return {method, pattern, Access::anyone(), http::AsyncHandler{call}, {.csrf = false}};
}

void add_wechat_pay(http::Routes& routes, Sandbox& sandbox) {
    const std::string prefix{kWechatPayPrefix};
    const std::string trades = prefix + "/v3/pay/transactions";
    const std::string by_number = trades + "/out-trade-no/{out_trade_no}";
    routes.push_back(route(sandbox, Method::post, trades + "/native", create));
    routes.push_back(route(sandbox, Method::get, by_number, query));
    routes.push_back(route(sandbox, Method::post, by_number + "/close", close));
    routes.push_back(route(sandbox, Method::get, trades + "/id/{transaction_id}", query_transaction)
    );
    routes.push_back(route(sandbox, Method::get, prefix + "/v3/certificates", certificates));
}

void add_buyer(http::Routes& routes, Sandbox& sandbox) {
    routes.push_back(route(sandbox, Method::get, "/sandbox", show_list));
    routes.push_back(route(sandbox, Method::get, "/sandbox/pay", show_confirmation));
    routes.push_back(route(sandbox, Method::post, "/sandbox/pay", pay_from_form));
    routes.push_back(route(sandbox, Method::post, "/sandbox/scan", scan));
}

}  // namespace

http::Routes sandbox_routes(Sandbox& sandbox) {
    http::Routes routes;
    add_wechat_pay(routes, sandbox);
    add_buyer(routes, sandbox);
    return routes;
}

}  // namespace doorbuster::sandbox
