#include "app/payment_gateway.hpp"

#include "adapters/pay_wire/key_file.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "sandbox/control_routes.hpp"
#include "sandbox/identity.hpp"
#include "sandbox/sandbox_routes.hpp"

namespace doorbuster::app {

namespace {

constexpr std::string_view kNotifyPath = "/api/v1/payments/notifications/wechat_pay";
constexpr std::string_view kAlipayNotifyPath = "/api/v1/payments/notifications/alipay";

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
    config.notify_url = loopback + std::string{kNotifyPath};
    return config;
}

wechat_pay::Config live_config(const runtime::Config& settings) {
    wechat_pay::Config config;
    config.mchid = settings.wechat_pay_mchid;
    config.appid = settings.wechat_pay_appid;
    config.merchant_serial = settings.wechat_pay_serial_no;
    config.private_key_pem = Secret{pay_wire::read_key_file(settings.wechat_pay_private_key_file)};
    config.apiv3_key = settings.wechat_pay_apiv3_key;
    config.public_key_id = settings.wechat_pay_public_key_id;
    config.public_key_pem = pay_wire::read_key_file(settings.wechat_pay_public_key_file);
    config.base_url = settings.wechat_pay_base_url;
    config.backup_url = settings.wechat_pay_backup_url;
    config.notify_url = settings.public_url + std::string{kNotifyPath};
    return config;
}

std::string public_text(const std::string& file) {
    return file.empty() ? "" : pay_wire::read_public_file(file);
}

alipay::Config live_alipay(const runtime::Config& settings) {
    if (settings.public_url.empty()) {
        throw runtime::ConfigError{
            "public_url: must be set, because Alipay sends notifications to it"};
    }
    alipay::Config config;
    config.app_id = settings.alipay_app_id;
    config.seller_id = settings.alipay_seller_id;
    config.private_key = settings.alipay_private_key;
    if (!settings.alipay_private_key_file.empty()) {
        config.private_key = Secret{pay_wire::read_key_file(settings.alipay_private_key_file)};
    }
    config.public_key = public_text(settings.alipay_public_key_file);
    config.app_certificate = public_text(settings.alipay_app_cert_file);
    config.alipay_certificate = public_text(settings.alipay_alipay_cert_file);
    config.root_certificates = public_text(settings.alipay_root_cert_file);
    config.gateway_url = settings.alipay_gateway_url;
    config.return_url = settings.alipay_return_url;
    config.notify_url = settings.public_url + std::string{kAlipayNotifyPath};
    return config;
}

template <class Port>
std::vector<Port*> those_that_are(Port* one, Port* other) {
    std::vector<Port*> providers;
    for (Port* provider : {one, other}) {
        if (provider) providers.push_back(provider);
    }
    return providers;
}

}  // namespace

PaymentGateway::PaymentGateway(
    const runtime::Config& config,
    const runtime::DataFolder& folder,
    HttpClient& http,
    const Clock& clock,
    Random& random
) {
    try {
        if (config.wechat_pay_mode != "off") make_wechat_pay(config, folder, http, clock, random);
        if (config.alipay_mode == "live") {
            alipay_ = std::make_unique<alipay::Alipay>(live_alipay(config), http, clock);
        }
    } catch (const pay_wire::BadConfig& error) {
        throw runtime::ConfigError{error.what()};
    }
}

void PaymentGateway::make_wechat_pay(
    const runtime::Config& config,
    const runtime::DataFolder& folder,
    HttpClient& http,
    const Clock& clock,
    Random& random
) {
    wechat_pay::Config keys;
    if (config.wechat_pay_mode == "sandbox") {
        make_sandbox(config, folder, http, clock, random);
        keys =
            sandbox_config(sandbox_->merchant(), "http://127.0.0.1:" + std::to_string(config.port));
    } else {
        keys = live_config(config);
    }
    wechat_pay_ = std::make_unique<wechat_pay::WechatPay>(keys, http, clock, random);
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
            "wechat_pay.mode: sandbox needs the role sandbox in this process"};
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
    return those_that_are<PaymentProvider>(wechat_pay_.get(), alipay_.get());
}
std::vector<RefundProvider*> PaymentGateway::refund_providers() const {
    return those_that_are<RefundProvider>(wechat_pay_.get(), alipay_.get());
}
std::vector<BillProvider*> PaymentGateway::bill_providers() const {
    return those_that_are<BillProvider>(wechat_pay_.get(), alipay_.get());
}

http::Routes PaymentGateway::routes() {
    if (!sandbox_) return {};
    return http::joined(
        {sandbox::sandbox_routes(*sandbox_),
         sandbox::control_routes(*sandbox_, http::Access::local())}
    );
}

void PaymentGateway::add_jobs(runtime::Scheduler& scheduler) {
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
