#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "inventory/inventory_service.hpp"
#include "orders/order_state.hpp"
#include "shipping/address_service.hpp"
#include "shipping/freight.hpp"

// Orders as values, and the rules about them that need no I/O.
namespace doorbuster::orders {

enum class PaymentStatus { unpaid, paid, refund_due, refunding, partly_refunded, refunded };
enum class Fulfillment { unfulfilled, shipped, received };
enum class CloseReason { timeout, user, merchant, refunded };

std::string_view to_string(PaymentStatus status);
std::string_view to_string(Fulfillment status);
std::string_view to_string(CloseReason reason);
// The text must be one that to_string made; anything else ends the process.
PaymentStatus payment_status_from(std::string_view text);
Fulfillment fulfillment_from(std::string_view text);
CloseReason close_reason_from(std::string_view text);

// Who did something to an order: "u42", "system" or "payment".
class Actor {
public:
    static Actor user(UserId user) {
        Actor actor{"u" + user.to_string()};
        actor.user_ = user;
        return actor;
    }
    static Actor system() { return Actor{"system"}; }
    static Actor payment() { return Actor{"payment"}; }
    const std::string& name() const { return name_; }
    std::optional<UserId> user_id() const { return user_; }

private:
    explicit Actor(std::string name) : name_{std::move(name)} {}
    std::string name_;
    std::optional<UserId> user_;
};

// A line as it was when the order was placed.
struct Item {
    SkuId sku;
    ProductId product;
    std::string title;
    std::string options;
    std::string sku_code;
    std::string image;
    Money price;
    std::int64_t quantity = 0;
    // The promotion item whose units these are; none: the SKU's ordinary stock.
    std::optional<PromotionItemId> promotion = {};
    std::string promotion_name = {};  // as it is called now; of an order that was read
    std::int64_t returned = 0;        // units that came back to the shelf
    Money subtotal() const { return price * quantity; }
};

struct Order {
    OrderNo number;
    UserId user;
    Status status = Status::pending_payment;
    PaymentStatus payment_status = PaymentStatus::unpaid;
    Fulfillment fulfillment = Fulfillment::unfulfilled;
    std::optional<CloseReason> close_reason;
    // Counts the changes; names the latest row of order_events.
    std::int64_t version = 1;
    Money items_total;
    Money discount_total;
    Money freight;
    Money total;
    std::string address_json;  // copied when the order was placed
    std::string note;
    std::optional<std::string> carrier;
    std::optional<std::string> tracking_number;
    Time created_at;
    Time expires_at;
    std::optional<Time> paid_at;
    std::optional<Time> shipped_at;
    std::optional<Time> completed_at;
    std::optional<Time> closed_at;
    bool retaken = false;  // its payment came late, and its units were taken again
};

// One row of an order's timeline.
struct TimelineEntry {
    std::int64_t version = 0;
    std::string kind;  // "placed", "paid", "closing", "closed", "shipped", "completed", …
    std::string status;
    std::string actor;
    std::string detail;
    Time at;
};

struct OrderSettings {
    Milliseconds unpaid_ttl = std::chrono::minutes{30};  // at most kUnpaidTtlMax
    std::int64_t unpaid_max = 20;                        // orders of one user that hold stock
    shipping::FreightRule freight{Money::fen(1000), Money::fen(9900)};
    Milliseconds complete_after = std::chrono::hours{24 * 10};  // since it was shipped

    static constexpr Milliseconds kUnpaidTtlMax = std::chrono::hours{24 * 7};
};

Money items_total_of(const std::vector<Item>& items);
// Of the lines that took ordinary stock.
std::vector<inventory::StockLine> stock_lines(const std::vector<Item>& items);

// Lines of the same SKU become one; the rest keep their order.
std::vector<inventory::StockLine> merged(const std::vector<inventory::StockLine>& lines);

// The copy of an address that an order keeps.
std::string address_json(const shipping::AddressFields& address);

}  // namespace doorbuster::orders
