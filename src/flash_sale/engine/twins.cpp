#include "flash_sale/engine/twins.hpp"

#include <boost/asio/this_coro.hpp>

namespace doorbuster::flash_sale {

struct Twins::Follower : Sleeper {
    using Sleeper::Sleeper;
    std::optional<Outcome> outcome;  // still nothing when woken: the way is free
};

std::size_t Twins::Hash::operator()(const Name& name) const {
    const auto of_key = std::hash<std::string>{}(name.key.key);
    const auto of_user = static_cast<std::uint64_t>(name.user.value()) * 0x9e3779b97f4a7c15u;
    return of_key ^ of_user ^ static_cast<std::uint64_t>(name.item.value());
}

Task<std::optional<Twins::Outcome>> Twins::follow(const Name& name) {
    Shard& shard = shard_of(name);
    {
        const std::lock_guard lock{shard.mutex};
        const bool first = shard.inside.try_emplace(name).second;
        if (first) co_return std::nullopt;
    }
    const Executor executor = co_await boost::asio::this_coro::executor;
    Follower follower{executor};
    const auto join = [&] {
        const std::lock_guard lock{shard.mutex};
        const auto [twin, first] = shard.inside.try_emplace(name);
        if (!first) {
            twin->second.push_back(&follower);
            return;
        }
        // It has ended meanwhile.
        Sleeper* self = &follower;
        wake({&self, 1});
    };
    co_await sleep_until_woken(follower, join);
    if (!follower.outcome) co_return std::nullopt;
    if (follower.outcome->has_value()) (*follower.outcome)->replayed = true;
    co_return std::move(follower.outcome);
}

void Twins::end(const Name& name, const std::optional<Outcome>& outcome) {
    std::vector<Follower*> followers;
    {
        Shard& shard = shard_of(name);
        const std::lock_guard lock{shard.mutex};
        const auto own = shard.inside.find(name);
        followers.swap(own->second);
        shard.inside.erase(own);
    }
    if (followers.empty()) return;
    for (Follower* follower : followers) follower->outcome = outcome.value_or(kUnavailable);
    std::vector<Sleeper*> sleepers{followers.begin(), followers.end()};
    wake(sleepers);
}

}  // namespace doorbuster::flash_sale
