#pragma once

#include "core/ids.hpp"
#include "ports/payment_provider.hpp"
#include "ports/sql.hpp"

namespace doorbuster::payments {

// Who hears of the refunds that notifications tell of. Such a notification proves nothing by
// itself: it says when to ask the provider. Must be thread-safe.
class RefundListener {
public:
    virtual ~RefundListener() = default;

    // In the transaction that keeps the notification: a refund of ours is due to be asked about
    // from its commit on. False: it is none of ours, and is due to be looked up there.
    virtual bool hear(sql::Transaction& tx, PaymentId payment, const ProviderRefund& told) = 0;
};

}  // namespace doorbuster::payments
