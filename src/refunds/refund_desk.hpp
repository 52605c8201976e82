#pragma once

#include <string>

#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"

namespace doorbuster::refunds {

// What an order system may ask of refunds. In the caller's transaction, so that no wish is lost and
// none is heard that was never committed. What became of it is told by events (events.hpp).
class RefundDesk {
public:
    struct Wish {
        std::string reference;
        Money amount;
        std::string reason;    // the payer may see it
        std::string asked_by;  // "u42", "order"
        std::string key;       // the same key of a reference is the same refund
    };
    // Where the money of a reference stands. Money that was paid twice is left out: it goes back
    // without the caller.
    struct Standing {
        Money paid;
        Money pending;   // asked back, and not known to have gone
        Money refunded;  // gone back
        bool needs_person = false;
    };

    virtual ~RefundDesk() = default;

    // Gives back some of what was paid for a reference. Errors: kNotRefundable, kRefundTooMuch,
    // kTooManyRefunds, kIdempotencyMismatch when the key asked for another amount.
    virtual Result<RefundId> ask(sql::Transaction& tx, const Wish& wish) = 0;
    // A late payment that cannot be kept: it goes back now, whole. Asking twice is harmless.
    virtual void decline_late(sql::Transaction& tx, const std::string& payment) = 0;
    virtual Standing standing(sql::Reader& reader, const std::string& reference) = 0;
};

}  // namespace doorbuster::refunds
