#include "catalog/catalog_lock.hpp"

#include "catalog/sql.hpp"

namespace doorbuster::catalog {

void lock_catalog(sql::Transaction& tx) {
    tx.query(queries::lock_catalog, {}, [](const sql::Row&) {});
}

}  // namespace doorbuster::catalog
