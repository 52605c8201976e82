#include "runtime/scheduler.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "ports/log.hpp"

namespace doorbuster::runtime {

namespace {

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

struct Entry {
    std::string name;
    std::chrono::milliseconds interval;
    Scheduler::Job job;
    std::unique_ptr<Timer> timer;
    std::atomic<bool> woken = false;
};

}  // namespace

struct Scheduler::State {
    explicit State(Executor e) : executor{e} {}

    void ended() {
        const std::lock_guard lock{mutex};
        --running;
        all_ended.notify_all();
    }

    Executor executor;
    std::deque<Entry> entries;  // none moves when another comes
    std::atomic<bool> stopping = false;
    std::mutex mutex;
    std::condition_variable all_ended;
    std::size_t running = 0;
};

namespace {

// One run; true when the job wants to run again at once.
Task<bool> run_once(const Entry& entry) {
    std::string failure;
    try {
        co_return co_await entry.job();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    log::error("job_failed", {{"job", entry.name}, {"reason", failure}});
    co_return false;
}

}  // namespace

Scheduler::Scheduler(Executor executor) : state_{std::make_shared<State>(executor)} {}
Scheduler::~Scheduler() = default;

Scheduler::Wake Scheduler::every(std::string name, std::chrono::milliseconds interval, Job job) {
    auto timer = std::make_unique<Timer>(state_->executor);
    Entry& entry =
        state_->entries.emplace_back(std::move(name), interval, std::move(job), std::move(timer));
    return [state = state_, &entry] {
        if (entry.woken.exchange(true)) return;
        // The timer belongs to the executor's thread. A cancel never comes between the loop's look
        // at `woken` and its wait, because both are one step there.
        boost::asio::post(state->executor, [state, &entry] { entry.timer->cancel(); });
    };
}

void Scheduler::start() {
    state_->running = state_->entries.size();
    for (Entry& entry : state_->entries) {
        const auto loop = [](std::shared_ptr<State> state, Entry& mine) -> Task<void> {
            while (!state->stopping) {
                mine.woken = false;
                const bool again = co_await run_once(mine);
                if (again || state->stopping || mine.woken) continue;
                mine.timer->expires_after(mine.interval);
                // The only error is the cancellation by stop().
                constexpr auto token =
                    boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>{});
                co_await mine.timer->async_wait(token);
            }
            state->ended();
        };
        boost::asio::co_spawn(state_->executor, loop(state_, entry), boost::asio::detached);
    }
}

void Scheduler::stop() {
    if (state_->stopping.exchange(true)) return;
    boost::asio::post(state_->executor, [state = state_] {
        for (Entry& entry : state->entries) entry.timer->cancel();
    });
}

void Scheduler::wait() {
    std::unique_lock lock{state_->mutex};
    state_->all_ended.wait(lock, [&] { return state_->running == 0; });
}

}  // namespace doorbuster::runtime
