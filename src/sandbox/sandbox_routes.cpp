#include "sandbox/sandbox_routes.hpp"

#include <boost/json/value.hpp>
#include <optional>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/text.hpp"
#include "sandbox/common/web.hpp"
#include "sandbox/pages.hpp"

namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;

json::value render(const wechat_pay::Trade& paid) {
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
    std::string buyer = fields.optional_text("buyer", {.max = 16}).value_or("");
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    const auto paid =
        co_await sandbox.wechat_pay().pay(std::move(code_url), coupon, std::move(buyer));
    co_return http::answer(request, paid, render);
}

Response refused(const Error& error) {
    return page(refused_page(error), http::status_of(error.kind().condition));
}

Task<Response> show_way_in(Sandbox&, Request&) { co_return see("/sandbox"); }

Task<Response> show_list(Sandbox& sandbox, Request&) {
    const auto payable = co_await sandbox.wechat_pay().payable();
    const auto pages = co_await sandbox.alipay().open_pages();
    co_return page(list_page(payable, pages, sandbox.ground().clock.now()));
}

Task<Response> show_confirmation(Sandbox& sandbox, Request& request) {
    const auto code = request.query_param("pr").value_or("");
    std::string code_url = std::string{wechat_pay::kCodeUrlPrefix} + code;
    const auto trade = co_await sandbox.wechat_pay().look_up(std::move(code_url));
    co_return trade.has_error() ? refused(trade.error()) : page(confirm_page(*trade));
}

Task<Response> pay_from_form(Sandbox& sandbox, Request& request) {
    const auto field = form_field(request.body, "code_url").value_or("");
    std::string code_url{http::trim_blanks(field)};
    std::string anyone;
    const Money no_coupon;
    const auto paid =
        co_await sandbox.wechat_pay().pay(std::move(code_url), no_coupon, std::move(anyone));
    co_return paid.has_error() ? refused(paid.error()) : page(paid_page(*paid));
}

using Handler = Task<Response> (*)(Sandbox&, Request&);

http::Route route(Sandbox& sandbox, Method method, const std::string& pattern, Handler handler) {
    const auto call = [&sandbox, handler](Request& request) { return handler(sandbox, request); };
    return {method, pattern, Access::anyone(), http::AsyncHandler{call}, {.csrf = false}};
}

void add_buyer(http::Routes& routes, Sandbox& sandbox) {
    routes.push_back(route(sandbox, Method::get, "/sandbox", show_list));
    routes.push_back(route(sandbox, Method::get, "/sandbox/pay", show_confirmation));
    routes.push_back(route(sandbox, Method::post, "/sandbox/pay", pay_from_form));
    routes.push_back(route(sandbox, Method::post, "/sandbox/scan", scan));
}

}  // namespace

http::Routes sandbox_routes(Sandbox& sandbox) {
    http::Routes routes = wechat_pay::protocol_routes(sandbox.wechat_pay());
    for (auto& route : alipay::routes(sandbox.alipay())) routes.push_back(std::move(route));
    add_buyer(routes, sandbox);
    return routes;
}

http::Routes root_routes(Sandbox& sandbox) {
    http::Routes routes = wechat_pay::protocol_routes(sandbox.wechat_pay(), "");
    auto gateway = alipay::gateway_routes(sandbox.alipay(), "/gateway.do");
    for (auto& route : gateway) routes.push_back(std::move(route));
    routes.push_back(route(sandbox, Method::get, "/", show_way_in));
    return routes;
}

}  // namespace doorbuster::sandbox
