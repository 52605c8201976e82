#include "http/rate_limit.hpp"

#include <algorithm>
#include <functional>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "http/client_address.hpp"
#include "http/envelope.hpp"

namespace doorbuster::http {
namespace {

// Spreads keys that follow each other (user ids) over the whole range.
std::uint64_t mixed(std::uint64_t key) {
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    return key ^ (key >> 29);
}

std::chrono::seconds whole_seconds(std::int64_t nanoseconds) {
    return std::chrono::ceil<std::chrono::seconds>(std::chrono::nanoseconds{
        std::max<std::int64_t>(nanoseconds, 0)});
}

std::int64_t nanoseconds_of(Milliseconds time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

std::string text_of(std::chrono::seconds time) { return std::to_string(time.count()); }

std::string policy_of(const std::string& name, const Quota& quota) {
    const auto window = std::chrono::ceil<std::chrono::seconds>(quota.window);
    return '"' + name + "\";q=" + std::to_string(quota.count) + ";w=" + text_of(window);
}

}  // namespace

RateLimiter::RateLimiter(const Clock& clock, std::string name, Quota quota, std::size_t keys_max)
    : clock_{clock},
      name_{std::move(name)},
      policy_{policy_of(name_, quota)},
      quota_{quota},
      window_{nanoseconds_of(quota.window)},
      interval_{quota.count > 0 ? std::max<Instant>(window_ / quota.count, 1) : 0},
      generation_max_{std::max<std::size_t>(keys_max / kShards / 2, 1)} {
    DOORBUSTER_ASSERT(quota.count >= 0 && window_ > 0);
}

RateLimiter::Instant& RateLimiter::Shard::of(std::uint64_t key, std::size_t generation_max) {
    if (const auto found = young.find(key); found != young.end()) return found->second;
    const auto known = old.find(key);
    const Instant full_at = known == old.end() ? 0 : known->second;
    if (known != old.end()) old.erase(known);
    if (young.size() >= generation_max) {
        old.swap(young);
        young.clear();
    }
    return young.emplace(key, full_at).first->second;
}

RateLimiter::Decision RateLimiter::take(std::uint64_t key) {
    if (!limits()) return {};
    const Instant now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.steady().time_since_epoch())
            .count();
    const std::uint64_t hash = mixed(key);
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock{shard.mutex};
    Instant& full_at = shard.of(hash, generation_max_);
    const Instant then = std::max(full_at, now) + interval_;
    const Instant too_early = then - now - interval_ * quota_.count;
    if (too_early > 0) {
        return {false, 0, whole_seconds(too_early), whole_seconds(full_at - now)};
    }
    full_at = then;
    return {true, -too_early / interval_, {}, whole_seconds(then - now)};
}

Response& RateLimiter::tell(Response& response, const Decision& decision) const {
    if (!limits()) return response;
    std::string left = '"' + name_ + "\";r=" + std::to_string(decision.remaining) +
                       ";t=" + text_of(decision.full_after);
    return response.with("RateLimit-Policy", policy_).with("RateLimit", std::move(left));
}

Response RateLimiter::refuse(const Request& request, const Decision& decision) const {
    Response response = failure(request, kRateLimited);
    tell(response, decision).with("Retry-After", text_of(decision.retry_after));
    return response;
}

std::size_t RateLimiter::keys() const {
    std::size_t count = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        count += shard.young.size() + shard.old.size();
    }
    return count;
}

std::uint64_t address_key(std::string_view address) {
    const auto bytes = parse_ip(address);
    if (!bytes) return std::hash<std::string_view>{}(address);
    // An IPv4 address stands in the last four bytes, after 80 zero bits and 16 ones.
    const bool v4 = std::all_of(bytes->begin(), bytes->begin() + 10, [](auto b) { return b == 0; });
    const auto* const from = v4 ? bytes->data() + 8 : bytes->data();
    std::uint64_t key = v4 ? 0 : 1;
    for (int i = 0; i < 8; ++i) key = key * 0x100000001b3u + from[i];
    return key;
}

}  // namespace doorbuster::http
