#pragma once

#include <string_view>

#include "core/result.hpp"
#include "sandbox/sandbox.hpp"

namespace doorbuster::sandbox {

// Applies the JSON object of PATCH /sandbox/control: all of it, or nothing and the error that names
// what is wrong. Members, all optional:
//   seed, clear_faults, faults {name: rate from 0 to 1}, order_faults [{out_trade_no, fault,
//   times}], time_scale, slow_answer_ms, notification_delay_ms, refund_ms, platform_certificates,
//   bills_at_once
Result<void> apply_settings(Sandbox& sandbox, std::string_view body);

// "name=rate" of a command line. The error names what is wrong.
Result<void> apply_fault_word(Faults& faults, std::string_view word);

}  // namespace doorbuster::sandbox
