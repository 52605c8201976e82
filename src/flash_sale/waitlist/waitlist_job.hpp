#pragma once

#include "flash_sale/waitlist/waitlist.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

// Work that falls due: offers whose time is over pass to the next in line. What is due is a column,
// so a restart loses nothing; call it every second or so, and again at once while it returns true:
// more offers are due than the kBatchMax that one step passes.
class WaitlistJob {
public:
    static constexpr std::int64_t kBatchMax = 200;

    // Both must outlive this.
    WaitlistJob(sql::Database& database, const Waitlist& waitlist)
        : database_{database}, waitlist_{waitlist} {}

    Task<bool> pass_due();

private:
    sql::Database& database_;
    const Waitlist& waitlist_;
};

}  // namespace doorbuster::flash_sale
