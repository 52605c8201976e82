#pragma once

#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/task.hpp"

namespace doorbuster {

// A thread for work that must not hold an event loop up, such as files. Thread-safe. It
// must be idle or destroyed before the event loops whose coroutines use it.
class WorkThread {
public:
    // Pieces of work at a time, the running one included.
    static constexpr int kQueueMax = 64;

    ~WorkThread() { pool_.join(); }

    // Runs `work` on the thread and resumes with what it returns or throws; nothing when too much
    // is waiting already.
    template <class Work>
    auto run(Work work) -> Task<std::optional<std::invoke_result_t<Work&>>>;

private:
    boost::asio::thread_pool pool_{1};
    std::atomic<int> waiting_ = 0;
};

template <class Work>
auto WorkThread::run(Work work) -> Task<std::optional<std::invoke_result_t<Work&>>> {
    std::optional<std::invoke_result_t<Work&>> value;
    if (waiting_.fetch_add(1) >= kQueueMax) {
        waiting_.fetch_sub(1);
        co_return value;
    }
    const Executor executor = co_await boost::asio::this_coro::executor;
    std::exception_ptr error;
    const auto start = [&](auto handler) {
        auto job = [&, executor, done = std::move(handler)]() mutable {
            try {
                value.emplace(work());
            } catch (...) {
                error = std::current_exception();
            }
            waiting_.fetch_sub(1);
            // The coroutine may end in its loop before this returns.
            boost::asio::post(executor, std::move(done));
        };
        boost::asio::post(pool_, std::move(job));
    };
    constexpr boost::asio::use_awaitable_t<Executor> token;
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
        start, token
    );
    if (error) std::rethrow_exception(error);
    co_return value;
}

}  // namespace doorbuster
