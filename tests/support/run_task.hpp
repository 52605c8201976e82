#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <exception>
#include <optional>
#include <type_traits>

#include "core/task.hpp"

namespace doorbuster::test {

// The calling thread's event loops, one for each depth of `run` inside `run`. They outlive the
// coroutines: a database thread may still be leaving `post` when the coroutine it woke has ended.
class ThreadLoops {
public:
    boost::asio::io_context& enter() {
        if (depth_ == loops_.size()) loops_.emplace_back(1);
        loops_[depth_].restart();
        return loops_[depth_++];
    }
    void leave() { --depth_; }

    static ThreadLoops& mine() {
        thread_local ThreadLoops loops;
        return loops;
    }

private:
    std::deque<boost::asio::io_context> loops_;
    std::size_t depth_ = 0;
};

class ThreadLoop {
public:
    ThreadLoop() : loop_{ThreadLoops::mine().enter()} {}
    ~ThreadLoop() { ThreadLoops::mine().leave(); }
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
