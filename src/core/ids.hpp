#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace doorbuster {

// A 64-bit identifier of one kind of thing; ids of different kinds do not mix. On the wire an id is
// a JSON string of decimal digits, because JavaScript numbers lose bits above 2^53.
template <class Tag>
class Id {
public:
    constexpr Id() = default;
    constexpr explicit Id(std::int64_t value) : value_{value} {}

    constexpr std::int64_t value() const { return value_; }
    std::string to_string() const { return std::to_string(value_); }

    friend constexpr auto operator<=>(Id, Id) = default;

private:
    std::int64_t value_ = 0;
};

using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using AddressId = Id<struct AddressTag>;
using CategoryId = Id<struct CategoryTag>;
using ProductId = Id<struct ProductTag>;
using SkuId = Id<struct SkuTag>;
using MediaId = Id<struct MediaTag>;
using CartId = Id<struct CartTag>;
using PaymentId = Id<struct PaymentTag>;
using RefundId = Id<struct RefundTag>;
using EventId = Id<struct EventTag>;
using WebhookId = Id<struct WebhookTag>;
using PromotionId = Id<struct PromotionTag>;
using PromotionItemId = Id<struct PromotionItemTag>;
using WaitlistId = Id<struct WaitlistTag>;

// Time-ordered number of an order, see orders/order_number.hpp for its bits.
using OrderNo = Id<struct OrderNoTag>;

}  // namespace doorbuster

template <class Tag>
struct std::hash<doorbuster::Id<Tag>> {
    std::size_t operator()(doorbuster::Id<Tag> id) const noexcept {
        return std::hash<std::int64_t>{}(id.value());
    }
};
