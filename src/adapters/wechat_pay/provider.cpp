#include "adapters/wechat_pay/provider.hpp"

#include <array>
#include <utility>

#include "adapters/wechat_pay/answers.hpp"
#include "adapters/wechat_pay/messages.hpp"

namespace doorbuster::wechat_pay {

namespace {

using Refused = PaymentProvider::Refused;

constexpr std::string_view kTrades = "/v3/pay/transactions/out-trade-no/";

// Refusals of a create that no repetition changes. Not among them: INVALID_REQUEST (also said of an
// order that exists with other parameters), OUTTRADENOUSED and ORDERPAID (query instead): behind
// those there may be an order that can be paid or is.
constexpr std::array<std::string_view, 8> kFinalForCreate{
    "PARAMERROR",
    "NOAUTH",
    "ORDERCLOSED",
    "APPIDMCHIDNOTMATCH",
    "MCHNOTEXISTS",
    "RULELIMIT",
    "ACCOUNTERROR",
    "TRADEERROR"};

// A number that WeChat Pay would never take needs no question.
Refused bad_number() { return {"PARAMERROR", "not an out_trade_no", true}; }

bool is_missing(const Answer& answer, std::string_view code) {
    return answer.status == 404 && answer.verified &&
           (code == "ORDERNOTEXIST" || code == "RESOURCENOTEXISTS");
}

}  // namespace

WechatPay::WechatPay(const Config& config, HttpClient& http, const Clock& clock, Random& random)
    : config_{config}, clock_{clock}, random_{random}, client_{config, http, clock, random} {}

Task<Answer> WechatPay::probe() {
    Call call{.operation = "probe", .method = "GET"};
    call.number = "PROBE" + random_.token(27);  // 32 characters, the most that there may be
    call.path = std::string{kTrades} + call.number + "?mchid=" + config_.mchid;
    return client_.call(std::move(call));
}

Task<PaymentProvider::Outcome<std::string>> WechatPay::create(const ProviderOrder& order) {
    if (!is_out_trade_no(order.out_trade_no)) co_return refused<std::string>(bad_number());
    Call call{.operation = "create", .method = "POST", .path = "/v3/pay/transactions/native"};
    call.body = create_body({config_.appid, config_.mchid, config_.notify_url, order});
    call.number = order.out_trade_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (answer.status == 200 && answer.verified) {
        if (auto code_url = parse_code_url(answer.body)) co_return accepted(std::move(*code_url));
    }
    Refused why = refusal_of(answer);
    why.final_answer = is_verified_4xx(answer) && is_one_of(why.code, kFinalForCreate);
    co_return refused<std::string>(std::move(why));
}

Task<PaymentProvider::Outcome<ProviderTrade>> WechatPay::query(const std::string& out_trade_no) {
    if (!is_out_trade_no(out_trade_no)) co_return refused<ProviderTrade>(bad_number());
    Call call{.operation = "query", .method = "GET"};
    call.path = std::string{kTrades} + percent_encoded(out_trade_no) + "?mchid=" + config_.mchid;
    call.number = out_trade_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (answer.status == 200 && answer.verified) {
        auto trade = parse_transaction(answer.body);
        // A signed answer to another question proves nothing about this one.
        if (trade && trade->out_trade_no == out_trade_no) co_return accepted(std::move(*trade));
    }
    Refused why = refusal_of(answer);
    if (is_missing(answer, why.code)) {
        ProviderTrade trade;
        trade.state = ProviderTrade::State::not_exist;
        trade.out_trade_no = out_trade_no;
        trade.merchant = config_.mchid;
        trade.seller = config_.appid;
        co_return accepted(std::move(trade));
    }
    co_return refused<ProviderTrade>(std::move(why));
}

Task<PaymentProvider::Outcome<bool>> WechatPay::close(const std::string& out_trade_no) {
    if (!is_out_trade_no(out_trade_no)) co_return refused<bool>(bad_number());
    Call call{.operation = "close", .method = "POST"};
    call.path = std::string{kTrades} + percent_encoded(out_trade_no) + "/close";
    call.body = close_body(config_.mchid);
    call.number = out_trade_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (answer.verified && answer.status / 100 == 2 && answer.status != 202) {
        co_return accepted(true);
    }
    Refused why = refusal_of(answer);
    if (answer.verified && why.code == "ORDERCLOSED") co_return accepted(true);
    if (answer.verified && why.code == "ORDERPAID") co_return accepted(false);
    co_return refused<bool>(std::move(why));
}

}  // namespace doorbuster::wechat_pay
