#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace doorbuster {

// The executor is named instead of type-erased: that is a measured part of the HTTP edge's speed.
using Executor = boost::asio::io_context::executor_type;

// A coroutine that runs on one of the server's event loops. One await per statement, with lambdas
// and arguments named first: GCC 12 can destroy the temporaries of a co_await expression twice.
template <class T>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace doorbuster
