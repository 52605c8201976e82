#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "core/task.hpp"

namespace doorbuster::simulation {

// Something that one coroutine waits for. Fired before or after it waits; a second time is nothing.
class Signal {
public:
    explicit Signal(boost::asio::io_context& loop) : executor_{loop.get_executor()} {}

    Task<void> wait() {
        if (fired_) co_return;
        constexpr boost::asio::use_awaitable_t<Executor> token;
        const auto start = [this](auto handler) { handler_.emplace(std::move(handler)); };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
            start, token
        );
    }
    void fire() {
        if (fired_) return;
        fired_ = true;
        if (!handler_) return;
        auto handler = std::move(*handler_);
        handler_.reset();
        boost::asio::post(executor_, std::move(handler));
    }

private:
    using Handler = typename boost::asio::
        async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;

    Executor executor_;
    std::optional<Handler> handler_;
    bool fired_ = false;
};

}  // namespace doorbuster::simulation
