#include "orders/payment_consumer.hpp"

#include "payments/events.hpp"

namespace doorbuster::orders {
namespace {

// The app under which checkout asks for money in the same installation.
constexpr std::string_view kApp = "shop";

// Not those of other order systems that are paid here.
bool is_ours(const Event& event) {
    return payments::PaymentEvent::from_json(event.payload).app == kApp;
}

void consume(const OrderService& orders, sql::Transaction& tx, const Event& event) {
    const auto payment = payments::PaymentEvent::from_json(event.payload);
    if (event.topic == payments::kPaymentSucceeded) {
        orders.payment_succeeded(tx, payment);
    } else if (event.topic == payments::kPaymentClosed) {
        orders.payment_closed(tx, payment);
    } else if (event.topic == payments::kPaymentRefundDue) {
        orders.payment_refund_due(tx, payment);
    }
}

void consume_refund(const OrderService& orders, sql::Transaction& tx, const Event& event) {
    const auto refund = refunds::RefundEvent::from_json(event.payload);
    if (refund.app == kApp) orders.refund_changed(tx, event.topic, refund);
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
        work,
        is_ours
    );
    const auto refund_work = [&orders](sql::Transaction& tx, const Event& event) {
        consume_refund(orders, tx, event);
    };
    subscriptions.on(
        "orders.refunds",
        {std::string{refunds::kRefundRequested},
         std::string{refunds::kRefundSucceeded},
         std::string{refunds::kRefundFailed},
         std::string{refunds::kRefundStuck}},
        refund_work
    );
}

}  // namespace doorbuster::orders
