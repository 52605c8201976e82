#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "sandbox/wechat_pay/gate.hpp"

namespace doorbuster::sandbox::wechat_pay {

// A create request that keeps the rules of the documentation.
struct NativeOrder {
    std::string out_trade_no;
    std::string description;
    std::optional<std::string> attach;
    std::string notify_url;
    Money total;
    std::optional<Time> time_expire;
};

// Reads the body of POST /v3/pay/transactions/native. The refusal names the field at fault: one
// that is missing, of the wrong type, too long, null, or unknown, at any depth.
std::variant<NativeOrder, Reply> read_native_order(
    std::string_view body, std::string_view mchid, std::string_view appid
);

// Whether a text could be an out_trade_no: 6 to 32 of its characters.
bool is_out_trade_no(std::string_view text);

// Whether two bodies say the same, whatever their spacing and the order of their members.
bool same_request(std::string_view one, std::string_view other);

}  // namespace doorbuster::sandbox::wechat_pay
