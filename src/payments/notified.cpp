#include <algorithm>
#include <boost/json.hpp>

#include "payments/payment_service.hpp"
#include "ports/log.hpp"

namespace doorbuster::payments {
namespace {

constexpr sql::JobOptions kUrgent{.urgent = true};

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// What proves the notification later. Cookies and the like are nobody's business, and a header that
// is not plain ASCII proves nothing.
std::string headers_json(const PaymentProvider::Headers& headers) {
    boost::json::object object;
    for (const auto& [name, value] : headers) {
        if (!is_printable(name) || !is_printable(value)) continue;
        std::string lower = name;
        std::ranges::transform(lower, lower.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const bool kept = lower.starts_with("wechatpay-") || lower == "request-id";
        if (kept) object[name] = value;
    }
    return boost::json::serialize(object);
}

}  // namespace

// Which attempt a notification is about: by the merchant it names, else by ours, so that one that
// names another merchant is seen as a mismatch.
PaymentService::Judged PaymentService::judge(
    sql::Transaction& tx,
    const PaymentProvider& provider,
    const ProviderNotification& notification,
    std::optional<PaymentId>& payment
) const {
    const ProviderTrade& trade = notification.trade;
    const auto find = [&](std::string_view merchant) {
        return store::find_payment_by_trade(tx, provider.name(), merchant, trade.out_trade_no);
    };
    auto before = find(trade.merchant);
    if (!before) before = find(provider.merchant());
    if (before) payment = before->id;
    if (!notification.is_payment) return {"not_a_payment", true};
    if (!before) return {"unknown_order", false};
    // Only a success is notified. What else a notification says moves nothing: a query finds out.
    if (trade.state != ProviderTrade::State::paid) return {"no_effect", true};
    const Payment after = changes_.apply_trade(tx, *before, trade);
    const bool same = after.transaction == trade.transaction_id;
    if (after.state != PaymentState::paid || !same) return {"suspect", false};
    if (before->state == PaymentState::paid) return {"no_effect", true};
    if (after.duplicate) return {"duplicate", true};
    return {after.late ? "late" : "paid", true};
}

// What a notification says of a refund only hurries the question; see refunds.
Task<bool> PaymentService::hear_of_refund(
    const PaymentProvider& provider, const ProviderNotification& notification
) {
    if (!notification.refund || !refund_notice_) co_return true;
    const std::string name{provider.name()};
    const std::string merchant{provider.merchant()};
    const auto find = [&](sql::Reader& reader) {
        return store::find_by_trade(reader, name, merchant, notification.trade.out_trade_no);
    };
    const auto payment = co_await database_.read(find, kUrgent);
    if (!payment) co_return true;
    co_return co_await refund_notice_(*payment, *notification.refund);
}

Task<NotificationReply> PaymentService::notified(
    const PaymentProvider& provider, const PaymentProvider::Headers& headers, std::string_view body
) {
    const Time now = clock_.now();
    std::string reason;
    const auto notification = provider.verify_notification(headers, body, now, reason);
    if (!notification) {
        log::warn("notification_refused", {{"provider", provider.name()}, {"reason", reason}});
        co_return provider.reply_refused();
    }
    const std::string stored_headers = headers_json(headers);
    // The row, the change and the event are one transaction.
    const auto take_in = [&](sql::Transaction& tx) {
        std::optional<PaymentId> payment;
        const Judged judged = judge(tx, provider, *notification, payment);
        const store::NotificationRow row{
            provider.name(), notification->id, now, stored_headers, body, judged.verdict, payment};
        store::keep_notification(tx, row);
        return judged;
    };
    try {
        const bool heard = co_await hear_of_refund(provider, *notification);
        if (!heard) co_return provider.reply_try_again();
        const Judged judged = co_await database_.write(take_in, kUrgent);
        const auto line = judged.accepted ? &log::info : &log::error;
        line(
            "payment_notified",
            {{"provider", provider.name()},
             {"out_trade_no", notification->trade.out_trade_no},
             {"verdict", judged.verdict}}
        );
        co_return judged.accepted ? provider.reply_accepted() : provider.reply_try_again();
    } catch (const std::exception& error) {
        log::error(
            "notification_not_stored", {{"provider", provider.name()}, {"reason", error.what()}}
        );
    }
    co_return provider.reply_try_again();
}

}  // namespace doorbuster::payments
