#include "refunds/refund_worker.hpp"

#include "events/bounded.hpp"
#include "ports/log.hpp"

namespace doorbuster::refunds {

Task<void> RefundWorker::step(RefundId id) {
    try {
        co_await service_.step(id);
    } catch (const std::exception& error) {
        // The lease ends and it is tried again.
        log::warn("refund_step_failed", {{"refund", id}, {"reason", error.what()}});
    }
}

Task<std::size_t> RefundWorker::serve(const RefundProvider& provider) {
    const std::string name{provider.name()};
    const auto take = [&](sql::Transaction& tx) {
        const Time now = clock_.now();
        return store::take_due(tx, name, now, options_.batch_max, now + options_.lease);
    };
    constexpr sql::JobOptions urgent{.urgent = true};
    const auto due = co_await database_.write(take, urgent);
    const auto step_one = [&](std::size_t index) { return step(due[index]); };
    co_await events::for_each_bounded(due.size(), options_.at_once_max, step_one);
    co_return due.size();
}

Task<void> RefundWorker::look_up_one(LookupId id) {
    try {
        co_await service_.look_up(id);
    } catch (const std::exception& error) {
        // The lease ends and it is tried again.
        log::warn("refund_lookup_failed", {{"lookup", id}, {"reason", error.what()}});
    }
}

Task<std::size_t> RefundWorker::look_up(const RefundProvider& provider) {
    const std::string name{provider.name()};
    const auto take = [&](sql::Transaction& tx) {
        const Time now = clock_.now();
        const Time lease_end = now + options_.lease;
        return store::take_due_lookups(tx, name, now, options_.batch_max, lease_end);
    };
    constexpr sql::JobOptions urgent{.urgent = true};
    const auto due = co_await database_.write(take, urgent);
    const auto look_up_one_of = [&](std::size_t index) { return look_up_one(due[index]); };
    co_await events::for_each_bounded(due.size(), options_.at_once_max, look_up_one_of);
    co_return due.size();
}

Task<bool> RefundWorker::run_once() {
    const auto batch = static_cast<std::int64_t>(options_.batch_max);
    const std::size_t begun = co_await service_.give_back_due(batch);
    const std::size_t told = co_await service_.tell_slow(batch);
    bool more = begun == options_.batch_max || told == options_.batch_max;
    for (const RefundProvider* provider : service_.providers()) {
        const std::size_t served = co_await serve(*provider);
        const std::size_t looked_up = co_await look_up(*provider);
        more |= served == options_.batch_max || looked_up == options_.batch_max;
    }
    co_return more;
}

}  // namespace doorbuster::refunds
