#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <type_traits>

#include "core/task.hpp"

namespace doorbuster::test {

// Runs a coroutine to its end on an event loop of its own and returns its value.
template <class T>
T run(Task<T> task) {
    boost::asio::io_context loop{1};
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) {
            failure = error;
        });
        loop.run();
        if (failure) std::rethrow_exception(failure);
    } else {
        std::optional<T> value;
        const auto body = [&]() -> Task<void> { value.emplace(co_await std::move(task)); };
        boost::asio::co_spawn(loop, body(), [&](std::exception_ptr error) { failure = error; });
        loop.run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
}

}  // namespace doorbuster::test
