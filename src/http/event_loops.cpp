#include "http/event_loops.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "ports/log.hpp"

namespace doorbuster::http {

EventLoops::EventLoops(std::size_t threads) {
    if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < threads; ++i) {
        loops_.push_back(std::make_unique<Loop>(1));  // 1: no other thread runs this loop
        work_.emplace_back(loops_.back()->get_executor());
    }
}

EventLoops::~EventLoops() { stop(); }

void EventLoops::start() {
    running_ = true;
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
}

void EventLoops::stop() {
    running_ = false;
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

Executor EventLoops::any_executor() { return executor(next_++ % loops_.size()); }

void EventLoops::spawn(Task<void> task) {
    boost::asio::co_spawn(any_executor(), std::move(task), log_failure);
}

void log_failure(std::exception_ptr failure) noexcept {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        log::error("coroutine.failed", {{"reason", error.what()}});
    } catch (...) {
        log::error("coroutine.failed", {{"reason", "not a std::exception"}});
    }
}

}  // namespace doorbuster::http
