#pragma once

#include "http/route.hpp"
#include "payments/payment_service.hpp"

namespace doorbuster::payments {

// GET  /api/v1/payments/{id}                       its owner
// POST /api/v1/payments/notifications/<provider>   for every provider of the service
// GET  /api/admin/v1/payments?state&flag&page      staff, right finance
http::Routes payment_routes(PaymentService& service);
// Where a provider tells of refunds apart from payments, below the path for those; none when there
// is no such provider.
http::Routes refund_notification_routes(PaymentService& service, std::string_view provider);

}  // namespace doorbuster::payments
