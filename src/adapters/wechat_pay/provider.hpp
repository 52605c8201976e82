#pragma once

#include "adapters/wechat_pay/client.hpp"
#include "ports/payment_bills.hpp"
#include "ports/payment_provider.hpp"
#include "ports/payment_refunds.hpp"

namespace doorbuster::wechat_pay {

// WeChat Pay Native (QR code), merchant mode, APIv3.
//
// Only what WeChat Pay signed is believed. A refusal is final when a signed answer says so with a
// code that asking again cannot change; everything else (no answer, 5xx, a 4xx without a valid
// signature) leaves the state unknown. A trade that a signed 404 does not know is `not_exist`,
// which can still change until its deadline has passed.
class WechatPay final : public PaymentProvider, public RefundProvider, public BillProvider {
public:
    template <class T>
    using Outcome = PaymentProvider::Outcome<T>;

    // Throws BadConfig.
    WechatPay(const Config& config, HttpClient& http, const Clock& clock, Random& random);

    std::string_view name() const override { return "wechat_pay"; }
    std::string_view merchant() const override { return config_.mchid; }
    std::string_view seller() const override { return config_.appid; }

    Task<Outcome<std::string>> create(const ProviderOrder& order) override;
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
    // The rules of WeChat Pay: a minute between two refunds of one order, and 50 of them.
    Milliseconds refund_distance() const override { return std::chrono::minutes{1}; }
    int refunds_max() const override { return 50; }

    // The file is as it was downloaded: compressed by gzip, if WeChat Pay does as it is asked.
    RefundDay refund_day() const override { return RefundDay::accepted; }
    Task<Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
    ) override;
    BillSummary read_bill(
        BillKind kind,
        const std::filesystem::path& file,
        const std::function<void(const BillRow&)>& row
    ) const override;

    // Asks about an order that cannot exist: what comes back shows whether everything is right
    // between us, and nothing happens. The answer is to be a verified 404.
    Task<Answer> probe();
    Task<Fetched> fetch_certificates() { return client_.fetch_certificates(); }
    // For a job that runs every minute, in either mode.
    Task<void> keep_certificates() { return client_.keep_certificates(); }
    // The keys by which WeChat Pay's answers are verified now.
    std::shared_ptr<const TrustedKeys> trusted() const { return client_.trusted(); }
    std::chrono::seconds clock_skew() const { return client_.clock_skew(); }

private:
    const std::string& refund_notify_url() const;

    const Config config_;
    const Clock& clock_;
    Random& random_;
    Client client_;
};

}  // namespace doorbuster::wechat_pay
