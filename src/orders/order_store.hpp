#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orders/order.hpp"
#include "ports/backlog.hpp"
#include "ports/sql.hpp"

// Orders as rows. Every function works inside the caller's transaction or snapshot.
namespace doorbuster::orders::store {

// False when the number is taken; nothing was written then.
bool insert(sql::Transaction& tx, const Order& order);
void insert_items(sql::Transaction& tx, const Order& order, const std::vector<Item>& items);

// The same for many orders at once, each of one line and with the request that placed it. The first
// is false when a number or a request is known; the transaction must then be rolled back. The lists
// have one entry per order.
struct Request {
    std::string_view key;
    sql::Bytes fingerprint;
};
bool insert_many(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const Request> requests
);
void insert_one_item_each(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const Item* const> items
);
void insert_placed_events(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const std::string> actors
);

// What is written beside a change of an order.
struct Happening {
    std::string_view kind;
    const Actor& actor;
    std::string_view detail = {};
    Time at;
};
void insert_event(sql::Transaction& tx, const Order& order, const Happening& happening);

// Writes `after` and its timeline row if the order is still as it was in `before`, and raises
// after.version. False when another change came first; nothing was written then.
bool replace(sql::Transaction& tx, const Order& before, Order& after, const Happening& happening);

// Units of a line came back. False: the order has no such line, or fewer are left.
bool count_returned(sql::Transaction& tx, OrderNo number, SkuId sku, std::int64_t units);
std::optional<Order> find(sql::Reader& reader, OrderNo number);
// The same, and no other transaction changes it until this one ends.
std::optional<Order> lock(sql::Transaction& tx, OrderNo number);
std::vector<Item> items(sql::Reader& reader, OrderNo number);
std::unordered_map<OrderNo, std::vector<Item>> items(
    sql::Reader& reader, std::span<const Order> orders
);
std::vector<TimelineEntry> timeline(sql::Reader& reader, OrderNo number);

struct Listing {
    std::vector<Order> orders;  // newest first
    std::int64_t total = 0;
};
Listing list_of_user(
    sql::Reader& reader,
    UserId user,
    std::optional<std::string_view> status,
    std::optional<std::string_view> payment_status,
    std::int64_t limit,
    std::int64_t offset
);
Listing list_all(
    sql::Reader& reader,
    std::optional<std::string_view> status,
    std::optional<std::string_view> payment_status,
    std::int64_t limit,
    std::int64_t offset
);

// Makes other transactions that place orders of this user wait until this one ends.
void lock_buyer(sql::Transaction& tx, UserId user);
// Orders numbered `first` or above that hold stock; counts no further than `limit`.
std::int64_t count_holding(sql::Reader& reader, UserId user, OrderNo first, std::int64_t limit);

// Unpaid orders whose time is over, the oldest first.
std::vector<OrderNo> due(sql::Reader& reader, Time now, std::int64_t limit);
Backlog closing(sql::Reader& reader);
std::vector<OrderNo> shipped_before(sql::Reader& reader, Time time, std::int64_t limit);

}  // namespace doorbuster::orders::store
