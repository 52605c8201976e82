#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/payment_refunds.hpp"

// The JSON of refunds, in the manner of messages.hpp.
namespace doorbuster::wechat_pay {

// Equal orders give equal bytes, as re-entry demands. A reason is cut to 80 bytes of UTF-8, an
// empty one is left out.
std::string refund_body(const ProviderRefundOrder& order, std::string_view notify_url);

// A Refund of an answer.
std::optional<ProviderRefund> parse_refund(std::string_view body);

// The plaintext of a refund's notification, which names its state differently and its merchant too.
struct NotifiedRefund {
    std::string merchant;
    ProviderRefund refund;
};
std::optional<NotifiedRefund> parse_notified_refund(std::string_view plaintext);

// Which characters an out_refund_no may have, and 1 to 64 of them.
bool is_out_refund_no(std::string_view text);

}  // namespace doorbuster::wechat_pay
