#include <charconv>

#include "orders/order_service.hpp"
#include "ports/log.hpp"

// What the payment side's answers do to an order.
namespace doorbuster::orders {
namespace {

// A zero number, which names no order, for a reference that is none of ours.
OrderNo number_of(const payments::PaymentEvent& event) {
    const std::string& text = event.reference;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return OrderNo{whole ? number : 0};
}

void mark_paid(Order& order, Time now) {
    order.status = Status::paid;
    order.payment_status = PaymentStatus::paid;
    order.close_reason.reset();  // an order that was closing is wanted again
    order.paid_at = now;
}

void check_known(const Result<Order>& order, const payments::PaymentEvent& event) {
    if (order.has_value()) return;
    // Nothing to change, and telling it again would not help: a person must look.
    log::error("payment_of_no_order", {{"reference", event.reference}, {"payment", event.payment}});
}

}  // namespace

OrderService::Change OrderService::refund_due(const Order& order, std::string_view why) const {
    Change change{order, "refund_due", Actor::payment(), std::string{why}};
    change.after.payment_status = PaymentStatus::refund_due;
    return change;
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
        return std::optional{refund_due(
            order, wanted ? "paid a wrong amount, refund due" : "paid after release, refund due"
        )};
    };
    check_known(change(tx, number_of(event), decide), event);
}

void OrderService::payment_closed(sql::Transaction& tx, const payments::PaymentEvent& event) const {
    const auto decide = [&](const Order& order) -> Decision {
        if (order.status != Status::closing) return std::optional<Change>{};
        Change change{order, "closed", Actor::payment()};
        change.after.status = Status::closed;
        change.after.closed_at = parts_.clock.now();
        return std::optional{std::move(change)};
    };
    check_known(change(tx, number_of(event), decide), event);
}

void OrderService::payment_refund_due(sql::Transaction& tx, const payments::PaymentEvent& event)
    const {
    const auto decide = [&](const Order& order) -> Decision {
        // A second payment goes back without touching the order, which stays paid by the first.
        const bool untouched = order.payment_status == PaymentStatus::unpaid;
        if (event.duplicate || !untouched) return std::optional<Change>{};
        return std::optional{refund_due(order, "paid after release, refund due")};
    };
    check_known(change(tx, number_of(event), decide), event);
}

}  // namespace doorbuster::orders
