#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/refund_listener.hpp"
#include "ports/database.hpp"
#include "ports/payment_refunds.hpp"
#include "refunds/lookup.hpp"
#include "refunds/refund_changes.hpp"
#include "refunds/refund_desk.hpp"
#include "refunds/refund_store.hpp"

namespace doorbuster::refunds {

// The refunds of one installation. Thread-safe. No call to a provider happens inside a transaction,
// and every refund is stored, with its number, before the provider first hears of it.
class RefundService final : public RefundDesk, public payments::RefundListener {
public:
    // `app`: whose references RefundDesk speaks of. The providers must outlive the service.
    RefundService(
        sql::Database& database,
        const Clock& clock,
        const events::Outbox& outbox,
        std::vector<RefundProvider*> providers,
        std::string app = "shop"
    );

    Result<RefundId> ask(sql::Transaction& tx, const Wish& wish) override;
    void decline_late(sql::Transaction& tx, const std::string& payment) override;
    Standing standing(sql::Reader& reader, const std::string& reference) override;

    // For staff and for other order systems; see RefundChanges.
    Result<Refund> request(sql::Transaction& tx, const NewRefund& wanted) const;
    Result<Refund> retry(sql::Transaction& tx, RefundId id, UserId staff) const;
    Result<Refund> resolve(sql::Transaction& tx, RefundId id, UserId staff, const std::string& note)
        const;

    // Money that came late and that nobody keeps goes back now, whoever it was paid to.
    void give_back(sql::Transaction& tx, PaymentId payment) const {
        changes_.give_back(tx, payment);
    }
    std::optional<Refund> find(sql::Reader& reader, RefundId id) const {
        return store::find(reader, id);
    }
    // Of one payment, newest first.
    store::Listing list(
        sql::Reader& reader, PaymentId payment, std::int64_t limit, std::int64_t offset
    ) const {
        return store::list(reader, {.state = "", .payment = payment}, limit, offset);
    }

    // A provider's notification told of a refund, which proves nothing yet: ours is asked about at
    // once, one that we do not know is looked up there, by the worker.
    bool hear(sql::Transaction& tx, PaymentId payment, const ProviderRefund& told) override;
    // Asks about one that waits to be looked up (lookup.hpp), and takes it in. Without an answer
    // that decides it is asked again later, and after two days it is a doubt for a person.
    Task<void> look_up(LookupId id);
    // Looks a refund up that somebody says the provider has made (a notification, a bill), and
    // takes it in if we did not ask for it. Nothing: it is none, or ours already. Errors:
    // payments::kPaymentNotFound, kNotRefundable, kRefundTooMuch, kUnavailable without an answer.
    // `keep` is run in the transaction that takes it in, which an error undoes.
    using Keep = std::function<void(sql::Transaction&)>;
    Task<Result<std::optional<Refund>>> find_at_provider(
        PaymentId payment, const std::string& out_refund_no, Keep keep = {}
    );

    // Asks the provider about a refund that is due and acts on the answer (refund_worker.hpp).
    Task<void> step(RefundId id);
    // Begins refunds of money that goes back by itself. At most `limit`; how many there were.
    Task<std::size_t> give_back_due(std::int64_t limit);
    // Tells of refunds that take too long.
    Task<std::size_t> tell_slow(std::int64_t limit);

    const std::vector<RefundProvider*>& providers() const { return providers_; }
    // Called when something became due at once. Set before first use; must be thread-safe.
    void on_due(std::function<void()> wake) { changes_.on_due(std::move(wake)); }

private:
    RefundProvider* provider_named(std::string_view name, std::string_view merchant) const;
    int refunds_max_of(sql::Reader& reader, PaymentId payment) const;

    struct Due {
        Refund refund;
        payments::Payment payment;
    };
    Due load(sql::Reader& reader, RefundId id) const;
    Task<void> apply(RefundId id, RefundFact fact, const RefundChanges::Evidence& evidence);
    Task<void> put_off(RefundId id, Time when);
    void put_off(sql::Transaction& tx, const Lookup& lookup) const;
    Task<void> send(const Due& due, RefundProvider& provider);
    Task<void> look(const Due& due, RefundProvider& provider);

    sql::Database& database_;
    const Clock& clock_;
    RefundChanges changes_;
    std::vector<RefundProvider*> providers_;
    std::string app_;
};

}  // namespace doorbuster::refunds
