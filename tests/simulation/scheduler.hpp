#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>

#include "simulation/dice.hpp"
#include "simulation/signal.hpp"
#include "simulation/sim_clock.hpp"
#include "simulation/trace.hpp"

namespace doorbuster::simulation {

// Runs a world on the calling thread: events fall due in simulated time, and after each the event
// loop is polled until every coroutine waits for a later event. Nothing ever waits for real time.
class Scheduler {
public:
    explicit Scheduler(Trace& trace) : trace_{trace} {}
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    using Action = std::function<void()>;
    // Events that fall due at the same moment happen in the order in which they were made.
    void after(Microseconds delay, Action action);

    // Lets the next event happen. False: there is none.
    bool step();
    // Polls until no coroutine can go on by itself.
    void settle();

    // Runs a coroutine of the world; it must not end in an exception.
    void start(Task<void> task);
    // Resumes after a simulated while.
    Task<void> sleep(Microseconds delay);

    // A line of the trace, with the time before it.
    void note(const std::string& what);

    boost::asio::io_context& loop() { return loop_; }
    SimClock& clock() { return clock_; }
    std::int64_t steps() const { return steps_; }

private:
    Trace& trace_;
    SimClock clock_;
    boost::asio::io_context loop_{1};
    std::multimap<Microseconds, Action> events_;
    std::int64_t steps_ = 0;
};

}  // namespace doorbuster::simulation
