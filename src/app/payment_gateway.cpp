#include "app/payment_gateway.hpp"

#include "adapters/pay_wire/key_file.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "sandbox/identity.hpp"
#include "sandbox/sandbox_routes.hpp"

namespace doorbuster::app {

namespace {

constexpr std::string_view kNotifyPath = "/api/v1/payments/notifications/wechat_pay";

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

}  // namespace

PaymentGateway::PaymentGateway(
    const runtime::Config& config,
    const runtime::DataFolder& folder,
    HttpClient& http,
    const Clock& clock,
    Random& random
) {
    if (config.wechat_pay_mode == "off") return;
    try {
        wechat_pay::Config keys;
        if (config.wechat_pay_mode == "sandbox") {
            make_sandbox(config, folder, http, clock, random);
            keys = sandbox_config(
                sandbox_->merchant(), "http://127.0.0.1:" + std::to_string(config.port)
            );
        } else {
            keys = live_config(config);
        }
        wechat_pay_ = std::make_unique<wechat_pay::WechatPay>(keys, http, clock, random);
    } catch (const pay_wire::BadConfig& error) {
        throw runtime::ConfigError{error.what()};
    }
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
        sandbox::load_or_make_identity(folder.keys() / "sandbox", random),
        *sandbox_database_,
        http,
        clock,
        random,
        faults_
    );
}

std::vector<PaymentProvider*> PaymentGateway::providers() const {
    if (!wechat_pay_) return {};
    return {wechat_pay_.get()};
}

http::Routes PaymentGateway::routes() {
    if (!sandbox_) return {};
    return sandbox::sandbox_routes(*sandbox_);
}

void PaymentGateway::add_jobs(runtime::Scheduler& scheduler) {
    if (!sandbox_) return;
    const auto notify = [this] { return sandbox_->deliver_due_notification(); };
    scheduler.every("sandbox.notify", std::chrono::milliseconds{100}, notify);
}

}  // namespace doorbuster::app
