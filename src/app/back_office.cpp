#include "app/back_office.hpp"

#include "accounts/accounts_routes.hpp"
#include "app/settings_of.hpp"

namespace doorbuster::app {

BackOffice::BackOffice(const Ground& ground, accounts::Accounts& accounts)
    : accounts_{accounts},
      stock_{ground.clock},
      catalog_{
          ground.database,
          ground.clock,
          ground.random,
          stock_,
          accounts_.audit,
          ground.metrics,
          catalog_config(ground.config)},
      imports_{ground.database, import_services()} {
    stock_.add_observer(catalog_.changes);
}

catalog::ProductImportWriter::Services BackOffice::import_services() const {
    return {catalog_.products, catalog_.categories, catalog_.media, stock_};
}

http::Routes BackOffice::routes() {
    return http::joined({accounts::accounts_routes(accounts_), catalog_.routes()});
}

http::Routes BackOffice::local_routes() { return imports_.routes(); }

}  // namespace doorbuster::app
