#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/task.hpp"

namespace doorbuster::runtime {

// Looks after due-time work: runs each job every so often, one run of a job at a time. What is due
// is a column in the database (an order's expiry, a payment's next query), so nothing is lost when
// the process stops; the scheduler only decides when to look.
class Scheduler {
public:
    // A job does a bounded step and returns whether more is waiting; then it runs again at once.
    using Job = std::function<Task<bool>()>;

    explicit Scheduler(Executor executor);
    ~Scheduler();

    // Runs a job at once instead of after its interval; again, when it is running. From any thread,
    // also before start and after stop; many calls are one.
    using Wake = std::function<void()>;

    // Before start. A job that throws is logged and runs again after its interval.
    Wake every(std::string name, std::chrono::milliseconds interval, Job job);

    void start();
    // Lets the runs in progress end; none begins afterwards. Call `wait` before what the jobs use
    // is destroyed; it must not be called on the executor's own thread.
    void stop();
    void wait();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace doorbuster::runtime
