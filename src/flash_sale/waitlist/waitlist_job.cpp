#include "flash_sale/waitlist/waitlist_job.hpp"

namespace doorbuster::flash_sale {

Task<bool> WaitlistJob::pass_due() {
    // Most looks find nothing: they do not disturb the writer.
    const auto look = [this](sql::Reader& reader) { return waitlist_.any_due(reader); };
    const bool any = co_await database_.read(look, {.urgent = true});
    if (!any) co_return false;
    const auto pass = [this](sql::Transaction& tx) { return waitlist_.pass_due(tx, kBatchMax); };
    co_return co_await database_.write(pass, {.urgent = true});
}

}  // namespace doorbuster::flash_sale
