#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/money.hpp"
#include "sandbox/wechat_pay/gate.hpp"

namespace doorbuster::sandbox::wechat_pay {

// A refund request that keeps the rules of the documentation.
struct RefundOrder {
    std::string transaction_id;  // one of these two at least
    std::string out_trade_no;
    std::string out_refund_no;
    std::string reason;
    std::string notify_url;
    Money refund;
    Money total;
};

// Reads the body of POST /v3/refund/domestic/refunds; refuses like read_native_order.
std::variant<RefundOrder, Reply> read_refund_order(std::string_view body);

// Whether a text could be an out_refund_no: 1 to 64 of its characters.
bool is_out_refund_no(std::string_view text);

}  // namespace doorbuster::sandbox::wechat_pay
