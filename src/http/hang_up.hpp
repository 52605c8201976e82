#pragma once

namespace doorbuster::http {

// As the status of a response: close the connection without an answer. For simulated failures of a
// network; it is never on the wire.
inline constexpr int kHangUp = 444;

}  // namespace doorbuster::http
