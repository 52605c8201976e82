#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "core/ids.hpp"

namespace doorbuster::flash_sale {

// Knows which idempotency keys may have placed an order, or are about to, so that a retry is
// recognised even when the sale is sold out, and all other requests are refused without asking the
// database. May be wrong to say "maybe", never to say "no". Bounded: beyond kKeysMax it says
// "maybe" to everything. Thread-safe.
class SeenKeys {
public:
    static constexpr std::size_t kKeysMax = 2'000'000;

    void add(PromotionItemId item, std::string_view key);
    // While it lives the key may be placing an order.
    class Trial {
    public:
        Trial(SeenKeys& seen, PromotionItemId item, std::string_view key);
        ~Trial();
        Trial(const Trial&) = delete;
        Trial& operator=(const Trial&) = delete;

    private:
        SeenKeys& seen_;
        const std::uint64_t hash_;
    };
    bool maybe(PromotionItemId item, std::string_view key) const;

private:
    static constexpr std::size_t kShards = 16;
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_set<std::uint64_t> hashes;
        std::unordered_multiset<std::uint64_t> on_trial;  // at most the requests inside
        bool full = false;
    };
    std::array<Shard, kShards> shards_;
};

}  // namespace doorbuster::flash_sale
