#include "flash_sale/engine/sleeper.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <vector>

namespace doorbuster::flash_sale {

void wake(std::span<Sleeper*> sleepers) {
    const auto by_loop = [](const Sleeper* a, const Sleeper* b) {
        return &a->executor.context() < &b->executor.context();
    };
    std::stable_sort(sleepers.begin(), sleepers.end(), by_loop);
    for (auto first = sleepers.begin(); first != sleepers.end();) {
        auto* const loop = &(*first)->executor.context();
        const auto last = std::find_if(first, sleepers.end(), [&](const Sleeper* sleeper) {
            return &sleeper->executor.context() != loop;
        });
        std::vector<Sleeper::Handler> handlers;
        handlers.reserve(static_cast<std::size_t>(last - first));
        const Executor executor = (*first)->executor;
        for (auto sleeper = first; sleeper != last; ++sleeper) {
            handlers.push_back(std::move(*(*sleeper)->handler));
        }
        first = last;
        boost::asio::post(executor, [handlers = std::move(handlers)]() mutable {
            for (auto& handler : handlers) std::move(handler)();
        });
    }
}

}  // namespace doorbuster::flash_sale
