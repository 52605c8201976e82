#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <span>

#include "core/task.hpp"

namespace doorbuster {

// A coroutine that waits to be woken; it is part of that coroutine.
struct Sleeper {
    using Handler = typename boost::asio::
        async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;

    explicit Sleeper(Executor loop) : executor{loop} {}

    const Executor executor;
    std::optional<Handler> handler;
};

// Suspends the caller and then calls `lie_down()`, which tells those who will wake it.
template <class LieDown>
Task<void> sleep_until_woken(Sleeper& sleeper, LieDown lie_down) {
    constexpr boost::asio::use_awaitable_t<Executor> token;
    const auto start = [&](auto handler) {
        sleeper.handler.emplace(std::move(handler));
        lie_down();
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
        start, token
    );
}

// Each goes on where it fell asleep, on its own event loop; one wake-up per loop, not one per
// sleeper. Once this has been called they may be gone: their coroutines own them.
void wake(std::span<Sleeper*> sleepers);

}  // namespace doorbuster
