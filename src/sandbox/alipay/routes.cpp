#include "sandbox/alipay/routes.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/text.hpp"
#include "sandbox/alipay/pages.hpp"
#include "sandbox/common/call_faults.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/common/web.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kPagePay = "alipay.trade.page.pay";
constexpr std::string_view kCashier = "/sandbox/alipay/cashier?page=";

Response json_text(std::string body, int status = 200) {
    return {
        .status = status,
        .content_type = "application/json;charset=utf-8",
        .body = std::move(body)};
}

Response server_error() {
    return json_text(
        error_response({"20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙"})
    );
}
Response rate_limited() {
    return json_text(
        error_response({"40005", "Call Limited", "isv.app-call-limited", "应用调用次数超限"})
    );
}
Response unknown_order() {
    return json_text(error_response(business_failure("ACQ.TRADE_NOT_EXIST", "交易不存在")));
}
constexpr FailureWords kFailures{server_error, rate_limited, unknown_order};

// Files come from a server of another kind, which says nothing of calls.
Response plain(int status, std::string_view text) {
    return {.status = status, .content_type = "text/plain", .body = std::string{text}};
}
Response file_server_error() { return plain(500, "error"); }
Response file_rate_limited() { return plain(429, "too many requests"); }
Response no_file() { return plain(404, "expired"); }
constexpr FailureWords kFileFailures{file_server_error, file_rate_limited, no_file};

// The number that faults of single orders go by.
std::string subject_of(const Request& request) {
    const auto params = params_of(request);
    const auto found = params ? params->find("biz_content") : Params::const_iterator{};
    if (!params || found == params->end()) return {};
    BizContent content{found->second};
    return content.text("out_trade_no", 64);
}

Task<Response> open_page(Gateway& gateway, Call call) {
    const auto opened = co_await gateway.open_page(std::move(call));
    if (const auto* refusal = std::get_if<Reply>(&opened)) {
        co_return page(refused_page(*refusal));
    }
    co_return see(std::string{kCashier} + std::get<Page>(opened).token);
}

Task<Response> serve(Gateway& gateway, Request& request) {
    const Ground& ground = gateway.ground();
    const std::string subject = subject_of(request);
    if (auto failure = failure_before(ground.faults, subject, kFailures)) {
        co_return std::move(*failure);
    }
    Gate::Admission admission = gateway.gate().admit(request);
    if (!admission.call) co_return json_text(std::move(admission.refusal));
    const Call call = std::move(*admission.call);
    if (call.method == kPagePay) {
        Call page_call = call;
        Response opened = co_await open_page(gateway, std::move(page_call));
        co_return opened;
    }

    std::string origin = origin_of(request, ground.options.get().origin);
    Call asked = call;
    const Reply reply = co_await gateway.answer(std::move(asked), std::move(origin));
    std::string order = subject;
    auto failure = co_await failure_after(ground, std::move(order), kFailures);
    if (failure) co_return std::move(*failure);
    const Spoiling spoiling = spoiling_of_answer(ground.faults, subject);
    co_return json_text(gateway.gate().envelope(call, reply, spoiling));
}

// What a file is called is ours to say: the name is a date.
Task<Response> bill(Gateway& gateway, Request& request) {
    const Ground& ground = gateway.ground();
    if (auto failure = failure_before(ground.faults, kBillFile, kFileFailures)) {
        co_return std::move(*failure);
    }
    std::string token = request.query_param("token").value_or("");
    auto file = co_await gateway.download(std::move(token));
    if (!file) co_return no_file();
    std::string subject = kBillFile;
    auto failure = co_await failure_after(ground, std::move(subject), kFileFailures);
    if (failure) co_return std::move(*failure);
    Response response{.content_type = "application/octet-stream"};
    response.body = spoilt_file(ground.faults, std::move(file->content));
    response.with("Content-Disposition", "attachment; filename=\"" + file->name + '"');
    co_return response;
}

Response refused(const Error& error) {
    return page(refused_page(error), http::status_of(error.kind().condition));
}

Task<Response> show_cashier(Gateway& gateway, Request& request) {
    std::string token = request.query_param("page").value_or("");
    const auto shown = co_await gateway.look_up(std::move(token));
    if (shown.has_error()) co_return refused(shown.error());
    const auto buyer = request.query_param("buyer").value_or("");
    if (!shown->trade) co_return page(log_in_page(shown->page));
    const Trade& trade = *shown->trade;
    if (trade.is_paid()) co_return page(paid_page(trade, gateway.way_back(shown->page, trade)));
    if (trade.state == "TRADE_CLOSED") co_return refused(kOrderClosed);
    const bool here = trade.buyer == buyer;
    co_return page(here ? confirm_page(shown->page, trade) : log_in_page(shown->page));
}

