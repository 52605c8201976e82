#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/secret.hpp"

namespace doorbuster::runtime {

// Every setting, with its default. What each one means stands beside its key in config.cpp, from
// where config/doorbuster.toml takes it.
struct Config {
    std::string data = "data";
    std::string host = "127.0.0.1";
    std::int64_t port = 8080;
    std::string public_url;
    std::vector<std::string> roles = {"shop", "pay", "worker", "sandbox"};

    std::int64_t server_threads = 0;
    std::int64_t server_connections_max = 20000;
    std::int64_t server_streams_max = 10000;
    std::int64_t server_streams_per_address_max = 200;
    std::int64_t server_buffer_megabytes = 256;
    std::int64_t server_idle_seconds = 75;
    std::int64_t server_request_seconds = 30;
    std::int64_t server_shutdown_seconds = 20;
    std::vector<std::string> server_trusted_proxies;
    std::vector<std::string> server_metrics_networks = {"127.0.0.0/8", "::1"};
    bool server_access_log = true;

    Secret database_url;
    std::int64_t database_connections = 16;
    std::int64_t database_readers = 2;
    std::int64_t database_queue_max = 20000;

    std::string log_format = "auto";
    std::string log_level = "info";

    std::int64_t accounts_session_days = 30;
    std::int64_t accounts_session_idle_days = 7;
    std::int64_t accounts_hash_threads = 1;
    std::int64_t accounts_hash_queue_max = 64;
    std::int64_t accounts_logins_per_minute = 10;
    std::int64_t accounts_address_attempts_per_minute = 60;

    std::int64_t catalog_cache_megabytes = 16;

    std::int64_t orders_unpaid_minutes = 30;
    std::int64_t orders_unpaid_max = 20;
    std::int64_t orders_complete_days = 15;

    std::int64_t flash_sale_unpaid_minutes = 5;
    std::int64_t flash_sale_door_factor = 5;
    std::int64_t flash_sale_queue_max = 4096;
    std::int64_t flash_sale_batch_max = 512;
    std::int64_t flash_sale_queue_milliseconds = 2000;
    std::int64_t flash_sale_queue_age_milliseconds = 250;
    std::int64_t flash_sale_waitlist_max = 10'000;
    std::int64_t flash_sale_offer_seconds = 120;
    std::string flash_sale_captcha = "image";
    std::int64_t flash_sale_token_seconds = 60;
    std::int64_t flash_sale_address_per_minute = 6000;
    std::int64_t flash_sale_user_per_minute = 60;
    std::int64_t flash_sale_item_per_second = 20'000;
    std::int64_t flash_sale_route_per_second = 50'000;

    std::int64_t shipping_freight = 1000;
    std::int64_t shipping_free_above = 9900;

    std::string wechat_pay_mode = "auto";
    std::string wechat_pay_mchid;
    std::string wechat_pay_appid;
    std::string wechat_pay_serial_no;
    std::string wechat_pay_certificate_file;
    std::string wechat_pay_private_key_file;
    Secret wechat_pay_apiv3_key;
    std::string wechat_pay_apiv3_key_file;
    std::string wechat_pay_public_key_id;
    std::string wechat_pay_public_key_file;
    bool wechat_pay_platform_certificates = false;
    std::vector<std::string> wechat_pay_platform_certificate_files;
    std::string wechat_pay_base_url = "https://api.mch.weixin.qq.com";
    std::string wechat_pay_backup_url = "https://api2.mch.weixin.qq.com";

    std::string alipay_mode = "auto";
    std::string alipay_app_id;
    std::string alipay_seller_id;
    std::string alipay_private_key_file;
    Secret alipay_private_key;
    std::string alipay_public_key_file;
    std::string alipay_app_cert_file;
    std::string alipay_alipay_cert_file;
    std::string alipay_root_cert_file;
    std::string alipay_gateway_url = "https://openapi.alipay.com/gateway.do";
    std::string alipay_return_url;

    bool webhooks_private_addresses = false;
    std::int64_t events_keep_days = 30;

    bool has_role(std::string_view role) const;
};

// A setting is unknown or its value is wrong. The message names it and where it stands.
class ConfigError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Environment = std::map<std::string, std::string>;
// The process's variables that begin with DOORBUSTER_.
Environment process_environment();

// Defaults, then the TOML file (if any), then the environment, then the flags (key and value); the
// later wins. `DOORBUSTER_ORDERS_UNPAID_MINUTES` is the key `orders.unpaid_minutes`. Variables that
// begin with DOORBUSTER_TEST_ belong to the tests and are left alone. Throws ConfigError.
Config load_config(
    const std::optional<std::string>& toml_file,
    const Environment& environment,
    const std::vector<std::pair<std::string, std::string>>& flags
);

// A commented TOML file with every key at its default.
std::string example_config();

// The effective settings as text, one `key = value` a line; secrets are only told to be set or not.
std::string describe(const Config& config);

}  // namespace doorbuster::runtime
