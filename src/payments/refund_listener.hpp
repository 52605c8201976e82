#pragma once

#include <functional>
#include <string>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "ports/payment_provider.hpp"
#include "ports/sql.hpp"

namespace doorbuster::payments {

// Who hears of the refunds that notifications tell of. Such a notification proves nothing by
// itself: it says when to ask the provider. Must be thread-safe.
class RefundListener {
public:
    virtual ~RefundListener() = default;

    // In the transaction that keeps the notification: a refund of ours is due to be asked about
    // from its commit on. False: it is none of ours, and nothing was changed.
    virtual bool hear(sql::Transaction& tx, PaymentId payment, const ProviderRefund& told) = 0;

    // Asks the provider about one that is none of ours and takes it in, in the transaction in which
    // `keep` is run. False: there was no answer that decides it, and `keep` was not run.
    using Keep = std::function<void(sql::Transaction&)>;
    virtual Task<bool> look_up(PaymentId payment, std::string out_refund_no, Keep keep) = 0;
};

}  // namespace doorbuster::payments
