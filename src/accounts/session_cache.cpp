#include "accounts/session_cache.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace doorbuster::accounts {

SessionCache::SessionCache(std::size_t entries_max, Milliseconds time_to_live)
    : shard_entries_max_{std::max<std::size_t>(1, entries_max / kShards)},
      time_to_live_{time_to_live} {}

std::size_t SessionCache::Hash::operator()(const TokenHash& token) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, token.data() + 8, sizeof value);
    return value;
}

std::size_t SessionCache::Hash::operator()(Entries::const_iterator entry) const noexcept {
    return operator()(entry->token);
}

bool SessionCache::Equal::operator()(Entries::const_iterator a, Entries::const_iterator b)
    const noexcept {
    return a->token == b->token;
}

bool SessionCache::Equal::operator()(Entries::const_iterator entry, const TokenHash& token)
    const noexcept {
    return entry->token == token;
}

bool SessionCache::Equal::operator()(const TokenHash& token, Entries::const_iterator entry)
    const noexcept {
    return entry->token == token;
}

SessionCache::Shard& SessionCache::shard_of(const TokenHash& token) {
    return shards_[std::to_integer<std::size_t>(token[0]) % kShards];
}

std::atomic<std::uint64_t>& SessionCache::forgotten(UserId user) {
    return forgotten_[static_cast<std::uint64_t>(user.value()) % kUserSlots];
}

const std::atomic<std::uint64_t>& SessionCache::forgotten(UserId user) const {
    return forgotten_[static_cast<std::uint64_t>(user.value()) % kUserSlots];
}

bool SessionCache::is_current(const Entry& entry, Instant now) const {
    const UserId user = entry.session.principal.user;
    return forgotten(user).load(std::memory_order_acquire) <= entry.generation &&
           now - entry.loaded < time_to_live_;
}

std::optional<LiveSession> SessionCache::find(const TokenHash& token, Instant now) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.index.find(token);
    if (found == shard.index.end()) return std::nullopt;
    const auto entry = *found;
    if (!is_current(*entry, now)) {
        shard.index.erase(found);
        shard.entries.erase(entry);
        return std::nullopt;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, entry);
    return entry->session;
}

void SessionCache::put(
    const TokenHash& token, const LiveSession& session, std::uint64_t generation, Instant now
) {
    const Entry entry{token, session, generation, now};
    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    if (const auto found = shard.index.find(token); found != shard.index.end()) {
        **found = entry;
        return;
    }
    if (shard.entries.size() >= shard_entries_max_) {
        shard.index.erase(std::prev(shard.entries.end()));
        shard.entries.pop_back();
    }
    shard.entries.push_front(entry);
    shard.index.insert(shard.entries.begin());
}

bool SessionCache::claim_touch(const TokenHash& token, Time before, Time seen, Time expires_at) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.index.find(token);
    if (found == shard.index.end()) return true;
    LiveSession& session = (*found)->session;
    if (session.last_seen_at > before) return false;
    session.last_seen_at = seen;
    session.expires_at = expires_at;
    return true;
}

void SessionCache::forget(UserId user) {
    const std::uint64_t now = generation_.fetch_add(1, std::memory_order_acq_rel) + 1;
    // Two at once may arrive in either order; the later one counts.
    std::atomic<std::uint64_t>& slot = forgotten(user);
    std::uint64_t known = slot.load(std::memory_order_relaxed);
    while (known < now && !slot.compare_exchange_weak(known, now, std::memory_order_acq_rel)) {
    }
}

std::size_t SessionCache::size() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        total += shard.entries.size();
    }
    return total;
}

}  // namespace doorbuster::accounts
