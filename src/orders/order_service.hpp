#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cart/cart_service.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "events/audit_log.hpp"
#include "events/outbox.hpp"
#include "inventory/inventory_service.hpp"
#include "orders/order.hpp"
#include "orders/order_number.hpp"
#include "orders/promoted_units.hpp"
#include "payments/checkout.hpp"
#include "payments/events.hpp"
#include "ports/sql.hpp"
#include "refunds/events.hpp"
#include "refunds/refund_desk.hpp"
#include "shipping/address_service.hpp"

namespace doorbuster::orders {

// What a shopper asks for. Without `lines`, the selected lines of the cart.
struct PlaceOrder {
    UserId user;
    AddressId address;
    std::optional<std::vector<inventory::StockLine>> lines;  // "buy now"; quantities from 1
    std::string note;
    std::optional<Money> expected_total;
};

// An order of one line whose units a promotion holds for it. The caller fills in user,
// address_json, note, created_at and expires_at, the item with its promotion, and the request's
// idempotency key, which no other order of the user has; placing computes the totals and chooses
// the number.
struct PromotedOrder {
    Order order;
    Item item;
    std::string request_key;
    std::array<std::byte, 32> request_fingerprint{};
};

// The use cases of orders. Every function runs inside a caller's transaction; its error rolls
// everything back. Every change of an order is one guarded UPDATE on the old state, together with
// its ledger rows, its timeline row and its event. Thread-safe: one instance serves every thread.
//
// Another user's order is kOrderNotFound. Asking again for what has already happened is a success.
class OrderService {
public:
    static constexpr std::size_t kLinesMax = 100;
    static constexpr std::int64_t kQuantityMax = 999;

    // What the service works with; all must outlive it.
    struct Parts {
        const inventory::InventoryService& stock;
        const cart::CartService& carts;
        const shipping::AddressService& addresses;
        const events::Outbox& outbox;
        const events::AuditLog& audit;
        payments::Checkout& checkout;
        refunds::RefundDesk& refunds;
        OrderNumbers& numbers;
        const Clock& clock;
    };

    OrderService(Parts parts, OrderSettings settings);

    // Copies prices, names and the address, reserves all units or none, and takes the bought lines
    // out of the cart. An order of nothing to pay is paid at once.
    // Errors: kNothingToOrder, kTooManyLines, kQuantityTooLarge, kSkuNotFound, kSkuOffSale,
    // kTotalChanged, kTooManyUnpaid, inventory::kOutOfStock, and the address book's.
    Result<Order> place(sql::Transaction& tx, const PlaceOrder& wish) const;

    // Places many orders at once, in the order given (sorted by user costs least). The units are
    // held by whoever calls. False: a number or a key was taken; the transaction must be rolled
    // back and run again.
    bool place_promoted(sql::Transaction& tx, std::span<PromotedOrder> orders) const;
    // What such an order costs, freight included.
    Money promoted_total(const Item& item) const;

    // Who resolves the units of promoted lines. Once at start-up, before the first request; without
    // it no order may have such lines.
    void set_promoted_units(PromotedUnits& units) { promoted_units_ = &units; }

    // Closed at once when no payment was begun, else `closing` until the payment side answers. One
    // that was paid and not shipped is closed at once, its units come back, and its money goes
    // back. Errors: kOrderNotFound, kNotCancellable.
    Result<Order> cancel(sql::Transaction& tx, UserId user, OrderNo number) const;
    Result<Order> cancel_by_staff(sql::Transaction& tx, UserId staff, OrderNo number) const;

    // Errors: kOrderNotFound, kNotShippable (also when it was shipped in another parcel).
    Result<Order> ship(
        sql::Transaction& tx,
        UserId staff,
        OrderNo number,
        const std::string& carrier,
        const std::string& tracking_number
    ) const;
    // The goods have come. Errors: kOrderNotFound, kNotConfirmable.
    Result<Order> confirm(sql::Transaction& tx, UserId user, OrderNo number) const;

    // Goods come back, or the buyer gets some of the money back, or both. Errors: kOrderNotFound,
    // kNotReturnable, kReturnTooMany, those of refunds::RefundDesk::ask.
    struct Return {
        Money refund;  // may be zero
        std::string reason;
        std::vector<inventory::StockLine> restock;  // units that go back to the shelf
    };
    Result<Order> take_return(
        sql::Transaction& tx, UserId staff, OrderNo number, const Return& wanted
    ) const;

    // For the sweepers: does what is due to this order now, if anything still is.
    void expire(sql::Transaction& tx, OrderNo number) const;
    void complete(sql::Transaction& tx, OrderNo number) const;

    // For the payment side's events. Each has its effect once, in whatever order they come.
    void payment_succeeded(sql::Transaction& tx, const payments::PaymentEvent& event) const;
    void payment_closed(sql::Transaction& tx, const payments::PaymentEvent& event) const;
    // Money that came late: the units are taken again if they are left, and the order is paid; else
    // it goes back. Money that came twice goes back by itself and is only noted.
    void payment_refund_due(sql::Transaction& tx, const payments::PaymentEvent& event) const;
    // Something happened to a refund of the order: its payment status is what the payment side says
    // now.
    void refund_changed(
        sql::Transaction& tx, std::string_view topic, const refunds::RefundEvent& event
    ) const;

    const OrderSettings& settings() const { return settings_; }

private:
    // A decided change of an order.
    struct Change {
        Order after;
        std::string_view kind;
        Actor actor;
        std::string detail = {};
    };
    // Nothing: the order already is as it should be.
    using Decision = Result<std::optional<Change>>;
    using Decide = std::function<Decision(const Order&)>;

    // Locks, decides, writes. `decide` may act in the transaction: it is asked again only when the
    // order was changed in spite of the lock, which is a bug. The order as it is now.
    Result<Order> change(sql::Transaction& tx, OrderNo number, const Decide& decide) const;
    void resolve_units(sql::Transaction& tx, const Order& order) const;
    void take_effect(sql::Transaction& tx, const Order& before, const Order& after) const;
    void publish(sql::Transaction& tx, std::string_view topic, const Order& order) const;

    Decision give_up(
        sql::Transaction& tx, const Order& order, CloseReason reason, const Actor& actor
    ) const;
    void pay(sql::Transaction& tx, OrderNo number, const Actor& actor) const;
    Change unwanted(
        sql::Transaction& tx,
        const payments::PaymentEvent& event,
        const Order& order,
        const std::string& why
    ) const;
    std::optional<Change> paid_late(
        sql::Transaction& tx, const payments::PaymentEvent& event, const Order& order
    ) const;
    bool take_units_again(sql::Transaction& tx, const Order& order) const;
    Decision refunded_before_shipping(
        sql::Transaction& tx, const Order& order, const Actor& actor, const std::string& why
    ) const;
    // Units of the order's lines, as many as are named, are on the shelf again.
    Result<void> restock(
        sql::Transaction& tx,
        const Order& order,
        std::span<const inventory::StockLine> lines,
        const Actor& actor
    ) const;
    Change completed(const Order& order, const Actor& actor) const;

    std::vector<inventory::StockLine> wanted_lines(sql::Transaction& tx, const PlaceOrder& wish)
        const;
    Result<void> check_limit(sql::Transaction& tx, UserId user) const;
    Result<Order> draft(
        sql::Transaction& tx, const PlaceOrder& wish, const std::vector<Item>& items
    ) const;
    void insert(sql::Transaction& tx, Order& order) const;

    Parts parts_;
    OrderSettings settings_;
    PromotedUnits* promoted_units_ = nullptr;
};

}  // namespace doorbuster::orders
