#pragma once

#include <filesystem>

#include "accounts/accounts.hpp"
#include "catalog/catalog.hpp"
#include "flash_sale/flash_sale.hpp"
#include "flash_sale/shoppers.hpp"
#include "http/server.hpp"
#include "orders/order.hpp"
#include "runtime/config.hpp"
#include "webhooks/delivery_worker.hpp"

// The configuration as each part wants it.
namespace doorbuster::app {

accounts::AccountsSettings accounts_settings(const runtime::Config& config);
catalog::Catalog::Config catalog_config(const runtime::Config& config);
flash_sale::FlashSaleSettings flash_sale_settings(const runtime::Config& config);
// Throws ConfigError for the fixed captcha where real buyers or real money could meet it.
flash_sale::ShopperSettings shopper_settings(const runtime::Config& config);
orders::OrderSettings order_settings(const runtime::Config& config);
webhooks::DeliveryOptions delivery_options(const runtime::Config& config);
http::ServerOptions server_options(const runtime::Config& config);

// Where bills lie while they are read.
std::filesystem::path bills_folder(const runtime::Config& config);

}  // namespace doorbuster::app
