#pragma once

#include "refunds/refund_service.hpp"

namespace doorbuster::refunds {

struct WorkerOptions {
    std::size_t batch_max = 32;   // refunds of one provider taken together
    std::size_t at_once_max = 4;  // calls under way at a time
    Milliseconds lease{120'000};  // longer than the calls of one step can take
};

// Asks providers about refunds whose time has come, looks up those that they told of and that
// nobody here asked for, and begins those that nobody has to ask for. When is a column of the
// refund, so a restart forgets nothing, and several workers may share one database.
class RefundWorker {
public:
    RefundWorker(
        sql::Database& database,
        const Clock& clock,
        RefundService& service,
        WorkerOptions options = {}
    )
        : database_{database}, clock_{clock}, service_{service}, options_{options} {}

    // One bounded batch per provider. True when more may be due already. One run at a time.
    // To be called every second or so, and when RefundService::on_due says so.
    Task<bool> run_once();

private:
    Task<std::size_t> serve(const RefundProvider& provider);
    Task<std::size_t> look_up(const RefundProvider& provider);
    Task<void> step(RefundId id);
    Task<void> look_up_one(LookupId id);

    sql::Database& database_;
    const Clock& clock_;
    RefundService& service_;
    const WorkerOptions options_;
};

}  // namespace doorbuster::refunds
