#include "adapters/wechat_pay/provider.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/wechat_pay/aead.hpp"
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

bool is_one_of(std::string_view code, const auto& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Everything but the unreserved characters of RFC 3986 and the star, which WeChat Pay leaves alone.
std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') ||
                           std::string_view{"-._~*"}.find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return encoded;
}

// What there is to say of an answer that is no success.
Refused refusal_of(const Answer& answer) {
    if (answer.status == 0) return {"NO_ANSWER", answer.reason, false};
    if (answer.status / 100 == 2) {
        return {answer.verified ? "UNREADABLE" : "UNVERIFIED", answer.reason, false};
    }
    Failure failure = parse_failure(answer.body);
    if (failure.code.empty()) failure.code = "HTTP" + std::to_string(answer.status);
    return {std::move(failure.code), std::move(failure.message), false};
}

template <class T>
PaymentProvider::Outcome<T> refused(Refused why) {
    return {std::nullopt, std::move(why)};
}
template <class T>
PaymentProvider::Outcome<T> accepted(T value) {
    return {std::move(value), {}};
}

// A number that WeChat Pay would never take needs no question.
Refused bad_number() { return {"PARAMERROR", "not an out_trade_no", true}; }

NotificationReply failed_with(int status) {
    return {status, "application/json", R"({"code":"FAIL","message":"失败"})"};
}

bool is_missing(const Answer& answer, std::string_view code) {
    return answer.status == 404 && answer.verified &&
           (code == "ORDERNOTEXIST" || code == "RESOURCENOTEXISTS");
}

}  // namespace

WechatPay::WechatPay(const Config& config, HttpClient& http, const Clock& clock, Random& random)
    : config_{config}, client_{config, http, clock, random} {}

Task<PaymentProvider::Outcome<std::string>> WechatPay::create(const ProviderOrder& order) {
    if (!is_out_trade_no(order.out_trade_no)) co_return refused<std::string>(bad_number());
    Call call{.operation = "create", .method = "POST", .path = "/v3/pay/transactions/native"};
    call.body = create_body({config_.appid, config_.mchid, config_.notify_url, order});
    call.out_trade_no = order.out_trade_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (answer.status == 200 && answer.verified) {
        if (auto code_url = parse_code_url(answer.body)) co_return accepted(std::move(*code_url));
    }
    Refused why = refusal_of(answer);
    why.final_answer =
        answer.verified && answer.status / 100 == 4 && is_one_of(why.code, kFinalForCreate);
    co_return refused<std::string>(std::move(why));
}

Task<PaymentProvider::Outcome<ProviderTrade>> WechatPay::query(const std::string& out_trade_no) {
    if (!is_out_trade_no(out_trade_no)) co_return refused<ProviderTrade>(bad_number());
    Call call{.operation = "query", .method = "GET"};
    call.path = std::string{kTrades} + percent_encoded(out_trade_no) + "?mchid=" + config_.mchid;
    call.out_trade_no = out_trade_no;
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
    call.out_trade_no = out_trade_no;
    const Answer answer = co_await client_.call(std::move(call));

    if (answer.verified && answer.status / 100 == 2 && answer.status != 202) {
        co_return accepted(true);
    }
    Refused why = refusal_of(answer);
    if (answer.verified && why.code == "ORDERCLOSED") co_return accepted(true);
    if (answer.verified && why.code == "ORDERPAID") co_return accepted(false);
    co_return refused<bool>(std::move(why));
}

std::optional<ProviderNotification> WechatPay::verify_notification(
    const Headers& headers, std::string_view body, Time now, std::string& reason
) const {
    const auto refuse = [&](std::string_view why) {
        reason = why;
        return std::nullopt;
    };
    if (body.size() > kMessageBytesMax) return refuse("too_large");
    const Verdict verdict = client_.verify(headers, body, now);
    if (verdict != Verdict::ok) return refuse(to_string(verdict));
    const auto envelope = parse_notification(body);
    if (!envelope) return refuse("malformed");
    if (envelope->algorithm != "AEAD_AES_256_GCM") return refuse("unsupported_algorithm");
    const auto plaintext = open_sealed(
        config_.apiv3_key.reveal(), envelope->nonce, envelope->associated_data, envelope->ciphertext
    );
    if (!plaintext) return refuse("cannot_decrypt");

    ProviderNotification notification;
    notification.id = envelope->id;
    notification.is_payment =
        envelope->event_type == "TRANSACTION.SUCCESS" && envelope->original_type == "transaction";
    if (!notification.is_payment) return notification;
    auto trade = parse_transaction(*plaintext);
    if (!trade) return refuse("malformed_transaction");
    notification.trade = std::move(*trade);
    return notification;
}

NotificationReply WechatPay::reply_accepted() const {
    return {200, "application/json", R"({"code":"SUCCESS","message":"成功"})"};
}
NotificationReply WechatPay::reply_refused() const { return failed_with(401); }
NotificationReply WechatPay::reply_try_again() const { return failed_with(503); }

}  // namespace doorbuster::wechat_pay
