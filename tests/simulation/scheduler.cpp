#include "simulation/scheduler.hpp"

#include <boost/asio/co_spawn.hpp>
#include <memory>

namespace doorbuster::simulation {

// Coroutines that still wait are destroyed with the events that would wake them, and what that
// wakes with the loop.
Scheduler::~Scheduler() { events_.clear(); }

void Scheduler::after(Microseconds delay, Action action) {
    events_.emplace(clock_.passed() + std::max(delay, Microseconds{0}), std::move(action));
}

bool Scheduler::step() {
    const auto next = events_.begin();
    if (next == events_.end()) return false;
    ++steps_;
    clock_.move_to(next->first);
    const Action action = std::move(next->second);
    events_.erase(next);
    action();
    settle();
    return true;
}

void Scheduler::settle() {
    do {
        loop_.restart();
    } while (loop_.poll() > 0);
}

void Scheduler::start(Task<void> task) {
    const auto ended = [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    boost::asio::co_spawn(loop_, std::move(task), ended);
}

Task<void> Scheduler::sleep(Microseconds delay) {
    // The event owns the signal and with it, while it waits, this coroutine.
    auto signal = std::make_shared<Signal>(loop_);
    Signal& woken = *signal;
    after(delay, [owned = std::move(signal)] { owned->fire(); });
    co_await woken.wait();
}

void Scheduler::note(const std::string& what) {
    trace_.note(std::to_string(clock_.passed().count()) + ' ' + what);
}

}  // namespace doorbuster::simulation
