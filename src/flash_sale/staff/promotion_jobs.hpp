#pragma once

#include "flash_sale/engine/sale_loader.hpp"
#include "flash_sale/staff/promotion_service.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

// Ends promotions when their time is over. The end is a column, so a restart loses none; the caller
// decides how often to look. Each promotion is a transaction of its own: one that fails is logged
// and stays due, and the others go on.
class PromotionJobs {
public:
    static constexpr std::int64_t kBatchMax = 20;

    // All must outlive this.
    PromotionJobs(
        sql::Database& database,
        const PromotionService& promotions,
        SaleLoader& loader,
        const SaleClock& sale_clock
    )
        : database_{database}, promotions_{promotions}, loader_{loader}, sale_clock_{sale_clock} {}

    // At most kBatchMax; true when more may be waiting.
    Task<bool> end_due();

private:
    Task<bool> end_one(PromotionId id, Time now);

    sql::Database& database_;
    const PromotionService& promotions_;
    SaleLoader& loader_;
    const SaleClock& sale_clock_;
};

}  // namespace doorbuster::flash_sale
