#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "ports/payment_provider.hpp"

// The JSON of WeChat Pay APIv3: what we write, and strict readers of what it writes. Readers take
// the bytes of a verified message, ignore what they do not know, never throw, and answer nothing
// when a part they need is missing or malformed.
namespace doorbuster::wechat_pay {

inline constexpr std::size_t kMessageBytesMax = 2 * 1024 * 1024;

struct CreateRequest {
    std::string_view appid;
    std::string_view mchid;
    std::string_view notify_url;
    const ProviderOrder& order;
};
// Equal orders give equal bytes, as re-entry demands. A description is cut to 127 bytes of UTF-8.
std::string create_body(const CreateRequest& request);
std::string close_body(std::string_view mchid);

std::optional<std::string> parse_code_url(std::string_view body);

// A Transaction of a query or of a notification's plaintext. In the states paid and refunded the
// transaction id, the amount and the currency are there.
std::optional<ProviderTrade> parse_transaction(std::string_view body);

struct Failure {
    std::string code;  // without underscores and in upper case: both spellings occur
    std::string message;
};
// The body of an answer that is not 2xx; empty texts when it is not WeChat Pay's.
Failure parse_failure(std::string_view body);

// The envelope of a notification.
struct Notification {
    std::string id;
    std::string event_type;
    std::string original_type;
    std::string algorithm;
    std::string ciphertext;
    std::string associated_data;
    std::string nonce;
};
std::optional<Notification> parse_notification(std::string_view body);

// RFC 3339 to the second in Beijing time, as WeChat Pay writes it: 2018-06-08T10:34:56+08:00.
std::string to_beijing_time(Time time);

// Which characters an out_trade_no may have, and 6 to 32 of them.
bool is_out_trade_no(std::string_view text);

}  // namespace doorbuster::wechat_pay
