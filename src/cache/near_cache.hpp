#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache/cache_metrics.hpp"
#include "cache/generations.hpp"
#include "core/clock.hpp"

namespace doorbuster::cache {

struct NearCacheLimits {
    std::size_t bytes = 32 * 1024 * 1024;  // of all values, as `insert` is told
    std::size_t entries = 10'000;
    std::size_t absent_entries = 2'000;  // so that asking for what is not there evicts nothing
    Milliseconds time_to_live{600'000};
};

// Values made from the database, kept in this process: the least recently used go first when there
// are too many. Thread-safe; locks are per shard and held for moments.
//
// A value is given out only while everything it was made from is unchanged since before it was read
// (Generations) and its time to live has not passed. So no order of reads, inserts and changes can
// serve a value that is older than a change whose maker has been told of it.
//
//     if (auto hit = cache.find(id)) return *hit;            // null value: known to be absent
//     const auto moment = cache.moment();                    // before the read
//     auto value = co_await … read …;
//     cache.insert(id, value, bytes, tags, moment);
template <class Key, class Value>
class NearCache {
public:
    using Pointer = std::shared_ptr<const Value>;  // null: there is no such thing
    using Limits = NearCacheLimits;

    NearCache(
        const Generations& generations, const Clock& clock, Limits limits, CacheMetrics metrics
    )
        : generations_{generations}, clock_{clock}, limits_{limits}, metrics_{metrics} {}

    Generations::Moment moment() const { return generations_.now(); }

    // The value, or null for one that is known to be absent; nothing when the cache cannot tell.
    std::optional<Pointer> find(const Key& key) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock{shard.mutex};
        const auto found = shard.index.find(key);
        if (found == shard.index.end()) return std::nullopt;
        const auto entry = found->second;
        if (!usable(*entry)) {
            remove(shard, entry);
            return std::nullopt;
        }
        Lane& lane = lane_of(shard, *entry);
        lane.entries.splice(lane.entries.begin(), lane.entries, entry);
        metrics_.hit();
        return entry->value;
    }

    // To be called by whoever goes on to read after `find` told nothing.
    void count_miss() const { metrics_.miss(); }

    // Keeps what was read after `moment`. Not kept: what is outdated already, and what is larger
    // than a shard's part of the bytes.
    void insert(
        const Key& key,
        Pointer value,
        std::size_t bytes,
        std::vector<Tag> tags,
        Generations::Moment moment
    ) {
        if (bytes > limits_.bytes / kShards) return;
        if (!generations_.unchanged_since(moment, tags)) return;
        const auto expires = clock_.steady() + limits_.time_to_live;
        Shard& shard = shard_of(key);
        const std::lock_guard lock{shard.mutex};
        if (const auto old = shard.index.find(key); old != shard.index.end()) {
            // A slower reader must not put its older value over a newer one.
            if (old->second->moment > moment && usable(*old->second)) return;
            remove(shard, old->second);
        }
        Lane& lane = value ? shard.present : shard.absent;
        lane.bytes += bytes;
        lane.entries.push_front({key, std::move(value), bytes, std::move(tags), moment, expires});
        shard.index.emplace(key, lane.entries.begin());
        shrink(shard);
    }

    struct Size {
        std::size_t bytes = 0;
        std::size_t entries = 0;
    };
    Size size() const {
        Size total;
        for (const Shard& shard : shards_) {
            const std::lock_guard lock{shard.mutex};
            total.bytes += shard.present.bytes + shard.absent.bytes;
            total.entries += shard.index.size();
        }
        return total;
    }

private:
    static constexpr std::size_t kShards = 16;

    struct Entry {
        Key key;
        Pointer value;
        std::size_t bytes;
        std::vector<Tag> tags;
        Generations::Moment moment;
        std::chrono::steady_clock::time_point expires;
    };
    using Entries = std::list<Entry>;  // most recently used first
    struct Lane {
        Entries entries;
        std::size_t bytes = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<Key, typename Entries::iterator> index;
        Lane present;
        Lane absent;
    };

    Shard& shard_of(const Key& key) {
        // Mixed, because the map inside the shard uses the same hash's low bits.
        return shards_[(std::hash<Key>{}(key)*0x9e3779b97f4a7c15ULL) >> 60];
    }
    static Lane& lane_of(Shard& shard, const Entry& entry) {
        return entry.value ? shard.present : shard.absent;
    }

    bool usable(const Entry& entry) const {
        return clock_.steady() < entry.expires &&
               generations_.unchanged_since(entry.moment, entry.tags);
    }

    void remove(Shard& shard, typename Entries::iterator entry) {
        Lane& lane = lane_of(shard, *entry);
        lane.bytes -= entry->bytes;
        shard.index.erase(entry->key);
        lane.entries.erase(entry);
    }

    void shrink(Shard& shard) {
        const auto trim = [&](Lane& lane, std::size_t entries_max) {
            while (lane.entries.size() > entries_max || lane.bytes > limits_.bytes / kShards) {
                remove(shard, std::prev(lane.entries.end()));
                metrics_.evicted();
            }
        };
        trim(shard.present, per_shard(limits_.entries));
        trim(shard.absent, per_shard(limits_.absent_entries));
    }
    static std::size_t per_shard(std::size_t all) { return (all + kShards - 1) / kShards; }

    const Generations& generations_;
    const Clock& clock_;
    const Limits limits_;
    const CacheMetrics metrics_;
    std::array<Shard, kShards> shards_;
};

}  // namespace doorbuster::cache
