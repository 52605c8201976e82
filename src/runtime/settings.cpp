#include "runtime/settings.hpp"

namespace doorbuster::runtime {

// clang-format off
const std::vector<Setting>& settings() {
    using C = Config;
    static const std::vector<Setting> all = {
        {"data", &C::data, "Folder for the database, pictures and keys. One process at a time writes it."},
        {"host", &C::host, "Address to listen on; 0.0.0.0 for all."},
        {"port", &C::port, "Port to listen on; 0 takes a free one.", 0, 65535},
        {"public_url", &C::public_url, "How shoppers and payment providers reach this server, e.g. https://shop.example. Empty: http://host:port; other devices cannot open the simulator's pages of Alipay then."},
        {"roles", &C::roles, "What this process does. [\"pay\", \"worker\"] is payments only, for another order system: docs/operating/payments-only.md.", 0, 0, {"shop", "pay", "worker", "sandbox"}},

        {"server.threads", &C::server_threads, "Event loops; 0: one per core.", 0, 256},
        {"server.connections_max", &C::server_connections_max, "Connections held open at once.", 16, 1'000'000},
        {"server.streams_max", &C::server_streams_max, "Streams of events held open at once, beside these connections.", 0, 1'000'000},
        {"server.streams_per_address_max", &C::server_streams_per_address_max, "Of them, from one address (IPv6: from one /64).", 0, 1'000'000},
        {"server.buffer_megabytes", &C::server_buffer_megabytes, "Memory for large bodies that arrive and large answers that are being taken, over all connections.", 16, 65536},
        {"server.idle_seconds", &C::server_idle_seconds, "A connection that asks nothing for so long is closed.", 1, 3600},
        {"server.request_seconds", &C::server_request_seconds, "A request must have arrived whole within this time.", 1, 3600},
        {"server.shutdown_seconds", &C::server_shutdown_seconds, "How long a shutdown waits for requests in progress.", 0, 600},
        {"server.trusted_proxies", &C::server_trusted_proxies, "Addresses or networks (10.0.0.0/8) whose X-Forwarded-For is believed."},
        {"server.metrics_networks", &C::server_metrics_networks, "Addresses or networks that may read /metrics; 404 for others."},
        {"server.access_log", &C::server_access_log, "One log line per request."},

        {"database.url", &C::database_url, "postgresql://… for PostgreSQL; empty: the embedded database in the data folder."},
        {"database.connections", &C::database_connections, "PostgreSQL connections for writing.", 1, 1000},
        {"database.readers", &C::database_readers, "Connections for reading.", 1, 1000},
        {"database.queue_max", &C::database_queue_max, "Transactions that may wait; more are answered 503.", 16, 10'000'000},

        {"log.format", &C::log_format, "auto: human on a terminal, else json.", 0, 0, {"auto", "json", "human"}},
        {"log.level", &C::log_level, "The least severe level that is written.", 0, 0, {"debug", "info", "warn", "error"}},

        {"accounts.session_days", &C::accounts_session_days, "A session ends this long after log-in.", 1, 3650},
        {"accounts.session_idle_days", &C::accounts_session_idle_days, "A session that is not used ends earlier.", 1, 3650},
        {"accounts.hash_threads", &C::accounts_hash_threads, "Threads that hash passwords (19 MiB each while at work).", 1, 64},
        {"accounts.hash_queue_max", &C::accounts_hash_queue_max, "Passwords that may wait to be hashed; more are answered 503.", 1, 100'000},
        {"accounts.logins_per_minute", &C::accounts_logins_per_minute, "Failed log-ins per account and minute.", 1, 1'000'000},
        {"accounts.address_attempts_per_minute", &C::accounts_address_attempts_per_minute, "Log-ins and registrations per address and minute.", 1, 10'000'000},

        {"catalog.cache_megabytes", &C::catalog_cache_megabytes, "Memory for rendered product pages.", 1, 65536},

        {"orders.unpaid_minutes", &C::orders_unpaid_minutes, "An order that is not paid by then is closed.", 2, 10080},
        {"orders.unpaid_max", &C::orders_unpaid_max, "Unpaid orders that one user may have at a time.", 1, 1000},
        {"orders.complete_days", &C::orders_complete_days, "A shipped order counts as received after so many days.", 1, 365},

        {"flash_sale.unpaid_minutes", &C::flash_sale_unpaid_minutes, "A flash order that is not paid by then is closed.", 2, 1440},
        {"flash_sale.door_factor", &C::flash_sale_door_factor, "Buyers that may be inside at a time, per unit granted.", 1, 1000},
        {"flash_sale.queue_max", &C::flash_sale_queue_max, "Orders that wait to be written; one more is answered 503.", 16, 1'000'000},
        {"flash_sale.batch_max", &C::flash_sale_batch_max, "Orders in one transaction.", 1, 4096},
        {"flash_sale.queue_milliseconds", &C::flash_sale_queue_milliseconds, "An order that has waited longer is answered 503.", 10, 60'000},
        {"flash_sale.queue_age_milliseconds", &C::flash_sale_queue_age_milliseconds, "While the first order in the queue has waited longer, new ones are answered 503 at once.", 10, 60'000},
        {"flash_sale.waitlist_max", &C::flash_sale_waitlist_max, "Users that wait for one item.", 0, 1'000'000},
        {"flash_sale.offer_seconds", &C::flash_sale_offer_seconds, "How long a unit is kept for who is offered it.", 10, 86'400},
        {"flash_sale.captcha", &C::flash_sale_captcha, "image: buyers read a picture; fixed: the answer is always FIXED, for tests on this machine alone.", 0, 0, {"image", "fixed"}},
        {"flash_sale.token_seconds", &C::flash_sale_token_seconds, "A buyer's token, and the place at the door that it stands for, lasts so long.", 5, 600},
        {"flash_sale.address_per_minute", &C::flash_sale_address_per_minute, "Flash sale requests per address and minute; 0: no limit.", 0, 10'000'000},
        {"flash_sale.user_per_minute", &C::flash_sale_user_per_minute, "Flash sale requests per user and minute; 0: no limit.", 0, 10'000'000},
        {"flash_sale.item_per_second", &C::flash_sale_item_per_second, "Requests of signed-in buyers per item and second; 0: no limit.", 0, 10'000'000},
        {"flash_sale.route_per_second", &C::flash_sale_route_per_second, "The same per route (captcha, token, orders) over all items; 0: no limit.", 0, 10'000'000},

        {"shipping.freight", &C::shipping_freight, "Freight of an order, in fen.", 0, 100'000'000},
        {"shipping.free_above", &C::shipping_free_above, "Orders of at least this many fen ship free; -1: never.", -1, 100'000'000'000},

        {"wechat_pay.mode", &C::wechat_pay_mode, "live: WeChat Pay; sandbox: the bundled simulator; off; auto: sandbox, but off beside another provider that is live or off.", 0, 0, {"auto", "sandbox", "live", "off"}},
        {"wechat_pay.mchid", &C::wechat_pay_mchid, "Merchant number."},
        {"wechat_pay.appid", &C::wechat_pay_appid, "App id bound to the merchant number."},
        {"wechat_pay.serial_no", &C::wechat_pay_serial_no, "Serial number of the merchant API certificate; need not be set with certificate_file."},
        {"wechat_pay.certificate_file", &C::wechat_pay_certificate_file, "apiclient_cert.pem, so that key and serial number are checked against it; empty: not checked."},
        {"wechat_pay.private_key_file", &C::wechat_pay_private_key_file, "apiclient_key.pem; readable by its owner only."},
        {"wechat_pay.apiv3_key", &C::wechat_pay_apiv3_key, "The 32-byte APIv3 key; better set in the environment or in a file."},
        {"wechat_pay.apiv3_key_file", &C::wechat_pay_apiv3_key_file, "A file that holds the APIv3 key instead; readable by its owner only."},
        {"wechat_pay.public_key_id", &C::wechat_pay_public_key_id, "PUB_KEY_ID_… of the WeChat Pay public key."},
        {"wechat_pay.public_key_file", &C::wechat_pay_public_key_file, "pub_key.pem of WeChat Pay."},
        {"wechat_pay.platform_certificates", &C::wechat_pay_platform_certificates, "Platform-certificate mode: fetch WeChat Pay's certificates and keep them up to date; beside the public key while changing over."},
        {"wechat_pay.platform_certificate_files", &C::wechat_pay_platform_certificate_files, "Platform certificates in PEM that are trusted before any was fetched; may be empty."},
        {"wechat_pay.base_url", &C::wechat_pay_base_url, "API host."},
        {"wechat_pay.backup_url", &C::wechat_pay_backup_url, "API host when the first cannot be reached; empty: none."},

        {"alipay.mode", &C::alipay_mode, "live: Alipay; sandbox: the bundled simulator; off; auto: sandbox, but off beside another provider that is live or off.", 0, 0, {"auto", "sandbox", "live", "off"}},
        {"alipay.app_id", &C::alipay_app_id, "Application id."},
        {"alipay.seller_id", &C::alipay_seller_id, "The account that is paid, 2088…."},
        {"alipay.private_key_file", &C::alipay_private_key_file, "Private key of the application, PEM or bare Base64; readable by its owner only."},
        {"alipay.private_key", &C::alipay_private_key, "The same as text, instead of the file; set it in the environment."},
        {"alipay.public_key_file", &C::alipay_public_key_file, "Public-key mode: Alipay's public key (not the application's), PEM or bare Base64."},
        {"alipay.app_cert_file", &C::alipay_app_cert_file, "Certificate mode: appCertPublicKey_….crt."},
        {"alipay.alipay_cert_file", &C::alipay_alipay_cert_file, "Certificate mode: alipayCertPublicKey_RSA2.crt."},
        {"alipay.root_cert_file", &C::alipay_root_cert_file, "Certificate mode: alipayRootCert.crt."},
        {"alipay.gateway_url", &C::alipay_gateway_url, "Address of the gateway; Alipay's own sandbox has another."},
        {"alipay.return_url", &C::alipay_return_url, "Where a buyer's browser comes back to after paying; empty: a page of the shop at public_url."},

        {"webhooks.private_addresses", &C::webhooks_private_addresses, "Allow webhooks to loopback and private networks."},

        {"events.keep_days", &C::events_keep_days, "How long delivered events stay in the database.", 1, 3650},
    };
    return all;
}
// clang-format on

}  // namespace doorbuster::runtime
