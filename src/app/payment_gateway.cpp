#include "app/payment_gateway.hpp"

#include "adapters/pay_wire/key_file.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "app/alipay_settings.hpp"
#include "app/notify_paths.hpp"
#include "app/setting_files.hpp"
#include "app/wechat_settings.hpp"
#include "sandbox/control_routes.hpp"
#include "sandbox/identity.hpp"
#include "sandbox/sandbox_routes.hpp"

namespace doorbuster::app {

namespace {

std::string loopback(const runtime::Config& settings) {
    return "http://127.0.0.1:" + std::to_string(settings.port);
}

wechat_pay::Config sandbox_config(
    const sandbox::MerchantSide& merchant, const std::string& loopback
) {
    wechat_pay::Config config;
    config.mchid = merchant.mchid;
    config.appid = merchant.appid;
    config.merchant_serial = merchant.merchant_serial;
    config.private_key_pem = merchant.private_key_pem;
    config.apiv3_key = merchant.apiv3_key;
    config.public_key_id = merchant.public_key_id;
    config.public_key_pem = merchant.public_key_pem;
    config.base_url = loopback + std::string{sandbox::kWechatPayPrefix};
    config.backup_url.clear();
    config.notify_url = loopback + std::string{kWechatPayNotifyPath};
    config.refund_notify_url = loopback + std::string{kWechatPayRefundNotifyPath};
    return config;
}

// The gateway is also where buyers' browsers are sent, which know this server by its public name.
alipay::Config sandbox_alipay(
    const sandbox::AlipayMerchantSide& merchant, const runtime::Config& settings
) {
    alipay::Config config;
    config.app_id = merchant.app_id;
    config.seller_id = merchant.seller_id;
    config.private_key = merchant.private_key_pem;
    config.public_key = merchant.alipay_public_key_pem;
    config.gateway_url = loopback(settings) + std::string{sandbox::kAlipayGatewayPath};
    const std::string address =
        settings.public_url.empty() ? loopback(settings) : settings.public_url;
    config.page_url = address + std::string{sandbox::kAlipayGatewayPath};
    config.notify_url = loopback(settings) + std::string{kAlipayNotifyPath};
    config.return_url = alipay_return_url(settings, address);
    return config;
}

// Signed times are worth five minutes; a minute off is time to call somebody.
constexpr std::chrono::seconds kSkewMax{60};

template <class Port>
std::vector<Port*> all_of(const auto& live) {
    std::vector<Port*> all;
    for (const auto& one : live) all.push_back(one.metered.get());
    return all;
}

}  // namespace

template <class Provider>
PaymentGateway::Live PaymentGateway::live(Provider& provider) const {
    metrics::Gauge& gauge = metrics_.gauge(
        "payment_provider_clock_skew_seconds",
        "How far this machine's clock is ahead of the provider's; beyond 300 nothing verifies.",
        {{"provider", std::string{provider.name()}}}
    );
    return {
        [&provider] { return provider.clock_skew(); },
        gauge,
        std::make_unique<pay_wire::MeteredProvider>(provider, clock_, metrics_)};
}

PaymentGateway::PaymentGateway(
    const runtime::Config& config,
    const runtime::DataFolder& folder,
    HttpClient& http,
    const Clock& clock,
    Random& random,
    metrics::Registry& metrics
)
    : modes_{checked_payment_modes(config)}, clock_{clock}, metrics_{metrics} {
    try {
        if (modes_.is_play_money()) make_sandbox(config, folder, http, clock, random);
        if (modes_.wechat_pay != "off") make_wechat_pay(config, http, clock, random);
        if (modes_.alipay != "off") make_alipay(config, http, clock);
    } catch (const pay_wire::BadConfig& error) {
        throw runtime::ConfigError{in_settings_words(error.what())};
    }
}

void PaymentGateway::make_wechat_pay(
    const runtime::Config& config, HttpClient& http, const Clock& clock, Random& random
) {
    const auto keys = modes_.wechat_pay == "sandbox"
                          ? sandbox_config(sandbox_->merchant(), loopback(config))
                          : wechat_settings(config);
    wechat_pay_ = std::make_unique<wechat_pay::WechatPay>(keys, http, clock, random);
    live_.push_back(live(*wechat_pay_));
}

void PaymentGateway::make_alipay(
    const runtime::Config& config, HttpClient& http, const Clock& clock
) {
    const auto keys = modes_.alipay == "sandbox"
                          ? sandbox_alipay(sandbox_->alipay_merchant(), config)
                          : alipay_settings(config);
    alipay_ = std::make_unique<alipay::Alipay>(keys, http, clock);
    live_.push_back(live(*alipay_));
}

PaymentGateway::~PaymentGateway() = default;

void PaymentGateway::make_sandbox(
    const runtime::Config& config,
    const runtime::DataFolder& folder,
    HttpClient& http,
    const Clock& clock,
    Random& random
) {
    if (!config.has_role("sandbox")) {
        throw runtime::ConfigError{
            std::string{modes_.wechat_pay == "sandbox" ? "wechat_pay" : "alipay"} +
            ".mode: sandbox needs the role sandbox in this process; set it to live or off"};
    }
    sqlite::SqliteOptions options;
    options.file = folder.sandbox_database();
    options.reader_count = 1;
    options.clock = &clock;
    sandbox_database_ = std::make_unique<sqlite::SqliteDatabase>(options);
    sandbox::create_tables(*sandbox_database_);
    sandbox_ = std::make_unique<sandbox::Sandbox>(
        sandbox::load_or_make_identity(folder.keys() / "sandbox", random, clock.now()),
        *sandbox_database_,
        http,
        clock,
        random,
        faults_
    );
}

std::vector<PaymentProvider*> PaymentGateway::providers() const {
    return all_of<PaymentProvider>(live_);
}
std::vector<RefundProvider*> PaymentGateway::refund_providers() const {
    return all_of<RefundProvider>(live_);
}
std::vector<BillProvider*> PaymentGateway::bill_providers() const {
    return all_of<BillProvider>(live_);
}

std::vector<std::string> PaymentGateway::remarks() const {
    std::vector<std::string> lines;
    for (const Live& one : live_) {
        const auto skew = one.clock_skew();
        if (std::chrono::abs(skew) <= kSkewMax) continue;
        const std::string seconds = std::to_string(std::chrono::abs(skew).count());
        lines.push_back(
            "the clock is " + seconds + " s " + (skew.count() > 0 ? "ahead of " : "behind ") +
            std::string{one.metered->name()} + "'s"
        );
    }
    return lines;
}

http::Routes PaymentGateway::routes() {
    if (!sandbox_) return {};
    return http::joined(
        {sandbox::sandbox_routes(*sandbox_),
         sandbox::control_routes(*sandbox_, http::Access::local())}
    );
}

void PaymentGateway::add_jobs(runtime::Scheduler& scheduler) {
    if (wechat_pay_) {
        scheduler.every("wechat_pay.certificates", std::chrono::minutes{1}, [this]() -> Task<bool> {
            co_await wechat_pay_->keep_certificates();
            co_return false;
        });
    }
    scheduler.every("payments.clocks", std::chrono::seconds{15}, [this]() -> Task<bool> {
        for (const Live& one : live_) {
            one.skew_gauge.set(static_cast<double>(one.clock_skew().count()));
        }
        co_return false;
    });
    if (!sandbox_) return;
    const auto notify = [this] { return sandbox_->deliver_due_notification(); };
    // Several, so that duplicates can arrive at the same moment.
    for (const char* name : {"sandbox.notify", "sandbox.notify_too"}) {
        scheduler.every(name, std::chrono::milliseconds{100}, notify);
    }
    const auto settle = [this] { return sandbox_->settle_due_refund(); };
    scheduler.every("sandbox.refunds", std::chrono::milliseconds{200}, settle);
}

}  // namespace doorbuster::app
