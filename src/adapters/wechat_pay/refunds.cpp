#include <array>
#include <utility>

#include "adapters/wechat_pay/answers.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "adapters/wechat_pay/refund_messages.hpp"

namespace doorbuster::wechat_pay {

namespace {

using RefundOutcome = PaymentProvider::Outcome<ProviderRefund>;

constexpr std::string_view kRefunds = "/v3/refund/domestic/refunds";

// Refusals that no repetition changes. INVALIDREQUEST is also said of a number that was used with
// other parameters: whoever gives a refund up asks about its number first. Not among them:
// RESOURCENOTEXISTS, which an order that was paid a moment ago may be answered with.
constexpr std::array<std::string_view, 10> kFinalForRefund{
    "PARAMERROR",
    "INVALIDREQUEST",
    "NOAUTH",
    "MCHNOTEXISTS",
    "APPIDMCHIDNOTMATCH",
    "USERACCOUNTABNORMAL",
    "ACCOUNTERROR",
    "RULELIMIT",
    "TRADEERROR",
    "ORDERCLOSED"};

// A number that WeChat Pay would never take needs no question.
RefundOutcome bad_number() {
    return refused<ProviderRefund>({"PARAMERROR", "not an out_refund_no", true});
}

std::optional<ProviderRefund> refund_in(const Answer& answer, const ProviderRefundOrder& order) {
    if (answer.status != 200 || !answer.verified) return std::nullopt;
    auto refund = parse_refund(answer.body);
    // A signed answer to another question proves nothing about this one.
    if (refund && refund->out_refund_no != order.out_refund_no) return std::nullopt;
    return refund;
}

}  // namespace

Task<RefundOutcome> WechatPay::refund(const ProviderRefundOrder& order) {
    if (!is_out_refund_no(order.out_refund_no)) co_return bad_number();
    Call call{.operation = "refund", .method = "POST", .path = std::string{kRefunds}};
    call.body = refund_body(order, refund_notify_url());
    call.number = order.out_refund_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (auto refund = refund_in(answer, order)) co_return accepted(std::move(*refund));
    PaymentProvider::Refused why = refusal_of(answer);
    why.final_answer = is_verified_4xx(answer) && is_one_of(why.code, kFinalForRefund);
    why.needs_money = is_verified_4xx(answer) && why.code == "NOTENOUGH";
    co_return refused<ProviderRefund>(std::move(why));
}

Task<RefundOutcome> WechatPay::query_refund(const ProviderRefundOrder& order) {
    if (!is_out_refund_no(order.out_refund_no)) co_return bad_number();
    Call call{.operation = "query_refund", .method = "GET"};
    call.path = std::string{kRefunds} + '/' + percent_encoded(order.out_refund_no);
    call.number = order.out_refund_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (auto refund = refund_in(answer, order)) co_return accepted(std::move(*refund));
    PaymentProvider::Refused why = refusal_of(answer);
    const bool missing = answer.verified && answer.status == 404 && why.code == "RESOURCENOTEXISTS";
    if (!missing) co_return refused<ProviderRefund>(std::move(why));
    ProviderRefund refund;
    refund.state = ProviderRefund::State::not_exist;
    refund.out_refund_no = order.out_refund_no;
    refund.out_trade_no = order.out_trade_no;
    refund.transaction_id = order.transaction_id;
    co_return accepted(std::move(refund));
}

const std::string& WechatPay::refund_notify_url() const {
    return config_.refund_notify_url.empty() ? config_.notify_url : config_.refund_notify_url;
}

}  // namespace doorbuster::wechat_pay
