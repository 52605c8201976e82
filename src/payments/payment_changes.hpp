#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bookkeeping/books.hpp"
#include "core/random.hpp"
#include "events/outbox.hpp"
#include "payments/payment_change.hpp"

namespace doorbuster::payments {

// So that nobody fills the table by asking for one attempt of a reference after the other.
inline constexpr std::size_t kAttemptsMax = 20;

// Every change of an attempt: locks the reference, asks the state table, writes the row, books the
// money, and leaves word in the outbox, all in the caller's transaction. Attempts of one reference
// change one after the other, so its answer is given once. Thread-safe.
class PaymentChanges {
public:
    PaymentChanges(const Clock& clock, Random& random, const events::Outbox& outbox)
        : clock_{clock}, random_{random}, outbox_{outbox}, books_{clock} {}

    // Called after a commit that made something due at once. Set before first use; thread-safe.
    void on_due(std::function<void()> wake) { wake_ = std::move(wake); }

    // Applies a fact and returns the attempt as it is then.
    Payment apply(
        sql::Transaction& tx, PaymentId id, PaymentFact fact, const Evidence& evidence = {}
    ) const;

    // Applies a verified answer of the provider: a mismatch, a second transaction and a transaction
    // that belongs to another attempt are told apart here.
    Payment apply_trade(sql::Transaction& tx, PaymentId id, const ProviderTrade& trade) const;
    // The same of an attempt that was just read in this transaction.
    Payment apply_trade(sql::Transaction& tx, const Payment& seen, const ProviderTrade& trade)
        const;

    // A query got no answer: ask again later.
    void note_silence(sql::Transaction& tx, PaymentId id) const;

    // What `pay` has to do next.
    struct Opening {
        enum class Todo { show, create, close };
        Todo todo = Todo::show;
        Payment payment;
        bool fresh = false;  // stored by this very call: the provider cannot know it yet
    };
    // `set_aside`: an attempt that is being closed and that its provider does not know. The buyer
    // never went there, so the next one need not wait for its deadline; should it be paid all the
    // same, the second success goes back.
    // `keep_amount`: an open attempt with another amount is an error (kAmountDiffers), not one to
    // be closed for this one.
    Result<Opening> open(
        sql::Transaction& tx,
        const std::string& app,
        const PaymentOrder& order,
        const PaymentProvider& provider,
        std::optional<PaymentId> set_aside = {},
        bool keep_amount = false
    ) const;
    // Asks the provider at once, when the attempt waits for something.
    void hurry(sql::Transaction& tx, PaymentId id) const;

    // The caller wants no money for the reference any more.
    void give_up(sql::Transaction& tx, const std::string& app, const std::string& reference) const;

    // See Checkout::keep_late.
    bool keep_late(
        sql::Transaction& tx,
        const std::string& app,
        PaymentId id,
        const std::function<bool()>& deliver
    ) const;

private:
    void book(sql::Transaction& tx, const Payment& payment) const;
    // A reference that is locked, and all its attempts, so that nobody else can change them.
    struct Locked {
        store::Reference reference;
        std::vector<Payment> attempts;
        const Payment& attempt(PaymentId id) const;
    };
    Payment apply(
        sql::Transaction& tx, const Payment& seen, PaymentFact fact, const Evidence& evidence
    ) const;
    void tell(sql::Transaction& tx, const Payment& payment, const Locked& locked) const;
    void answer_closed(sql::Transaction& tx, const std::string& app, const std::string& reference)
        const;
    void close_others(
        sql::Transaction& tx, const Payment& paid, const std::vector<Payment>& attempts
    ) const;
    Result<Opening> insert(
        sql::Transaction& tx,
        const std::string& app,
        const PaymentOrder& order,
        const PaymentProvider& provider
    ) const;
    void wake_later(sql::Transaction& tx) const;

    const Clock& clock_;
    Random& random_;
    const events::Outbox& outbox_;
    bookkeeping::Books books_;
    std::function<void()> wake_;
};

}  // namespace doorbuster::payments