// The fields of the cashier's forms. A buyer that is no text is nobody.
struct CashierForm {
    explicit CashierForm(std::string_view body)
        : token{form_field(body, "page").value_or("")},
          buyer{form_field(body, "buyer").value_or("")} {
        if (!http::utf8_length(buyer) || buyer.find('\0') != std::string::npos) buyer.clear();
    }
    std::string token;
    std::string buyer;
};

Task<Response> log_in(Gateway& gateway, Request& request) {
    CashierForm form{request.body};
    const std::string next =
        std::string{kCashier} + form.token + "&" + form_of({{"buyer", form.buyer}});
    const auto trade = co_await gateway.log_in(std::move(form.token), std::move(form.buyer));
    if (trade.has_error()) co_return refused(trade.error());
    co_return see(next);
}

Task<Response> pay(Gateway& gateway, Request& request) {
    CashierForm form{request.body};
    const std::string next = std::string{kCashier} + form.token;
    const Money no_coupon;
    const auto paid = co_await gateway.pay(std::move(form.token), std::move(form.buyer), no_coupon);
    if (paid.has_error()) co_return refused(paid.error());
    co_return see(next);
}

// The token in a cashier's address, or the token alone.
std::string token_in(const std::string& text) {
    const auto at = text.find("page=");
    if (at == std::string::npos) return text;
    const std::string rest = text.substr(at + 5);
    return rest.substr(0, rest.find('&'));
}

// What a program does as a buyer: logs in and, unless it says not to, pays.
Task<Response> scan(Gateway& gateway, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string token = token_in(fields.text("page", {.max = 512}));
    const std::string buyer = fields.optional_text("buyer", {.max = 16}).value_or("buyer1");
    const Money coupon = fields.optional_money("coupon").value_or(Money{});
    const bool pays = fields.optional_boolean("pay").value_or(true);
    if (const auto bad = fields.check(); bad.has_error()) {
        co_return http::failure(request, bad.error());
    }
    std::string page_token = token;
    std::string name = buyer;
    const auto entered = co_await gateway.log_in(std::move(page_token), std::move(name));
    Result<Trade> trade = entered;
    // Paying has faults of its own that a closed order can be paid under.
    if (pays) {
        page_token = token;
        name = buyer;
        auto paid = co_await gateway.pay(std::move(page_token), std::move(name), coupon);
        trade = std::move(paid);
    }
    if (trade.has_error()) co_return http::failure(request, trade.error());
    page_token = token;
    const auto shown = co_await gateway.look_up(std::move(page_token));
    std::string back;
    if (shown.has_value() && trade->is_paid()) back = gateway.way_back(shown->page, *trade);
    const auto render = [&back](const Trade& done) -> json::value {
        return json::object{
            {"out_trade_no", done.terms.out_trade_no},
            {"trade_no", done.trade_no},
            {"trade_status", done.state},
            {"total", done.terms.total.fen()},
            {"payer_total", done.payer_total.fen()},
            {"return_url", back.empty() ? json::value(nullptr) : json::value(back)}};
    };
    co_return http::answer(request, trade, render);
}

using Handler = Task<Response> (*)(Gateway&, Request&);

http::Route route(Gateway& gateway, Method method, std::string_view path, Handler handler) {
    const auto call = [&gateway, handler](Request& request) { return handler(gateway, request); };
    return {method, std::string{path}, Access::anyone(), http::AsyncHandler{call}, {.csrf = false}};
}

}  // namespace

http::Routes gateway_routes(Gateway& gateway, std::string_view path) {
    return {route(gateway, Method::get, path, serve), route(gateway, Method::post, path, serve)};
}

http::Routes routes(Gateway& gateway) {
    http::Routes routes = gateway_routes(gateway, kAlipayGatewayPath);
    routes.push_back(route(gateway, Method::get, kBillPath, bill));
    routes.push_back(route(gateway, Method::get, "/sandbox/alipay/cashier", show_cashier));
    routes.push_back(route(gateway, Method::post, "/sandbox/alipay/cashier/log-in", log_in));
    routes.push_back(route(gateway, Method::post, "/sandbox/alipay/cashier/pay", pay));
    routes.push_back(route(gateway, Method::post, "/sandbox/alipay/scan", scan));
    return routes;
}

}  // namespace doorbuster::sandbox::alipay
