#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "core/task.hpp"

namespace doorbuster::http {

// The threads that run the program's coroutines, one event loop each. A coroutine stays on the loop
// where it was begun. Make it before, and destroy it after, everything whose coroutines or
// completions run on it (databases, clients, servers).
class EventLoops {
public:
    // Zero: one per processor.
    explicit EventLoops(std::size_t threads = 0);
    ~EventLoops();
    EventLoops(const EventLoops&) = delete;
    EventLoops& operator=(const EventLoops&) = delete;

    void start();
    // Ends the loops where they are and waits for their threads; what is suspended then never goes
    // on. Stop what runs on the loops first. Not from a loop's own thread.
    void stop();

    // Between start and stop.
    bool running() const { return running_; }
    std::size_t size() const { return loops_.size(); }
    Executor executor(std::size_t index) { return loops_[index]->get_executor(); }
    // The loops in turn.
    Executor any_executor();
    // Runs a coroutine on one of the loops to its end. An exception that leaves it is logged.
    // Everything it refers to must outlive it: take values, or stop the loops first.
    void spawn(Task<void> task);

private:
    using Loop = boost::asio::io_context;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<boost::asio::executor_work_guard<Executor>> work_;
    std::vector<std::thread> threads_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> running_ = false;
};

// A handler for co_spawn that logs the exception of a coroutine nobody waits for.
void log_failure(std::exception_ptr failure) noexcept;

}  // namespace doorbuster::http
