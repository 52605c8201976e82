#include "flash_sale/staff/promotion_jobs.hpp"

#include "flash_sale/staff/promotion_store.hpp"
#include "ports/log.hpp"

namespace doorbuster::flash_sale {

Task<bool> PromotionJobs::end_due() {
    const Time now = sale_clock_.now();
    const auto read = [now](sql::Reader& reader) {
        return promotions::over(reader, now, kBatchMax);
    };
    const auto due = co_await database_.read(read);
    if (due.empty()) co_return false;
    bool all_done = true;
    for (const PromotionId id : due) {
        const bool ended = co_await end_one(id, now);
        all_done = all_done && ended;
    }
    co_await loader_.reload();
    // What failed is tried again at the next look, not at once.
    co_return all_done&& due.size() == static_cast<std::size_t>(kBatchMax);
}

Task<bool> PromotionJobs::end_one(PromotionId id, Time now) {
    const auto act = [this, id, now](sql::Transaction& tx) {
        promotions_.end_if_over(tx, id, now);
    };
    const sql::JobOptions urgent{.urgent = true};
    try {
        co_await database_.write(act, urgent);
        co_return true;
    } catch (const std::exception& failure) {
        log::error("promotion_not_ended", {{"promotion", id}, {"reason", failure.what()}});
        co_return false;
    }
}

}  // namespace doorbuster::flash_sale
