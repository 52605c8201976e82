#include "adapters/pay_wire/metered_provider.hpp"

#include <utility>

namespace doorbuster::pay_wire {

namespace {

constexpr std::array<const char*, 7> kWords{
    "answered", "refused", "no_money", "unverified", "no_answer", "undecided", "failed"};

// Notes how a call ended when it is left, also by an exception.
class Stopwatch {
public:
    Stopwatch(const Clock& clock, metrics::Histogram& seconds)
        : clock_{clock}, seconds_{seconds}, begun_{clock.steady()} {}
    ~Stopwatch() {
        const std::chrono::duration<double> passed = clock_.steady() - begun_;
        seconds_.observe(passed.count());
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    const Clock& clock_;
    metrics::Histogram& seconds_;
    const std::chrono::steady_clock::time_point begun_;
};

}  // namespace

MeteredProvider::MeteredProvider(Wrapped wrapped, const Clock& clock, metrics::Registry& registry)
    : wrapped_{wrapped},
      clock_{clock},
      provider_{wrapped.payments.name()},
      create_{meter(registry, provider_, "create")},
      query_{meter(registry, provider_, "query")},
      close_{meter(registry, provider_, "close")},
      refund_{meter(registry, provider_, "refund")},
      query_refund_{meter(registry, provider_, "query_refund")},
      download_bill_{meter(registry, provider_, "download_bill")},
      verified_{notifications(registry, provider_, "verified")},
      rejected_{notifications(registry, provider_, "rejected")} {}

MeteredProvider::Meter MeteredProvider::meter(
    metrics::Registry& registry, const std::string& provider, const char* name
) {
    metrics::Labels labels{{"provider", provider}, {"operation", name}};
    Meter meter{
        {},
        registry.histogram(
            "payment_provider_call_seconds", "How long calls of payment providers take.", labels
        )};
    for (std::size_t i = 0; i < kEndings; ++i) {
        labels["outcome"] = kWords[i];
        meter.calls[i] = &registry.counter(
            "payment_provider_calls_total", "Calls of payment providers by how they ended.", labels
        );
    }
    return meter;
}

metrics::Counter& MeteredProvider::notifications(
    metrics::Registry& registry, const std::string& provider, const char* outcome
) {
    return registry.counter(
        "payment_provider_notifications_total",
        "What came as a payment provider's notification, by whether it proved to be one.",
        {{"provider", provider}, {"outcome", outcome}}
    );
}

MeteredProvider::Ended MeteredProvider::ended(bool has_value, const Refused& refused) {
    if (has_value) return Ended::answered;
    if (refused.final_answer) return Ended::refused;
    if (refused.needs_money) return Ended::no_money;
    if (refused.code == "UNVERIFIED") return Ended::unverified;
    if (refused.code == "NO_ANSWER") return Ended::no_answer;
    return Ended::undecided;
}

template <class T>
Task<PaymentProvider::Outcome<T>> MeteredProvider::metered(
    const Meter& meter, Task<Outcome<T>> call
) {
    const Stopwatch watch{clock_, meter.seconds};
    Ended how = Ended::failed;
    const auto count = [&] { meter.calls[static_cast<std::size_t>(how)]->add(); };
    try {
        Outcome<T> outcome = co_await std::move(call);
        how = ended(outcome.value.has_value(), outcome.refused);
        count();
        co_return outcome;
    } catch (...) {
        count();
        throw;
    }
}

Task<PaymentProvider::Outcome<std::string>> MeteredProvider::create(const ProviderOrder& order) {
    return metered(create_, wrapped_.payments.create(order));
}

std::optional<PayForm> MeteredProvider::pay_form(const ProviderOrder& order, Time now) const {
    return wrapped_.payments.pay_form(order, now);
}

Task<PaymentProvider::Outcome<ProviderTrade>> MeteredProvider::query(const std::string& out_trade_no
) {
    return metered(query_, wrapped_.payments.query(out_trade_no));
}

Task<PaymentProvider::Outcome<bool>> MeteredProvider::close(const std::string& out_trade_no) {
    return metered(close_, wrapped_.payments.close(out_trade_no));
}

std::optional<ProviderNotification> MeteredProvider::verify_notification(
    const Headers& headers, std::string_view body, Time now, std::string& reason
) const {
    auto notification = wrapped_.payments.verify_notification(headers, body, now, reason);
    (notification ? verified_ : rejected_).add();
    return notification;
}

NotificationReply MeteredProvider::reply_accepted() const {
    return wrapped_.payments.reply_accepted();
}
NotificationReply MeteredProvider::reply_refused() const {
    return wrapped_.payments.reply_refused();
}
NotificationReply MeteredProvider::reply_try_again() const {
    return wrapped_.payments.reply_try_again();
}

Task<PaymentProvider::Outcome<ProviderRefund>> MeteredProvider::refund(
    const ProviderRefundOrder& order
) {
    return metered(refund_, wrapped_.refunds.refund(order));
}

Task<PaymentProvider::Outcome<ProviderRefund>> MeteredProvider::query_refund(
    const ProviderRefundOrder& order
) {
    return metered(query_refund_, wrapped_.refunds.query_refund(order));
}

Task<PaymentProvider::Outcome<BillProvider::Downloaded>> MeteredProvider::download_bill(
    BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
) {
    return metered(download_bill_, wrapped_.bills.download_bill(kind, day, file));
}

BillSummary MeteredProvider::read_bill(
    BillKind kind, const std::filesystem::path& file, const std::function<void(const BillRow&)>& row
) const {
    return wrapped_.bills.read_bill(kind, file, row);
}

}  // namespace doorbuster::pay_wire
