#include "inventory/stock_ledger.hpp"

#include "inventory/sql.hpp"

namespace doorbuster::inventory {

LedgerPage list_ledger(sql::Reader& reader, SkuId sku, std::int64_t offset, std::int64_t limit) {
    LedgerPage page;
    reader.query(queries::count_ledger, {sku}, [&](const sql::Row& row) {
        page.total = row.integer(0);
    });
    page.entries = reader.all(queries::list_ledger, {sku, limit, offset}, [](const sql::Row& row) {
        return LedgerEntry{
            row.integer(0),
            row.string(1),
            row.integer(2),
            row.optional_id<OrderNo>(3),
            row.time(4),
            row.optional_id<UserId>(5),
            row.string(6)};
    });
    return page;
}

}  // namespace doorbuster::inventory
