#pragma once

#include <cstdint>
#include <string>

#include "pay_parties.hpp"

namespace doorbuster::bench {

// The rows of notified payments by the C interfaces of SQLite or PostgreSQL, one thread, `batch`
// notifications to a commit: the inbox row, the payment and its reference updated, two entries of
// the books, the outbox row. Nothing is read. The payments of payment_setup.hpp must be there.
struct RawRows {
    Provider provider = Provider::wechat_pay;
    std::int64_t first = 1;
    std::int64_t count = 0;
    std::int64_t batch = 256;
};
// Notifications a second. `database` as in payment_setup.hpp.
double write_raw(const RawRows& rows, const std::string& database);

}  // namespace doorbuster::bench
