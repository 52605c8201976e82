#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bookkeeping/books.hpp"
#include "core/result.hpp"
#include "events/outbox.hpp"
#include "refunds/refund.hpp"
#include "refunds/refund_store.hpp"

namespace doorbuster::refunds {

// A refund as it is asked for.
struct NewRefund {
    PaymentId payment;
    Money amount;
    Origin origin = Origin::staff;
    std::string reason;
    std::string asked_by;
    std::optional<std::string> key;  // the same key of a payment is the same refund
};

// Every change of a refund: locks its payment, asks the state table, writes the row, sets the
// amount apart or frees it, books the money, and leaves word in the outbox, all in the caller's
// transaction. So refunds of one payment change one after the other. Thread-safe.
class RefundChanges {
public:
    RefundChanges(const Clock& clock, const events::Outbox& outbox)
        : clock_{clock}, outbox_{outbox}, books_{clock} {}

    // Called after a commit that made something due at once. Set before first use; thread-safe.
    void on_due(std::function<void()> wake) { wake_ = std::move(wake); }

    // `refunds_max`: how many the provider takes of one payment; 0: no bound.
    // Errors: payments::kPaymentNotFound, kNotRefundable, kRefundTooMuch, kTooManyRefunds,
    // kIdempotencyMismatch.
    Result<Refund> request(sql::Transaction& tx, const NewRefund& wanted, int refunds_max) const;
    // Money that is not kept: all that is left of it goes back, once whatever happens.
    void give_back(sql::Transaction& tx, PaymentId payment) const;
    // A refund that somebody made at the provider, as a verified answer tells it. Nothing when it
    // is known, moved no money, or tells no amount. Errors: kNotRefundable, kRefundTooMuch (our own
    // refunds have set the amount apart: look again when they are settled).
    Result<std::optional<Refund>> record_external(
        sql::Transaction& tx, PaymentId payment, const ProviderRefund& told
    ) const;

    // What came with a fact.
    struct Evidence {
        std::string provider_number;
        std::string failure;
        std::optional<Time> succeeded_at;
    };
    Refund apply(sql::Transaction& tx, RefundId id, RefundFact fact, const Evidence& evidence)
        const;
    // The provider is about to be asked, after the commit. False: this one is put off, because
    // another refund of the payment was begun less than `distance` ago, or because a person must
    // look at the payment first (payments/doubts.hpp).
    bool begin_asking(sql::Transaction& tx, RefundId id, Milliseconds distance) const;
    // A verified answer; what does not match is told apart here.
    Refund apply_answer(sql::Transaction& tx, RefundId id, const ProviderRefund& told) const;

    // Asks the provider again at `when`.
    void reschedule(sql::Transaction& tx, RefundId id, Time when) const;
    // Something is due at once, from the commit on.
    void wake_later(sql::Transaction& tx) const;
    // Nothing is known of it for too long: told once.
    void tell_slow(sql::Transaction& tx, RefundId id) const;

    // Staff: asks again at once, under a new number when this one failed (returned then).
    // Errors: kRefundNotFound, kRefundSettled, those of `request`.
    Result<Refund> retry(sql::Transaction& tx, RefundId id, UserId staff, int refunds_max) const;
    // Staff: what was done about it. Errors: kRefundNotFound, kRefundSettled.
    Result<Refund> resolve(sql::Transaction& tx, RefundId id, UserId staff, const std::string& note)
        const;

private:
    void hold(sql::Transaction& tx, RefundId id) const;
    Refund insert(
        sql::Transaction& tx,
        const payments::Payment& payment,
        const NewRefund& wanted,
        const std::string& number,
        RefundState state
    ) const;
    void take_effect(
        sql::Transaction& tx,
        const Refund& before,
        const Refund& after,
        const payments::Payment& payment
    ) const;
    void tell(
        sql::Transaction& tx,
        std::string_view topic,
        const Refund& refund,
        const payments::Payment& payment
    ) const;

    const Clock& clock_;
    const events::Outbox& outbox_;
    bookkeeping::Books books_;
    std::function<void()> wake_;
};

}  // namespace doorbuster::refunds
