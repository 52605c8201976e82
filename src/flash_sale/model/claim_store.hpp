#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"
#include "ports/sql.hpp"
#include "ports/stock_gate.hpp"

// Who has which unit of a promotion item, as rows; and the requests that took them, by their
// orders. Inside the caller's transaction or snapshot.
namespace doorbuster::flash_sale::claims {

// The request that placed an order, for its retries.
struct RequestKey {
    std::string key;
    std::array<std::byte, 32> fingerprint{};
    friend bool operator==(const RequestKey&, const RequestKey&) = default;
};

// What a user has of one item.
struct UserClaims {
    struct Known {
        OrderNo order;
        RequestKey request;
    };
    std::vector<std::int64_t> slots;  // of live units, rising
    std::vector<Known> requests;      // of all orders, also those that gave their units back

    std::int64_t live() const { return static_cast<std::int64_t>(slots.size()); }
    // The lowest `count` slots that are free.
    std::vector<std::int64_t> free_slots(std::int64_t count) const;
    const Known* find(const std::string& key) const;
};

// Users without claims are absent.
std::unordered_map<UserId, UserClaims> of_users(
    sql::Reader& reader, PromotionItemId item, std::span<const UserId> users
);

struct NewClaim {
    PromotionItemId item;
    UserId user;
    std::int64_t slot = 0;
    OrderNo order;
};
// Sorted by item, user and slot. False: one of them is taken; the transaction must be rolled back.
bool insert(sql::Transaction& tx, std::span<const NewClaim> claims);

// The units of an order that gave them back. Returns how many it had.
std::int64_t release(sql::Transaction& tx, PromotionItemId item, UserId user, OrderNo order);

// Live units per user, for the gate.
StockGate::Holders holders(sql::Reader& reader, PromotionItemId item);
// Every key of the item's orders, for knowing a retry when it comes.
void each_key(
    sql::Reader& reader, PromotionItemId item, const std::function<void(std::string_view)>& each
);

// The key as its order keeps it: keys of different items never meet.
std::string stored_key(PromotionItemId item, std::string_view key);

}  // namespace doorbuster::flash_sale::claims
