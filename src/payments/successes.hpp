#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bookkeeping/books.hpp"
#include "events/outbox.hpp"
#include "payments/payment_change.hpp"

namespace doorbuster::payments {

// A verified notification, as it came.
struct Notice {
    const ProviderNotification& told;
    Time received_at;
    std::string_view headers;  // JSON, as it is kept
    std::string_view body;
};

// Takes in notifications of successes, many in one transaction: an attempt that waits becomes paid
// and is kept, its reference is answered, and nothing else happens. Whether it is that, the same
// functions say that decide about a single attempt. Everything else (unknown, paid before, late,
// second, another amount, another attempt still open, told twice) is left as it is, for
// PaymentChanges to deal with. Thread-safe.
class Successes {
public:
    Successes(const Clock& clock, const events::Outbox& outbox)
        : clock_{clock}, outbox_{outbox}, books_{clock} {}

    // Tells of each whether it was taken in.
    std::vector<bool> take_in(
        sql::Transaction& tx,
        const PaymentProvider& provider,
        std::span<const Notice* const> notices
    ) const;

private:
    friend class SuccessBatch;
    const Clock& clock_;
    const events::Outbox& outbox_;
    bookkeeping::Books books_;
};

}  // namespace doorbuster::payments
