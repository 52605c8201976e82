#pragma once

#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/money.hpp"

// What the order side tells the rest of the world, through the outbox.
namespace doorbuster::orders {

inline constexpr std::string_view kOrderPlaced = "order.placed";
inline constexpr std::string_view kOrderPaid = "order.paid";
inline constexpr std::string_view kOrderShipped = "order.shipped";
inline constexpr std::string_view kOrderCompleted = "order.completed";
inline constexpr std::string_view kOrderClosed = "order.closed";

// The payload of all of them.
struct OrderEvent {
    OrderNo order;
    UserId user;
    std::string status;
    Money total;
    std::string reason;  // of a closed order

    std::string to_json() const;
};

}  // namespace doorbuster::orders
