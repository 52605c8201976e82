#include "events/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

namespace doorbuster::events {
namespace {

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;

}  // namespace

struct Wakeup::State {
    std::mutex mutex;
    bool woken = false;
    std::shared_ptr<Timer> sleeping;  // set while the loop waits
};

Wakeup::Wakeup() : state_{std::make_shared<State>()} {}

Task<void> Wakeup::wait(std::chrono::milliseconds at_most) {
    const auto state = state_;
    const Executor executor = co_await boost::asio::this_coro::executor;
    const auto timer = std::make_shared<Timer>(executor, at_most);
    {
        const std::lock_guard lock{state->mutex};
        if (state->woken) {
            state->woken = false;
            co_return;
        }
        state->sleeping = timer;
    }
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>{});
    co_await timer->async_wait(token);
    const std::lock_guard lock{state->mutex};
    state->sleeping.reset();
    state->woken = false;
}

void Wakeup::wake() noexcept {
    std::shared_ptr<Timer> timer;
    {
        const std::lock_guard lock{state_->mutex};
        if (state_->woken) return;
        state_->woken = true;
        timer = state_->sleeping;
    }
    // The timer belongs to its loop's thread. A cancel that comes before the wait has begun is
    // impossible: the post runs after the coroutine has suspended.
    if (timer) boost::asio::post(timer->get_executor(), [timer] { timer->cancel(); });
}

}  // namespace doorbuster::events
