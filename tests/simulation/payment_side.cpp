#include "simulation/payment_side.hpp"

namespace doorbuster::simulation {
namespace {

constexpr sql::Statement both(std::string_view text) { return {"simulation", text, text}; }
constexpr auto kFind =
    both("SELECT total FROM orders WHERE order_no = $1 AND status = 'pending_payment'");
constexpr auto kClosing =
    both("SELECT order_no FROM orders WHERE status = 'closing' ORDER BY order_no");

}  // namespace

bool PaymentSide::begin(OrderNo order) {
    const auto total = [](const sql::Row& row) { return row.money(0); };
    const auto amount = disk_.committed().find(kFind, {order}, total);
    if (!amount) return false;
    attempts_.try_emplace(order.to_string(), Attempt{State::open, *amount});
    return true;
}

std::optional<PaymentSide::Telling> PaymentSide::paid(const std::string& reference, Time now) {
    const auto found = attempts_.find(reference);
    if (found == attempts_.end()) return std::nullopt;
    Attempt& attempt = found->second;
    payments::PaymentEvent event;
    event.payment = "77";
    event.app = "shop";
    event.reference = reference;
    event.provider = "wechat_pay";
    event.amount = attempt.amount;
    event.paid_at = now;
    if (attempt.state == State::open) {
        attempt.state = State::paid;
        return Telling{payments::kPaymentSucceeded, event};
    }
    if (attempt.state == State::paid || attempt.refund_due) return std::nullopt;
    attempt.refund_due = event.late = true;
    return Telling{payments::kPaymentRefundDue, event};
}

std::optional<PaymentSide::Telling> PaymentSide::closed(const std::string& reference, Time now) {
    const auto found = attempts_.find(reference);
    if (found == attempts_.end() || found->second.state != State::open) return std::nullopt;
    found->second.state = State::closed;
    payments::PaymentEvent event;
    event.app = "shop";
    event.reference = reference;
    event.paid_at = now;
    return Telling{payments::kPaymentClosed, event};
}

std::vector<std::string> PaymentSide::closing() {
    std::vector<std::string> waiting;
    disk_.committed().query(kClosing, {}, [&](const sql::Row& row) {
        std::string reference = std::to_string(row.integer(0));
        if (state(reference) == State::open) waiting.push_back(std::move(reference));
    });
    return waiting;
}

std::optional<PaymentSide::State> PaymentSide::state(const std::string& reference) const {
    const auto found = attempts_.find(reference);
    if (found == attempts_.end()) return std::nullopt;
    return found->second.state;
}

}  // namespace doorbuster::simulation
