#include "adapters/alipay/provider.hpp"

#include <utility>

#include "adapters/alipay/refusals.hpp"

namespace doorbuster::alipay {

namespace {

using Refused = PaymentProvider::Refused;

// Alipay's own bound for time_expire; less would give the buyer longer than we do.
constexpr Milliseconds kPayableForAtLeast = std::chrono::seconds{60};

std::optional<Refused> fault_of(const ProviderOrder& order, Time now) {
    if (!is_out_trade_no(order.out_trade_no)) return bad_parameter("not an out_trade_no");
    if (!is_payable(order.amount)) return bad_parameter("not between 0.01 and 100 million yuan");
    if (order.expires_at - now < kPayableForAtLeast) {
        return bad_parameter("less than 60 seconds are left to pay");
    }
    return std::nullopt;
}

NotificationReply reply(std::string_view body) { return {200, "text/plain", std::string{body}}; }

}  // namespace

Alipay::Alipay(const Config& config, HttpClient& http, const Clock& clock)
    : config_{config}, clock_{clock}, client_{config, http, clock} {}

Task<PaymentProvider::Outcome<std::string>> Alipay::create(const ProviderOrder& order) {
    if (auto fault = fault_of(order, clock_.now())) {
        co_return refused<std::string>(std::move(*fault));
    }
    co_return accepted(std::string{});
}

std::optional<PayForm> Alipay::pay_form(const ProviderOrder& order, Time now) const {
    if (fault_of(order, now)) return std::nullopt;
    const std::string content = page_pay_content(order, now);
    Params params = client_.page("alipay.trade.page.pay", content, now);
    const std::string& gateway = config_.page_url.empty() ? config_.gateway_url : config_.page_url;
    PayForm form;
    form.address = gateway + "?" + to_form(params);
    params.erase("biz_content");
    form.action = gateway + "?" + to_form(params);
    form.fields = {{"biz_content", content}};
    return form;
}

Task<PaymentProvider::Outcome<ProviderTrade>> Alipay::query(const std::string& out_trade_no) {
    if (!is_out_trade_no(out_trade_no)) {
        co_return refused<ProviderTrade>(bad_parameter("not an out_trade_no"));
    }
    Call call{"alipay.trade.query", trade_content(out_trade_no), out_trade_no};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    if (is_missing_trade(result)) {
        ProviderTrade trade;
        trade.state = ProviderTrade::State::not_exist;
        trade.out_trade_no = out_trade_no;
        trade.merchant = config_.seller_id;
        trade.seller = config_.app_id;
        co_return accepted(std::move(trade));
    }
    auto trade = is_done(result) ? parse_trade(answer.node) : std::nullopt;
    // A signed answer to another question proves nothing about this one.
    if (!trade || trade->out_trade_no != out_trade_no) {
        co_return refused<ProviderTrade>(refusal_of(answer, result));
    }
    // It does not say whose trade it is: only the application that asks can be answered so.
    trade->merchant = config_.seller_id;
    trade->seller = config_.app_id;
    co_return accepted(std::move(*trade));
}

Task<PaymentProvider::Outcome<bool>> Alipay::close(const std::string& out_trade_no) {
    if (!is_out_trade_no(out_trade_no)) {
        co_return refused<bool>(bad_parameter("not an out_trade_no"));
    }
    Call call{"alipay.trade.close", trade_content(out_trade_no), out_trade_no};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    if (is_done(result) && parse_closed(answer.node) == out_trade_no) co_return accepted(true);
    // Paid or closed already; either way it is to be asked about.
    if (is_no_longer_open(result)) co_return accepted(false);
    co_return refused<bool>(refusal_of(answer, result));
}

std::optional<ProviderNotification> Alipay::verify_notification(
    const Headers& /*headers*/, std::string_view body, Time /*now*/, std::string& reason
) const {
    const Verifier::Form form = client_.check_form(body);
    if (form.verdict != Verdict::ok) {
        reason = to_string(form.verdict);
        return std::nullopt;
    }
    auto notification = read_notification(form.params);
    if (!notification) reason = "malformed";
    return notification;
}

// Any other byte would be a failure to Alipay.
NotificationReply Alipay::reply_accepted() const { return reply("success"); }
NotificationReply Alipay::reply_refused() const { return reply("fail"); }
NotificationReply Alipay::reply_try_again() const { return reply("fail"); }

std::optional<Return> Alipay::verify_return(std::string_view query) const {
    const Verifier::Form form = client_.check_form(query);
    if (form.verdict != Verdict::ok) return std::nullopt;
    const bool ours = value_of(form.params, "app_id") == config_.app_id &&
                      value_of(form.params, "seller_id") == config_.seller_id;
    return ours ? read_return(form.params) : std::nullopt;
}

Task<PaymentProvider::Outcome<ProviderRefund>> Alipay::refund(const ProviderRefundOrder& order) {
    if (auto fault = fault_of_refund(order)) {
        co_return refused<ProviderRefund>(std::move(*fault));
    }
    Call call{"alipay.trade.refund", refund_content(order), order.out_refund_no};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    auto refund = is_done(result) ? parse_refund(answer.node) : std::nullopt;
    if (!refund || refund->out_trade_no != order.out_trade_no) {
        Refused why = refusal_of(answer, result);
        why.final_answer = is_final_for_refund(result);
        why.needs_money = needs_money(result);
        co_return refused<ProviderRefund>(std::move(why));
    }
    refund->out_refund_no = order.out_refund_no;
    co_return accepted(std::move(*refund));
}

Task<PaymentProvider::Outcome<ProviderRefund>> Alipay::query_refund(const ProviderRefundOrder& order
) {
    if (auto fault = fault_of_refund(order)) {
        co_return refused<ProviderRefund>(std::move(*fault));
    }
    Call call{
        "alipay.trade.fastpay.refund.query", refund_query_content(order), order.out_refund_no};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    std::optional<ProviderRefund> refund;
    if (is_missing_trade(result)) refund.emplace().state = ProviderRefund::State::not_exist;
    if (is_done(result)) refund = parse_refund_query(answer.node);
    const bool about_it =
        refund && (refund->out_refund_no.empty() || refund->out_refund_no == order.out_refund_no) &&
        (refund->out_trade_no.empty() || refund->out_trade_no == order.out_trade_no);
    if (!about_it) co_return refused<ProviderRefund>(refusal_of(answer, result));
    refund->out_refund_no = order.out_refund_no;
    refund->out_trade_no = order.out_trade_no;
    co_return accepted(std::move(*refund));
}

}  // namespace doorbuster::alipay
