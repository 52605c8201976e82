#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

// How often something may be asked for. Answers tell their limit in the fields of
// draft-ietf-httpapi-ratelimit-headers-10 (September 2025):
//     RateLimit-Policy: "user";q=10;w=60       ten requests in sixty seconds
//     RateLimit: "user";r=3;t=42               three are left, all ten again in 42 seconds
// and 429 also in Retry-After (RFC 9110, seconds).
namespace doorbuster::http {

// `count` at once, and then as many again over each `window`, evenly. No count: no limit.
struct Quota {
    std::int64_t count = 0;
    Milliseconds window{60'000};
};

// Token buckets, one for each key, by the generic cell rate algorithm: the whole state of a bucket
// is the moment at which it is full again. Thread-safe.
//
// Bounded: of more keys than `keys_max` those are forgotten that were not used for longest, which
// is as if their buckets had filled up.
class RateLimiter {
public:
    static constexpr std::size_t kKeysMax = 100'000;

    // `name` is told to clients: letters, digits, '-' and '_' only.
    RateLimiter(const Clock& clock, std::string name, Quota quota, std::size_t keys_max = kKeysMax);

    struct Decision {
        bool allowed = true;
        std::int64_t remaining = 0;          // that could follow at once
        std::chrono::seconds retry_after{};  // at least one when refused
        std::chrono::seconds full_after{};   // until all `count` could be asked for again
    };
    // Takes one request of the key's, if there is one left; a refusal takes nothing.
    Decision take(std::uint64_t key);

    // Tells the limit and what a decision has left of it; nothing where there is no limit.
    Response& tell(Response& response, const Decision& decision) const;
    // 429 rate_limited.
    Response refuse(const Request& request, const Decision& decision) const;

    bool limits() const { return quota_.count > 0; }
    std::size_t keys() const;

private:
    using Instant = std::int64_t;  // nanoseconds by the steady clock
    static constexpr std::size_t kShards = 16;
    // Two generations: when the young one is full it becomes the old one, which is forgotten. A key
    // that is used moves to the young one.
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::uint64_t, Instant> young;
        std::unordered_map<std::uint64_t, Instant> old;
        // The moment at which the key's bucket is full.
        Instant& of(std::uint64_t key, std::size_t generation_max);
    };

    const Clock& clock_;
    const std::string name_;
    const std::string policy_;  // the value of RateLimit-Policy
    const Quota quota_;
    const Instant window_;
    const Instant interval_;  // between two requests at the even rate
    const std::size_t generation_max_;
    std::array<Shard, kShards> shards_;
};

// One key for all that one client may hold: an IPv4 address, the first 64 bits of an IPv6 address;
// for what is no address, the text.
std::uint64_t address_key(std::string_view address);

}  // namespace doorbuster::http
