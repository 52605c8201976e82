#pragma once

#include <array>
#include <string>

#include "core/clock.hpp"
#include "ports/metrics.hpp"
#include "ports/payment_bills.hpp"
#include "ports/payment_provider.hpp"
#include "ports/payment_refunds.hpp"

namespace doorbuster::pay_wire {

// A provider whose calls are counted by how they ended and timed, and whose notifications are
// counted by whether they proved anything. Everything is passed on as it is. Thread-safe.
//
// payment_provider_calls_total{provider,operation,outcome}, payment_provider_call_seconds{provider,
// operation}, payment_provider_notifications_total{provider,outcome}.
class MeteredProvider final : public PaymentProvider, public RefundProvider, public BillProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    // All three are one provider, which must outlive this, as must the registry and the clock.
    struct Wrapped {
        PaymentProvider& payments;
        RefundProvider& refunds;
        BillProvider& bills;
    };
    template <class Provider>
    MeteredProvider(Provider& provider, const Clock& clock, metrics::Registry& registry)
        : MeteredProvider{Wrapped{provider, provider, provider}, clock, registry} {}
    MeteredProvider(Wrapped wrapped, const Clock& clock, metrics::Registry& registry);

    std::string_view name() const override { return wrapped_.payments.name(); }
    std::string_view merchant() const override { return wrapped_.payments.merchant(); }
    std::string_view seller() const override { return wrapped_.payments.seller(); }

    Task<Outcome<std::string>> create(const ProviderOrder& order) override;
    std::optional<PayForm> pay_form(const ProviderOrder& order, Time now) const override;
    Task<Outcome<ProviderTrade>> query(const std::string& out_trade_no) override;
    Task<Outcome<bool>> close(const std::string& out_trade_no) override;

    std::optional<ProviderNotification> verify_notification(
        const Headers& headers, std::string_view body, Time now, std::string& reason
    ) const override;
    NotificationReply reply_accepted() const override;
    NotificationReply reply_refused() const override;
    NotificationReply reply_try_again() const override;

    Task<Outcome<ProviderRefund>> refund(const ProviderRefundOrder& order) override;
    Task<Outcome<ProviderRefund>> query_refund(const ProviderRefundOrder& order) override;
    Milliseconds refund_distance() const override { return wrapped_.refunds.refund_distance(); }
    int refunds_max() const override { return wrapped_.refunds.refunds_max(); }

    Task<Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
    ) override;
    RefundDay refund_day() const override { return wrapped_.bills.refund_day(); }
    BillSummary read_bill(
        BillKind kind,
        const std::filesystem::path& file,
        const std::function<void(const BillRow&)>& row
    ) const override;

private:
    enum class Ended {
        answered,    // with something that was proved
        refused,     // for good
        no_money,    // a refund for which the merchant's balance is too low
        unverified,  // an answer came that proves nothing
        no_answer,
        undecided,  // anything else after which asking again may help
        failed,     // by an exception
    };
    static constexpr std::size_t kEndings = 7;

    // The instruments of one operation.
    struct Meter {
        std::array<metrics::Counter*, kEndings> calls;
        metrics::Histogram& seconds;
    };
    static Meter meter(metrics::Registry& registry, const std::string& provider, const char* name);
    static metrics::Counter& notifications(
        metrics::Registry& registry, const std::string& provider, const char* outcome
    );

    static Ended ended(bool has_value, const Refused& refused);
    template <class T>
    Task<Outcome<T>> metered(const Meter& meter, Task<Outcome<T>> call);

    const Wrapped wrapped_;
    const Clock& clock_;
    const std::string provider_;
    const Meter create_;
    const Meter query_;
    const Meter close_;
    const Meter refund_;
    const Meter query_refund_;
    const Meter download_bill_;
    metrics::Counter& verified_;
    metrics::Counter& rejected_;
};

}  // namespace doorbuster::pay_wire
