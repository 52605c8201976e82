#include "core/sleeper.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace doorbuster {
namespace {

// Those who sleep on one event loop, in the order in which they were told.
struct Loop {
    Executor executor;
    std::vector<Sleeper::Handler> handlers;
};

// There are as many as processors, so looking through them is the fastest way.
Loop& loop_of(std::vector<Loop>& loops, const Executor& executor) {
    for (Loop& loop : loops) {
        if (&loop.executor.context() == &executor.context()) return loop;
    }
    return loops.emplace_back(Loop{executor, {}});
}

}  // namespace

void wake(std::span<Sleeper*> sleepers) {
    std::vector<Loop> loops;
    for (Sleeper* const sleeper : sleepers) {
        Loop& loop = loop_of(loops, sleeper->executor);
        if (loop.handlers.empty()) loop.handlers.reserve(sleepers.size());
        loop.handlers.push_back(std::move(*sleeper->handler));
    }
    for (Loop& loop : loops) {
        boost::asio::post(loop.executor, [handlers = std::move(loop.handlers)]() mutable {
            for (auto& handler : handlers) std::move(handler)();
        });
    }
}

}  // namespace doorbuster
