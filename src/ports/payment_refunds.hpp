#pragma once

#include "ports/payment_provider.hpp"

namespace doorbuster {

// One refund, as a provider is asked for it. The number is the refund's identity there: the same
// number with the same amount is one refund, however often it is asked for.
struct ProviderRefundOrder {
    std::string out_refund_no;
    std::string out_trade_no;
    std::string transaction_id;
    Money amount;
    Money paid;  // the whole attempt
    std::string reason;
};

// The refunds of a provider. Verified or unknown, like PaymentProvider. Thread-safe.
class RefundProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    virtual ~RefundProvider() = default;

    virtual std::string_view name() const = 0;  // as PaymentProvider's
    virtual std::string_view merchant() const = 0;

    // A refusal with `final_answer` is still to be confirmed by query_refund before the refund is
    // given up. `processing` also when the provider took the request and did not say that money
    // moved.
    virtual Task<Outcome<ProviderRefund>> refund(const ProviderRefundOrder& order) = 0;
    virtual Task<Outcome<ProviderRefund>> query_refund(const ProviderRefundOrder& order) = 0;

    // How long to wait between two refunds of one attempt, and how many it may have (0: no bound).
    virtual Milliseconds refund_distance() const = 0;
    virtual int refunds_max() const = 0;
};

}  // namespace doorbuster
