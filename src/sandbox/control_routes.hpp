#pragma once

#include "http/route.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::sandbox {

// What a test or an operator does with the simulator; no part of any provider's protocol. JSON:
//   GET, PATCH /sandbox/control            numbers, settings, faults, seed
//   GET /sandbox/control/trades, /refunds  ?provider=&after=   at most 1000, by number
//   GET /sandbox/control/statement         ?provider=&date=    sums to compare books with
//   POST /sandbox/control/settle           {provider, out_refund_no, out_trade_no?, status?}
//   POST /sandbox/control/finish           {out_trade_no}      Alipay: TRADE_FINISHED
//   POST /sandbox/control/rotate           {provider}          a new key signs from now on
//   POST /sandbox/control/deliver          all waiting notifications are due now
// For requests of the admin socket and of this machine alone, unless the options open it; 404 for
// others.
http::Routes control_routes(Sandbox& sandbox, http::Access access);

}  // namespace doorbuster::sandbox
