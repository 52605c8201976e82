#pragma once

#include "http/route.hpp"
#include "payments/payment_service.hpp"
#include "refunds/refund_service.hpp"

namespace doorbuster::pay_api {

// What the routes work with; all must outlive them.
struct PayRoutesDeps {
    sql::Database& database;
    const Clock& clock;
    payments::PaymentService& payments;
    refunds::RefundService& refunds;
};

// For other order systems, below /api/pay/v1, by app key. What belongs to another app is 404.
//   POST /payments {reference, provider, amount, currency?, description, expires_at | expires_in}
//   GET  /payments/{id} · GET /payments?reference= · POST /payments/close {reference}
http::Routes app_payment_routes(PayRoutesDeps& deps);
//   POST /refunds {payment, refund_reference, amount, reason}
//   GET  /refunds/{id} · GET /refunds?payment=
http::Routes app_refund_routes(PayRoutesDeps& deps);

}  // namespace doorbuster::pay_api
