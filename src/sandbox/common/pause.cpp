#include "sandbox/common/pause.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace doorbuster::sandbox {

Task<void> pause(Milliseconds time) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<
        std::chrono::steady_clock,
        boost::asio::wait_traits<std::chrono::steady_clock>,
        Executor>
        timer{executor, time};
    constexpr boost::asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(token);
}

}  // namespace doorbuster::sandbox
