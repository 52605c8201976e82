#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/sleeper.hpp"
#include "flash_sale/engine/order_writer.hpp"

namespace doorbuster::flash_sale {

// The same request twice at one time, on whatever threads: a client that did not wait for the
// answer, or a network that doubled a message. The first does the work and the others get its
// answer, so none of them can meet the traces of a request that has not ended. Holds only requests
// that are inside. Thread-safe.
class Twins {
public:
    struct Name {
        PromotionItemId item;
        UserId user;
        claims::RequestKey key;
        friend bool operator==(const Name&, const Name&) = default;
    };

    // Nothing: no twin is inside, and whoever asked must hold a Lead from now on. Else the twin's
    // answer, as soon as there is one.
    using Outcome = Result<PlacedOrder>;
    Task<std::optional<Outcome>> follow(const Name& name);

    // Of the one that goes ahead. Its end gives the others `outcome`; without one, kUnavailable.
    class Lead {
    public:
        Lead(Twins& twins, const Name& name) : twins_{twins}, name_{name} {}
        ~Lead() { twins_.end(name_, outcome); }
        Lead(const Lead&) = delete;
        Lead& operator=(const Lead&) = delete;

        std::optional<Outcome> outcome;

    private:
        Twins& twins_;
        const Name& name_;
    };

private:
    struct Follower;
    struct Hash {
        std::size_t operator()(const Name& name) const;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<Name, std::vector<Follower*>, Hash> inside;
    };
    Shard& shard_of(const Name& name) { return shards_[Hash{}(name) % kShards]; }
    void end(const Name& name, const std::optional<Outcome>& outcome);

    static constexpr std::size_t kShards = 16;
    std::array<Shard, kShards> shards_;
};

}  // namespace doorbuster::flash_sale
