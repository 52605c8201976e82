#include "catalog/model/catalog_lock.hpp"

#include "catalog/model/sql.hpp"

namespace doorbuster::catalog {

namespace queries = model::queries;

void lock_catalog(sql::Transaction& tx) {
    tx.query(queries::lock_catalog, {}, [](const sql::Row&) {});
}

}  // namespace doorbuster::catalog
