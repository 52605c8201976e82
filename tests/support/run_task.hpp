#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/task.hpp"

namespace doorbuster::test {

// The event loops of `run`, used again and again and never destroyed: a database thread may still
// be leaving `post` when the coroutine it woke has ended, and the thread that ran it too.
class LoopPool {
public:
    boost::asio::io_context& take() {
        const std::lock_guard lock{mutex_};
        if (free_.empty()) return loops_.emplace_back(1);
        boost::asio::io_context& loop = *free_.back();
        free_.pop_back();
        loop.restart();
        return loop;
    }
    void give(boost::asio::io_context& loop) {
        const std::lock_guard lock{mutex_};
        free_.push_back(&loop);
    }

    static LoopPool& instance() {
        static auto* const pool = new LoopPool;
        return *pool;
    }

private:
    std::mutex mutex_;
    std::deque<boost::asio::io_context> loops_;
    std::vector<boost::asio::io_context*> free_;
};

class ThreadLoop {
public:
    ThreadLoop() : loop_{LoopPool::instance().take()} {}
    ~ThreadLoop() { LoopPool::instance().give(loop_); }
    ThreadLoop(const ThreadLoop&) = delete;
    ThreadLoop& operator=(const ThreadLoop&) = delete;
    boost::asio::io_context& get() const { return loop_; }

private:
    boost::asio::io_context& loop_;
};

// Runs a coroutine to its end on an event loop of its own and returns its value.
template <class T>
T run(Task<T> task) {
    const ThreadLoop own;
    boost::asio::io_context& loop = own.get();
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) {
            failure = error;
        });
        loop.run();
        if (failure) std::rethrow_exception(failure);
    } else {
        std::optional<T> value;
        const auto body = [&]() -> Task<void> { value.emplace(co_await std::move(task)); };
        boost::asio::co_spawn(loop, body(), [&](std::exception_ptr error) { failure = error; });
        loop.run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
}

}  // namespace doorbuster::test
