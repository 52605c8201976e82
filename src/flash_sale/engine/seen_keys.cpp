#include "flash_sale/engine/seen_keys.hpp"

#include <functional>

namespace doorbuster::flash_sale {
namespace {

std::uint64_t hash_of(PromotionItemId item, std::string_view key) {
    const std::uint64_t of_key = std::hash<std::string_view>{}(key);
    return of_key ^ (static_cast<std::uint64_t>(item.value()) * 0x9e3779b97f4a7c15u);
}

}  // namespace

void SeenKeys::add(PromotionItemId item, std::string_view key) {
    const std::uint64_t hash = hash_of(item, key);
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock{shard.mutex};
    if (shard.hashes.size() >= kKeysMax / kShards) {
        shard.full = true;
    } else {
        shard.hashes.insert(hash);
    }
}

bool SeenKeys::maybe(PromotionItemId item, std::string_view key) const {
    const std::uint64_t hash = hash_of(item, key);
    const Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock{shard.mutex};
    return shard.full || shard.hashes.contains(hash) || shard.on_trial.contains(hash);
}

SeenKeys::Trial::Trial(SeenKeys& seen, PromotionItemId item, std::string_view key)
    : seen_{seen}, hash_{hash_of(item, key)} {
    Shard& shard = seen_.shards_[hash_ % kShards];
    const std::lock_guard lock{shard.mutex};
    shard.on_trial.insert(hash_);
}

SeenKeys::Trial::~Trial() {
    Shard& shard = seen_.shards_[hash_ % kShards];
    const std::lock_guard lock{shard.mutex};
    shard.on_trial.erase(shard.on_trial.find(hash_));
}

}  // namespace doorbuster::flash_sale
