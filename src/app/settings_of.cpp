#include "app/settings_of.hpp"

#include "app/payment_modes.hpp"
#include "http/client_address.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace {

Milliseconds days(std::int64_t count) { return std::chrono::hours{24 * count}; }
Milliseconds seconds(std::int64_t count) { return std::chrono::seconds{count}; }

// So many at once, and as many again over a minute.
accounts::Rate per_minute(std::int64_t count) {
    return {count, Milliseconds{std::max<std::int64_t>(60'000 / count, 1)}};
}

// The fixed captcha keeps nobody out, so it is for tests: no real money, no visitors.
flash_sale::Captchas::Mode captcha_mode(const runtime::Config& config) {
    using Mode = flash_sale::Captchas::Mode;
    if (config.flash_sale_captcha != "fixed") return Mode::image;
    static const http::Networks kThisMachine{{"127.0.0.0/8", "::1"}};
    if (!payment_modes(config).is_play_money() || !kThisMachine.contain(config.host)) {
        throw runtime::ConfigError{
            "flash_sale.captcha: fixed is for tests alone: it needs payments by the simulator and "
            "a "
            "loopback host; use image"};
    }
    return Mode::fixed;
}

}  // namespace

accounts::AccountsSettings accounts_settings(const runtime::Config& config) {
    accounts::AccountsSettings settings;
    settings.sessions.absolute = days(config.accounts_session_days);
    settings.sessions.idle = days(config.accounts_session_idle_days);
    settings.passwords.threads = static_cast<std::size_t>(config.accounts_hash_threads);
    settings.passwords.queue_max = static_cast<std::size_t>(config.accounts_hash_queue_max);
    settings.attempts.account_from_address = per_minute(config.accounts_logins_per_minute);
    // From all addresses together an account takes ten times what one address may try.
    settings.attempts.account = per_minute(config.accounts_logins_per_minute * 10);
    settings.attempts.password_changes = per_minute(config.accounts_logins_per_minute);
    settings.attempts.address = per_minute(config.accounts_address_attempts_per_minute);
    settings.attempts.registrations_from_address =
        per_minute(config.accounts_address_attempts_per_minute);
    return settings;
}

catalog::Catalog::Config catalog_config(const runtime::Config& config) {
    catalog::Catalog::Config settings;
    settings.media_folder = std::filesystem::path{config.data} / "media";
    settings.product_pages.bytes =
        static_cast<std::size_t>(config.catalog_cache_megabytes) * 1024 * 1024;
    return settings;
}

orders::OrderSettings order_settings(const runtime::Config& config) {
    orders::OrderSettings settings;
    settings.unpaid_ttl = std::chrono::minutes{config.orders_unpaid_minutes};
    settings.unpaid_max = config.orders_unpaid_max;
    settings.freight.flat = Money::fen(config.shipping_freight);
    settings.freight.free_above.reset();
    if (config.shipping_free_above >= 0)
        settings.freight.free_above = Money::fen(config.shipping_free_above);
    settings.complete_after = days(config.orders_complete_days);
    return settings;
}

flash_sale::FlashSaleSettings flash_sale_settings(const runtime::Config& config) {
    flash_sale::FlashSaleSettings settings;
    settings.unpaid_ttl = std::chrono::minutes{config.flash_sale_unpaid_minutes};
    settings.door_factor = config.flash_sale_door_factor;
    settings.batches.queue_max = static_cast<std::size_t>(config.flash_sale_queue_max);
    settings.batches.batch_max = static_cast<std::size_t>(config.flash_sale_batch_max);
    settings.batches.wait_max = Milliseconds{config.flash_sale_queue_milliseconds};
    settings.batches.queue_age_max = Milliseconds{config.flash_sale_queue_age_milliseconds};
    settings.waitlist.places_max = config.flash_sale_waitlist_max;
    settings.waitlist.offer_for = seconds(config.flash_sale_offer_seconds);
    return settings;
}

flash_sale::ShopperSettings shopper_settings(const runtime::Config& config) {
    flash_sale::ShopperSettings settings;
    settings.captcha = captcha_mode(config);
    settings.lease = seconds(config.flash_sale_token_seconds);
    settings.quotas.address.count = config.flash_sale_address_per_minute;
    settings.quotas.user.count = config.flash_sale_user_per_minute;
    settings.quotas.item.count = config.flash_sale_item_per_second;
    settings.quotas.route.count = config.flash_sale_route_per_second;
    return settings;
}

webhooks::DeliveryOptions delivery_options(const runtime::Config& config) {
    webhooks::DeliveryOptions options;
    options.private_addresses = config.webhooks_private_addresses;
    return options;
}

http::ServerOptions server_options(const runtime::Config& config) {
    http::ServerOptions options;
    options.address = config.host;
    options.port = static_cast<std::uint16_t>(config.port);
    options.unix_socket = runtime::DataFolder::admin_socket(config.data).string();
    options.trusted_proxies = config.server_trusted_proxies;
    options.connections_max = static_cast<std::size_t>(config.server_connections_max);
    options.streams_max = static_cast<std::size_t>(config.server_streams_max);
    options.streams_per_address_max =
        static_cast<std::size_t>(config.server_streams_per_address_max);
    options.held_bytes_max = static_cast<std::size_t>(config.server_buffer_megabytes) * 1024 * 1024;
    options.https = config.public_url.starts_with("https://");
    options.idle_max = seconds(config.server_idle_seconds);
    options.request_max = seconds(config.server_request_seconds);
    options.shutdown_max = seconds(config.server_shutdown_seconds);
    return options;
}

std::filesystem::path bills_folder(const runtime::Config& config) {
    return std::filesystem::path{config.data} / "bills";
}

}  // namespace doorbuster::app
