#include "orders/payment_consumer.hpp"

#include "payments/events.hpp"

namespace doorbuster::orders {
namespace {

// The app under which checkout asks for money in the same installation.
constexpr std::string_view kApp = "shop";

void consume(const OrderService& orders, sql::Transaction& tx, const Event& event) {
    const auto payment = payments::PaymentEvent::from_json(event.payload);
    if (payment.app != kApp) return;
    if (event.topic == payments::kPaymentSucceeded) {
        orders.payment_succeeded(tx, payment);
    } else if (event.topic == payments::kPaymentClosed) {
        orders.payment_closed(tx, payment);
    } else if (event.topic == payments::kPaymentRefundDue) {
        orders.payment_refund_due(tx, payment);
    }
}

}  // namespace

void listen_to_payments(events::Subscriptions& subscriptions, const OrderService& orders) {
    const auto work = [&orders](sql::Transaction& tx, const Event& event) {
        consume(orders, tx, event);
    };
    subscriptions.on(
        "orders.payments",
        {std::string{payments::kPaymentSucceeded},
         std::string{payments::kPaymentClosed},
         std::string{payments::kPaymentRefundDue}},
        work
    );
}

}  // namespace doorbuster::orders
