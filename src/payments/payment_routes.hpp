#pragma once

#include "http/route.hpp"
#include "payments/payment_service.hpp"

namespace doorbuster::payments {

// GET  /api/v1/payments/{id}                       its owner
// POST /api/v1/payments/notifications/<provider>   for every provider of the service
// GET  /api/admin/v1/payments?state&flag&page      staff, right finance
http::Routes payment_routes(PaymentService& service);

}  // namespace doorbuster::payments
