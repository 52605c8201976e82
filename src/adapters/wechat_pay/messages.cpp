#include "adapters/wechat_pay/messages.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "adapters/pay_wire/strict_json.hpp"
#include "adapters/wechat_pay/json_parts.hpp"
#include "core/utf8.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::integer_of;
using pay_wire::object_of;
using pay_wire::text_of;
using pay_wire::token_of;

namespace {

namespace json = boost::json;
using State = ProviderTrade::State;

constexpr std::size_t kDescriptionBytesMax = 127;

State state_of(std::string_view name) {
    if (name == "SUCCESS") return State::paid;
    if (name == "REFUND") return State::refunded;
    if (name == "CLOSED") return State::closed;
    // A payment that failed at the bank may be tried again.
    if (name == "NOTPAY" || name == "PAYERROR") return State::not_paid;
    return State::unknown;
}

// What only a paid trade has. False: something that must be there is not.
bool read_payment(const json::object& from, ProviderTrade& trade) {
    const auto transaction = token_of(from, "transaction_id", 32);
    const json::object* amount = object_of(from, "amount");
    const auto total = amount ? integer_of(*amount, "total") : std::nullopt;
    const auto currency = amount ? token_of(*amount, "currency", 16) : std::nullopt;
    if (!transaction || !total || !currency || *total < 0) return false;
    trade.transaction_id = *transaction;
    trade.amount = Money::fen(*total);
    trade.currency = *currency;
    if (const auto time = token_of(from, "success_time", 64)) trade.paid_at = from_rfc3339(*time);
    return true;
}

}  // namespace

std::string create_body(const CreateRequest& request) {
    const ProviderOrder& order = request.order;
    const json::object amount{{"total", order.amount.fen()}, {"currency", view(kCurrency)}};
    const json::object body{
        {"appid", view(request.appid)},
        {"mchid", view(request.mchid)},
        {"description", view(cut_utf8(order.description, kDescriptionBytesMax))},
        {"out_trade_no", view(order.out_trade_no)},
        {"time_expire", view(to_beijing_time(order.expires_at))},
        {"notify_url", view(request.notify_url)},
        {"amount", amount},
    };
    return json::serialize(body);
}

std::string close_body(std::string_view mchid) {
    return json::serialize(json::object{{"mchid", view(mchid)}});
}

std::optional<std::string> parse_code_url(std::string_view body) {
    const auto object = parse_object(body);
    return object ? token_of(*object, "code_url", 512) : std::nullopt;
}

std::optional<ProviderTrade> parse_transaction(std::string_view body) {
    const auto object = parse_object(body);
    if (!object) return std::nullopt;
    const auto out_trade_no = token_of(*object, "out_trade_no", 32);
    const auto merchant = token_of(*object, "mchid", 32);
    const auto seller = token_of(*object, "appid", 32);
    const auto state = token_of(*object, "trade_state", 32);
    if (!out_trade_no || !merchant || !seller || !state) return std::nullopt;

    ProviderTrade trade;
    trade.state = state_of(*state);
    trade.out_trade_no = *out_trade_no;
    trade.merchant = *merchant;
    trade.seller = *seller;
    const bool paid = trade.state == State::paid || trade.state == State::refunded;
    if (paid && !read_payment(*object, trade)) return std::nullopt;
    return trade;
}

Failure parse_failure(std::string_view body) {
    const auto object = parse_object(body);
    if (!object) return {};
    Failure failure;
    failure.message = text_of(*object, "message", 1024).value_or("");
    for (const char c : token_of(*object, "code", 64).value_or("")) {
        if (c != '_') failure.code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return failure;
}

std::optional<Notification> parse_notification(std::string_view body) {
    const auto object = parse_object(body);
    const json::object* resource = object ? object_of(*object, "resource") : nullptr;
    if (!resource) return std::nullopt;
    const auto id = token_of(*object, "id", 64);
    const auto event_type = token_of(*object, "event_type", 64);
    const auto original_type = token_of(*resource, "original_type", 64);
    const auto algorithm = token_of(*resource, "algorithm", 64);
    const auto ciphertext = token_of(*resource, "ciphertext", 1024 * 1024);
    const auto nonce = text_of(*resource, "nonce", 16);
    if (!id || !event_type || !original_type || !algorithm || !ciphertext || !nonce) {
        return std::nullopt;
    }
    // Absent and empty mean the same. Anything else that is no text fails at the tag.
    auto data = text_of(*resource, "associated_data", 64).value_or("");
    return Notification{
        *id, *event_type, *original_type, *algorithm, *ciphertext, std::move(data), *nonce};
}

std::string to_beijing_time(Time time) {
    const auto local = std::chrono::floor<std::chrono::seconds>(time) + std::chrono::hours{8};
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{local - day};
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d+08:00",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

bool is_out_trade_no(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-' || c == '|' || c == '*';
    };
    return text.size() >= 6 && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace doorbuster::wechat_pay
