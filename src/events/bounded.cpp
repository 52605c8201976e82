#include "events/bounded.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>

#include "events/wakeup.hpp"

namespace doorbuster::events {
namespace {

// Shared by the workers of one call. A loop runs on one thread, so no lock is needed.
struct Queue {
    std::size_t next = 0;
    std::size_t count = 0;
    std::size_t workers = 0;
    std::function<Task<void>(std::size_t)> work;
    std::exception_ptr failure;
    Wakeup finished;
};

Task<void> drain(std::shared_ptr<Queue> queue) {
    while (queue->next < queue->count) {
        const std::size_t index = queue->next++;
        try {
            co_await queue->work(index);
        } catch (...) {
            if (!queue->failure) queue->failure = std::current_exception();
        }
    }
}

}  // namespace

Task<void> for_each_bounded(
    std::size_t count, std::size_t at_once, std::function<Task<void>(std::size_t)> work
) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    const auto queue = std::make_shared<Queue>();
    queue->count = count;
    queue->work = std::move(work);
    queue->workers = std::min(count, std::max<std::size_t>(at_once, 1));
    for (std::size_t i = queue->workers; i > 0; --i) {
        const auto ended = [queue](std::exception_ptr) {
            if (--queue->workers == 0) queue->finished.wake();
        };
        boost::asio::co_spawn(executor, drain(queue), ended);
    }
    while (queue->workers > 0) {
        co_await queue->finished.wait(std::chrono::minutes{1});
    }
    if (queue->failure) std::rethrow_exception(queue->failure);
}

}  // namespace doorbuster::events
