#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::inventory {

// One movement of a SKU's units, as it was written down. See migration 0004 for what each kind
// does.
struct LedgerEntry {
    std::int64_t id = 0;
    std::string kind;
    std::int64_t quantity = 0;
    std::optional<OrderNo> order;
    Time at;
    std::optional<UserId> actor;
    std::string note;
};

struct LedgerPage {
    std::vector<LedgerEntry> entries;  // newest first
    std::int64_t total = 0;
};

LedgerPage list_ledger(sql::Reader& reader, SkuId sku, std::int64_t offset, std::int64_t limit);

}  // namespace doorbuster::inventory
