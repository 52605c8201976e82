#pragma once

#include "ports/sql.hpp"

namespace doorbuster::catalog {

// Held to the end of the transaction by everything that writes products, SKUs or categories, so
// that a check and the write that rests on it see the same catalog. Staff and imports write seldom;
// shoppers never wait for it.
void lock_catalog(sql::Transaction& tx);

}  // namespace doorbuster::catalog
