#include "orders/order_jobs.hpp"

#include "orders/order_store.hpp"
#include "ports/log.hpp"

namespace doorbuster::orders {

Task<bool> OrderJobs::expire_unpaid() {
    const Time now = clock_.now();
    const auto read = [now](sql::Reader& reader) { return store::due(reader, now, kBatchMax); };
    auto numbers = co_await database_.read(read);
    co_return co_await run(std::move(numbers), &OrderService::expire);
}

Task<bool> OrderJobs::complete_shipped() {
    const Time before = clock_.now() - orders_.settings().complete_after;
    const auto read = [before](sql::Reader& reader) {
        return store::shipped_before(reader, before, kBatchMax);
    };
    auto numbers = co_await database_.read(read);
    co_return co_await run(std::move(numbers), &OrderService::complete);
}

Task<bool> OrderJobs::run(std::vector<OrderNo> numbers, Step step) {
    bool all_done = true;
    for (const OrderNo number : numbers) {
        const auto act = [this, number, step](sql::Transaction& tx) {
            (orders_.*step)(tx, number);
        };
        const sql::JobOptions urgent{.urgent = true};
        try {
            co_await database_.write(act, urgent);
        } catch (const std::exception& failure) {
            all_done = false;
            log::error("order_step_failed", {{"order_no", number}, {"reason", failure.what()}});
        }
    }
    // What failed is tried again at the next look, not at once.
    co_return all_done&& numbers.size() == static_cast<std::size_t>(kBatchMax);
}

}  // namespace doorbuster::orders
