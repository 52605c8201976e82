#pragma once

#include "orders/order_service.hpp"
#include "ports/database.hpp"

namespace doorbuster::orders {

// Work that falls due. What is due is a column of the order, so a restart loses nothing; the caller
// decides how often to look. Each order is a transaction of its own: one that fails is logged and
// stays due, and the others go on.
class OrderJobs {
public:
    static constexpr std::int64_t kBatchMax = 200;

    // All must outlive this.
    OrderJobs(sql::Database& database, const OrderService& orders, const Clock& clock)
        : database_{database}, orders_{orders}, clock_{clock} {}

    // Gives up unpaid orders whose time is over. At most kBatchMax; true when more may be waiting.
    Task<bool> expire_unpaid();
    // Completes orders that were shipped long enough ago. The same bounds.
    Task<bool> complete_shipped();

private:
    using Step = void (OrderService::*)(sql::Transaction&, OrderNo) const;
    Task<bool> run(std::vector<OrderNo> numbers, Step step);

    sql::Database& database_;
    const OrderService& orders_;
    const Clock& clock_;
};

}  // namespace doorbuster::orders
