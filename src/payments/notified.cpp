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

// WeChat Pay tells of a refund without its trade.
const std::string& number_in(const ProviderNotification& notification) {
    return notification.refund ? notification.refund->out_trade_no
                               : notification.trade.out_trade_no;
}

// Longer ones exist by the provider's document, and would make a batch as long.
constexpr std::size_t kBatchedBodyBytesMax = 64 * 1024;

// Most notifications are of this kind, and those are taken in together.
bool tells_of_success(const PaymentProvider& provider, const Notice& notice) {
    const ProviderNotification& told = notice.told;
    const ProviderTrade& trade = told.trade;
    return told.is_payment && !told.refund && trade.state == ProviderTrade::State::paid &&
           trade.merchant == provider.merchant() && notice.body.size() <= kBatchedBodyBytesMax &&
           is_printable(told.id) && is_printable(trade.out_trade_no) &&
           is_printable(trade.transaction_id);
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
    const std::string& number = number_in(notification);
    const auto find = [&](std::string_view merchant) {
        return store::find_payment_by_trade(tx, provider.name(), merchant, number);
    };
    auto before = find(trade.merchant);
    if (!before) before = find(provider.merchant());
    if (before) payment = before->id;
    if (notification.refund) return judge_refund(tx, *notification.refund, payment);
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
PaymentService::Judged PaymentService::judge_refund(
    sql::Transaction& tx, const ProviderRefund& told, std::optional<PaymentId> payment
) const {
    if (!payment) return {"refund_of_unknown_order", true};
    // It was paid, whether we know that or not.
    if (store::get(tx, *payment).state != PaymentState::paid) changes_.hurry(tx, *payment);
    if (!refund_listener_ || refund_listener_->hear(tx, *payment, told)) return {"refund", true};
    return {"unknown_refund", true};
}

// Alone, in a transaction of its own. The row, the change and the event are that transaction.
Task<PaymentService::Judged> PaymentService::take_in_alone(
    const PaymentProvider& provider, const Notice& notice
) {
    const auto take_in = [&](sql::Transaction& tx) {
        std::optional<PaymentId> payment;
        Judged judged = judge(tx, provider, notice.told, payment);
        store::keep_notification(
            tx,
            {provider.name(),
             notice.told.id,
             notice.received_at,
             notice.headers,
             notice.body,
             judged.verdict,
             payment}
        );
        return judged;
    };
    co_return co_await database_.write(take_in, kUrgent);
}

// With others if it is what most are, else alone.
Task<PaymentService::Judged> PaymentService::take_in(
    const PaymentProvider& provider, const Notice& notice
) {
    const auto queue = success_queues_.find(provider.name());
    if (queue != success_queues_.end() && tells_of_success(provider, notice)) {
        const auto outcome = co_await queue->second->take_in(notice);
        if (outcome == SuccessQueue::Outcome::done) co_return Judged{"paid", true};
        if (outcome == SuccessQueue::Outcome::refused) {
            throw sql::Unavailable{"too many notifications, or no database in time"};
        }
    }
    co_return co_await take_in_alone(provider, notice);
}

Task<NotificationReply> PaymentService::notified(
    const PaymentProvider& provider,
    const PaymentProvider::Headers& headers,
    std::string_view body,
    Tells tells
) {
    const Time now = clock_.now();
    std::string reason;
    const auto notification = provider.verify_notification(headers, body, now, reason);
    const bool misplaced = notification && tells == Tells::refunds && notification->is_payment;
    if (misplaced) reason = "a payment where refunds are told";
    if (!notification || misplaced) {
        log::warn("notification_refused", {{"provider", provider.name()}, {"reason", reason}});
        co_return provider.reply_refused();
    }
    const std::string kept_headers = headers_json(headers);
    const Notice notice{*notification, now, kept_headers, body};
    try {
        const Judged judged = co_await take_in(provider, notice);
        const auto line = judged.accepted ? &log::info : &log::error;
        line(
            "payment_notified",
            {{"provider", provider.name()},
             {"out_trade_no", number_in(*notification)},
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
