#pragma once

#include <boost/json/fwd.hpp>

#include "payments/checkout.hpp"

namespace doorbuster::payments {

// A payment on the wire, as its owner sees it:
// {"id","reference","provider","status","amount","code_url","qr_svg","paid_at","expires_at",
//  "late","duplicate","refund_due"}. `code_url` and `qr_svg` are null when there is no code to
//  scan.
boost::json::object to_json(const PaymentView& payment);

}  // namespace doorbuster::payments
