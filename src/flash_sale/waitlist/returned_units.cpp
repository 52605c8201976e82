#include "flash_sale/waitlist/returned_units.hpp"

namespace doorbuster::flash_sale {

std::int64_t ReturnedUnits::of(sql::Reader& reader, const SaleItem& item) {
    const auto now = clock_.steady();
    {
        const std::lock_guard lock{mutex_};
        const auto known = counts_.find(item.id);
        if (known != counts_.end() && now - known->second.read_at < kFresh) {
            return known->second.units;
        }
    }
    const std::int64_t units = stock_.promoted_given_back(reader, item.terms.sku, item.id);
    const std::lock_guard lock{mutex_};
    if (counts_.size() >= kItemsMax) counts_.clear();
    counts_.insert_or_assign(item.id, Count{units, now});
    return units;
}

}  // namespace doorbuster::flash_sale
