#include <charconv>

#include "orders/order_service.hpp"
#include "orders/payment_outcome.hpp"
#include "ports/log.hpp"

// What the payment side's answers do to an order.
namespace doorbuster::orders {
namespace {

void mark_paid(Order& order, Time now) {
    order.status = Status::paid;
    order.payment_status = PaymentStatus::paid;
    order.close_reason.reset();  // an order that was closing is wanted again
    order.paid_at = now;
}

void check_known(const Result<Order>& order, const payments::PaymentEvent& event) {
    if (order.has_error()) report_missing(event);
}

}  // namespace

OrderNo order_of_reference(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return OrderNo{whole ? number : 0};
}

void report_missing(const payments::PaymentEvent& event) {
    // Nothing to change, and telling it again would not help: a person must look.
    log::error("payment_of_no_order", {{"reference", event.reference}, {"payment", event.payment}});
}

PaymentStatus payment_status_of(const Order& order, const refunds::RefundDesk::Standing& standing) {
    if (standing.paid.is_zero()) return order.payment_status;
    if (standing.refunded >= standing.paid) return PaymentStatus::refunded;
    if (standing.pending > Money{}) return PaymentStatus::refunding;
    if (standing.refunded > Money{}) return PaymentStatus::partly_refunded;
    const bool sold = order.status == Status::paid || order.status == Status::shipped ||
                      order.status == Status::completed;
    return sold ? PaymentStatus::paid : PaymentStatus::refund_due;
}

void OrderService::pay(sql::Transaction& tx, OrderNo number, const Actor& actor) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (!next(order.status, Action::pay)) return std::optional<Change>{};
        Change change{order, "paid", actor};
        mark_paid(change.after, parts_.clock.now());
        return std::optional{std::move(change)};
    };
    static_cast<void>(change(tx, number, decide));
}

void OrderService::payment_succeeded(sql::Transaction& tx, const payments::PaymentEvent& event)
    const {
    const auto decide = [&](const Order& order) -> Decision {
        const bool wanted = next(order.status, Action::pay).has_value();
        const bool flagged = order.payment_status != PaymentStatus::unpaid;
        if (wanted && event.amount == order.total) {
            Change change{order, "paid", Actor::payment(), event.provider};
            mark_paid(change.after, event.paid_at);
            return std::optional{std::move(change)};
        }
        if (flagged) return std::optional<Change>{};  // already paid, or already to be refunded
        // Never revived in silence: the units may be sold to someone else by now.
        const char* const why = wanted ? "paid a wrong amount" : "paid after release";
        return std::optional{unwanted(tx, event, order, why)};
    };
    check_known(change(tx, order_of_reference(event.reference), decide), event);
}

void OrderService::payment_closed(sql::Transaction& tx, const payments::PaymentEvent& event) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (order.status != Status::closing) return std::optional<Change>{};
        Change change{order, "closed", Actor::payment()};
        change.after.status = Status::closed;
        change.after.closed_at = parts_.clock.now();
        return std::optional{std::move(change)};
    };
    check_known(change(tx, order_of_reference(event.reference), decide), event);
}

}  // namespace doorbuster::orders
