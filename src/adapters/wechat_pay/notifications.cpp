#include "adapters/wechat_pay/aead.hpp"
#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "adapters/wechat_pay/refund_messages.hpp"

namespace doorbuster::wechat_pay {

namespace {

// Both words must say it: what tells of a refund is never taken for a payment.
bool is_payment(const Notification& told) {
    return told.event_type == "TRANSACTION.SUCCESS" && told.original_type == "transaction";
}
bool is_refund(const Notification& told) {
    return told.event_type.starts_with("REFUND.") && told.original_type == "refund";
}

NotificationReply failed_with(int status) {
    return {status, "application/json", R"({"code":"FAIL","message":"失败"})"};
}

}  // namespace

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
    if (is_payment(*envelope)) {
        auto trade = parse_transaction(*plaintext);
        if (!trade) return refuse("malformed_transaction");
        notification.is_payment = true;
        notification.trade = std::move(*trade);
    } else if (is_refund(*envelope)) {
        auto told = parse_notified_refund(*plaintext);
        if (!told) return refuse("malformed_refund");
        if (told->merchant != config_.mchid) return refuse("refund_of_another_merchant");
        notification.refund = std::move(told->refund);
    }
    return notification;
}

NotificationReply WechatPay::reply_accepted() const {
    return {200, "application/json", R"({"code":"SUCCESS","message":"成功"})"};
}
NotificationReply WechatPay::reply_refused() const { return failed_with(401); }
NotificationReply WechatPay::reply_try_again() const { return failed_with(503); }

}  // namespace doorbuster::wechat_pay
