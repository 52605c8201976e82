#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "payments/checkout.hpp"
#include "payments/payment_changes.hpp"
#include "payments/refund_listener.hpp"
#include "payments/return_places.hpp"
#include "payments/success_queue.hpp"
#include "ports/database.hpp"

namespace doorbuster::payments {

// The payment side of one installation. Thread-safe. No call to a provider happens inside a
// transaction, and every attempt is stored before the provider first hears of it.
class PaymentService final : public Checkout {
public:
    // `app` is the name under which the caller's references are kept. The providers must outlive
    // the service.
    PaymentService(
        sql::Database& database,
        const Clock& clock,
        Random& random,
        const events::Outbox& outbox,
        std::vector<PaymentProvider*> providers,
        std::string app = "shop"
    );

    Task<Result<PaymentView>> pay(const PaymentOrder& order, const std::string& provider) override;
    void close(sql::Transaction& tx, const std::string& reference) override;
    bool is_closed(sql::Reader& reader, const std::string& reference) override;
    bool keep_late(
        sql::Transaction& tx, const std::string& payment, const std::function<bool()>& deliver
    ) override;

    // A request that claims to be a provider's notification: raw bytes, nothing looked up before
    // they are verified. Answers after the commit. Never throws. The arguments must live until it
    // has answered.
    enum class Tells {
        anything,
        refunds,  // it came where refunds alone are told: a payment is refused there
    };
    Task<NotificationReply> notified(
        const PaymentProvider& provider,
        const PaymentProvider::Headers& headers,
        std::string_view body,
        Tells tells = Tells::anything
    );

    // One payment for its owner. Errors: kPaymentNotFound, for other people's payments too.
    Task<Result<PaymentView>> find(PaymentId id, std::string_view owner);

    // Where the buyer's browser is to be sent, for the owner. Errors: kPaymentNotFound, kNoPayPage,
    // kAlreadyPaid, kPaymentTooLate (also when it is being closed).
    Task<Result<PayForm>> page(PaymentId id, std::string_view owner);
    // A browser came back from the provider and names an attempt, which proves nothing: the
    // provider is asked. Where it goes on to, with the reference (ReturnPlaces); empty: our page.
    Task<std::string> returned(const PaymentProvider& provider, std::string_view out_trade_no);

    // The same for another order system, under whose name `app` its references are kept. Pages to
    // pay in are the provider's own (redirect_url): ours are for shoppers who are signed in here.
    // Errors of `pay`, and kAmountDiffers while an attempt with another amount is open.
    Task<Result<PaymentView>> pay_for(
        std::string app, const PaymentOrder& order, const std::string& provider
    );
    enum class Standing { open, closed, paid };
    // As Checkout::close. Open: the answer comes by event.
    Standing close_for(sql::Transaction& tx, const std::string& app, const std::string& reference);
    // Errors: kPaymentNotFound, for payments of others too.
    Task<Result<PaymentView>> find_for(std::string app, PaymentId id);
    // All attempts of a reference, the oldest first.
    Task<std::vector<PaymentView>> list_for(std::string app, std::string reference);

    struct Listing {
        std::vector<Payment> payments;
        std::int64_t total = 0;
    };
    Task<Listing> list(const store::Filter& filter, std::int64_t limit, std::int64_t offset);

    // Asks the provider about an attempt that is due and acts on the answer (payment_worker.hpp).
    Task<void> step(PaymentId id);
    // Asks the provider about an attempt now, whatever its state, and acts on the answer as on any
    // other: when a bill tells of it what we do not know. Nothing without an answer that proves
    // something.
    Task<std::optional<ProviderTrade>> ask(PaymentId id);
    // A person must look at it: something else than an answer of the provider speaks against it.
    // Moves no money, and no refund of it is begun before it is resolved.
    Task<void> doubt(PaymentId id, std::string why);

    const std::vector<PaymentProvider*>& providers() const { return providers_; }
    // Who hears of refunds. Set before first use; must outlive the service.
    void on_refund_notice(RefundListener& listener) { refund_listener_ = &listener; }
    // Where buyers go on to who come back. Set before first use; must outlive the service.
    void on_return(ReturnPlaces& places) { return_places_ = &places; }
    // Called when something became due at once. Set before first use; must be thread-safe.
    void on_due(std::function<void()> wake) { changes_.on_due(std::move(wake)); }

private:
    PaymentProvider* provider_named(std::string_view name) const;
    Task<Result<PaymentView>> begin(
        std::string app, const PaymentOrder& order, const std::string& name, bool keep_amount
    );
    // Where a buyer pays in the provider's page: its address.
    void add_page(PaymentView& view, const Payment& payment) const;
    PaymentView view_for_app(const Payment& payment) const;
    Task<Payment> apply(PaymentId id, PaymentFact fact, const Evidence& evidence);
    Task<Payment> create(const Payment& payment, bool fresh);
    // The attempt after a question, and what was answered: nothing, when there was no answer.
    struct Asked {
        Payment payment;
        std::optional<ProviderTrade::State> told;
    };
    Task<Asked> query(const Payment& payment);
    Task<Asked> close_at_provider(const Payment& payment);
    Task<void> put_off(PaymentId id);

    struct Judged {
        std::string verdict;
        bool accepted = false;
    };
    Judged judge(
        sql::Transaction& tx,
        const PaymentProvider& provider,
        const ProviderNotification& notification,
        std::optional<PaymentId>& payment
    ) const;
    Judged judge_refund(
        sql::Transaction& tx, const ProviderRefund& told, std::optional<PaymentId> payment
    ) const;

    Task<Judged> take_in(const PaymentProvider& provider, const Notice& notice);
    Task<Judged> take_in_alone(const PaymentProvider& provider, const Notice& notice);

    sql::Database& database_;
    const Clock& clock_;
    PaymentChanges changes_;
    Successes successes_;
    std::vector<PaymentProvider*> providers_;
    std::string app_;
    RefundListener* refund_listener_ = nullptr;
    ReturnPlaces* return_places_ = nullptr;
    std::map<std::string_view, std::unique_ptr<SuccessQueue>> success_queues_;  // by provider
};

}  // namespace doorbuster::payments
