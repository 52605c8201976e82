#pragma once

#include "adapters/alipay/client.hpp"
#include "adapters/alipay/messages.hpp"
#include "ports/payment_bills.hpp"
#include "ports/payment_provider.hpp"
#include "ports/payment_refunds.hpp"

namespace doorbuster::alipay {

// Alipay's payment for computer websites (电脑网站支付), OpenAPI 2.0. The merchant is the account
// that is paid (seller_id), the seller the application (app_id).
//
// Only what Alipay signed is believed. Buyers pay in a page of Alipay's, and a trade exists there
// only once a buyer has logged in on it: `not_exist` says nothing before the order's deadline has
// passed, and a close of such a trade is refused without being final, because the page that was
// signed can still be opened and paid.
class Alipay final : public PaymentProvider, public RefundProvider, public BillProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    // Throws BadConfig.
    Alipay(const Config& config, HttpClient& http, const Clock& clock);

    std::string_view name() const override { return "alipay"; }
    std::string_view merchant() const override { return config_.seller_id; }
    std::string_view seller() const override { return config_.app_id; }

    // No call is made. Refused for good when no page of this order could be paid.
    Task<Outcome<std::string>> create(const ProviderOrder& order) override;
    // Nothing when fewer than 60 seconds are left: Alipay would set a deadline after ours.
    std::optional<PayForm> pay_form(const ProviderOrder& order, Time now) const override;
    Task<Outcome<ProviderTrade>> query(const std::string& out_trade_no) override;
    Task<Outcome<bool>> close(const std::string& out_trade_no) override;

    // Headers prove nothing here. A notification of a refund is no payment, whatever it looks like.
    std::optional<ProviderNotification> verify_notification(
        const Headers& headers, std::string_view body, Time now, std::string& reason
    ) const override;
    NotificationReply reply_accepted() const override;
    NotificationReply reply_refused() const override;
    NotificationReply reply_try_again() const override;

    // The query of the address that a browser comes back with: which order it is about, when Alipay
    // signed it. It never says that anything was paid: ask with query().
    std::optional<Return> verify_return(std::string_view query) const;

    Task<Outcome<ProviderRefund>> refund(const ProviderRefundOrder& order) override;
    Task<Outcome<ProviderRefund>> query_refund(const ProviderRefundOrder& order) override;
    Milliseconds refund_distance() const override { return Milliseconds{0}; }
    int refunds_max() const override { return 0; }

    // At most 256 MiB in 5 minutes.
    RefundDay refund_day() const override { return RefundDay::done; }
    Task<Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
    ) override;
    BillSummary read_bill(
        BillKind kind,
        const std::filesystem::path& file,
        const std::function<void(const BillRow&)>& row
    ) const override;

    std::chrono::seconds clock_skew() const { return client_.clock_skew(); }

private:
    Task<Outcome<Downloaded>> save_bill(std::string url, std::filesystem::path file);

    const Config config_;
    const Clock& clock_;
    Client client_;
};

}  // namespace doorbuster::alipay
