#include "payments/payment_worker.hpp"

#include <algorithm>

#include "events/bounded.hpp"
#include "ports/log.hpp"

namespace doorbuster::payments {

PaymentWorker::PaymentWorker(
    sql::Database& database, const Clock& clock, PaymentService& service, WorkerOptions options
)
    : database_{database}, clock_{clock}, service_{service}, options_{options} {
    const auto batch = static_cast<double>(options_.batch_max);
    for (const PaymentProvider* provider : service_.providers()) {
        allowances_[std::string{provider->name()}] = {batch, clock_.steady()};
    }
}

std::size_t PaymentWorker::allowed(const std::string& provider) {
    Allowance& allowance = allowances_.at(provider);
    const auto now = clock_.steady();
    const std::chrono::duration<double> passed = now - allowance.at;
    allowance.at = now;
    const auto most = static_cast<double>(options_.batch_max);
    allowance.tokens = std::min(most, allowance.tokens + passed.count() * options_.per_second_max);
    return static_cast<std::size_t>(allowance.tokens);
}

Task<void> PaymentWorker::step(PaymentId id) {
    try {
        co_await service_.step(id);
    } catch (const std::exception& error) {
        // The lease ends and it is tried again.
        log::warn("payment_step_failed", {{"payment", id}, {"reason", error.what()}});
    }
}

Task<std::size_t> PaymentWorker::serve(const PaymentProvider& provider) {
    const std::string name{provider.name()};
    const std::size_t limit = allowed(name);
    if (limit == 0) co_return 0;
    const auto take = [&](sql::Transaction& tx) {
        const Time now = clock_.now();
        return store::take_due(tx, name, now, limit, now + options_.lease);
    };
    constexpr sql::JobOptions urgent{.urgent = true};
    const auto due = co_await database_.write(take, urgent);
    allowances_.at(name).tokens -= static_cast<double>(due.size());
    const auto step_one = [&](std::size_t index) { return step(due[index]); };
    co_await events::for_each_bounded(due.size(), options_.at_once_max, step_one);
    co_return due.size();
}

Task<bool> PaymentWorker::run_once() {
    bool more = false;
    for (const PaymentProvider* provider : service_.providers()) {
        const std::size_t served = co_await serve(*provider);
        more |= served == options_.batch_max;
    }
    co_return more;
}

}  // namespace doorbuster::payments
