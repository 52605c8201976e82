#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "accounts/token.hpp"
#include "core/clock.hpp"
#include "core/principal.hpp"

namespace doorbuster::accounts {

// A session as every signed-in request needs it.
struct LiveSession {
    Principal principal;
    TokenHash csrf_hash{};
    Time created_at;
    Time last_seen_at;
    Time expires_at;
};

// Remembers the sessions that were looked up lately, so that a request need not ask the database.
// Bounded, least recently used out first; sharded, so that requests seldom meet. Thread-safe.
//
// Forgetting is by user and race-free: whoever loads a session asks for `generation()` before it
// reads the database; an entry counts only while nothing of its user was forgotten since then. So
// a slow reader cannot put back what a log-out has just ended.
class SessionCache {
public:
    using Instant = std::chrono::steady_clock::time_point;

    SessionCache(std::size_t entries_max, Milliseconds time_to_live);

    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

    std::optional<LiveSession> find(const TokenHash& token, Instant now);
    void put(
        const TokenHash& token, const LiveSession& session, std::uint64_t generation, Instant now
    );
    // Notes that the session was seen, unless someone did since `before`: of many requests at once
    // one gets true and writes it down.
    bool claim_touch(const TokenHash& token, Time before, Time seen, Time expires_at);

    void forget(UserId user);
    std::size_t size() const;

private:
    struct Entry {
        TokenHash token;
        LiveSession session;
        std::uint64_t generation;
        Instant loaded;
    };
    using Entries = std::list<Entry>;
    // By token, which stands in the entry alone: a sale's crowd is a hundred thousand of them. The
    // token is already a hash: any eight bytes of it will do.
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const TokenHash& token) const noexcept;
        std::size_t operator()(Entries::const_iterator entry) const noexcept;
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(Entries::const_iterator a, Entries::const_iterator b) const noexcept;
        bool operator()(Entries::const_iterator entry, const TokenHash& token) const noexcept;
        bool operator()(const TokenHash& token, Entries::const_iterator entry) const noexcept;
    };
    struct Shard {
        mutable std::mutex mutex;
        Entries entries;  // newest use first
        std::unordered_set<Entries::iterator, Hash, Equal> index;
    };
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kUserSlots = 4096;

    Shard& shard_of(const TokenHash& token);
    bool is_current(const Entry& entry, Instant now) const;
    // When something of a user in this slot was last forgotten; users that share a slot only cost
    // each other a look at the database.
    std::atomic<std::uint64_t>& forgotten(UserId user);
    const std::atomic<std::uint64_t>& forgotten(UserId user) const;

    const std::size_t shard_entries_max_;
    const Milliseconds time_to_live_;
    std::atomic<std::uint64_t> generation_ = 0;
    std::array<std::atomic<std::uint64_t>, kUserSlots> forgotten_{};
    std::array<Shard, kShards> shards_;
};

}  // namespace doorbuster::accounts
