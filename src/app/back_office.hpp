#pragma once

#include "accounts/accounts.hpp"
#include "app/ground.hpp"
#include "app/import_jobs.hpp"
#include "catalog/catalog.hpp"
#include "http/route.hpp"
#include "inventory/inventory_service.hpp"

namespace doorbuster::app {

// What is for sale, how much of it there is, and who may change that: what commands need as well as
// the server.
class BackOffice {
public:
    // `accounts` must outlive it.
    BackOffice(const Ground& ground, accounts::Accounts& accounts);

    // Accounts and catalogue, for shoppers and staff.
    http::Routes routes();
    // What commands ask over the admin socket about the catalogue.
    http::Routes local_routes();

    accounts::Accounts& accounts() { return accounts_; }
    const inventory::InventoryService& stock() const { return stock_; }
    const events::AuditLog& audit() const { return accounts_.audit; }
    catalog::ProductImportWriter::Services import_services() const;
    // At start-up, before the first request.
    void show_promotions(const catalog::PromotionLookup& promotions) {
        catalog_.product_pages.set_promotions(promotions);
    }

private:
    accounts::Accounts& accounts_;
    inventory::InventoryService stock_;
    catalog::Catalog catalog_;
    ImportJobs imports_;
};

}  // namespace doorbuster::app
