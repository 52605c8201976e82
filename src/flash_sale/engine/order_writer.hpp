#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/result.hpp"
#include "flash_sale/model/claim_store.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/model/sale_clock.hpp"
#include "flash_sale/waitlist/waitlist.hpp"
#include "inventory/inventory_service.hpp"
#include "orders/order_service.hpp"
#include "ports/stock_gate.hpp"
#include "shipping/address_service.hpp"

namespace doorbuster::flash_sale {

// A flash order as it goes to the database: token and gate have let it through.
struct OrderRequest {
    std::shared_ptr<const SaleItem> item;
    std::int64_t epoch = 0;  // of the token; the item may have moved on since
    UserId user;
    AddressId address;
    std::int64_t units = 1;
    bool offered = false;  // the units are those the waitlist offers to this user
    // Of every request, so that one whose commit is in doubt can be sent to the database again: the
    // client's, or one made from what cannot be used twice.
    claims::RequestKey key;
    // Only an earlier answer to the same key is looked for: the gate has not let it in.
    bool replay_only = false;
};

struct PlacedOrder {
    OrderNo number;
    Money total;
    Time expires_at;
    bool replayed = false;  // the key's first request has placed it
};

// Writes flash orders, many in one transaction. The database decides each: whether the sale is
// open, units are left, the user's limit allows it, and whether the key has placed an order before.
// A bad order is refused alone. Thread-safe.
class OrderWriter {
public:
    struct Parts {
        const orders::OrderService& orders;
        const inventory::InventoryService& stock;
        const shipping::AddressService& addresses;
        const Waitlist& waitlist;
        StockGate& gate;
        const SaleClock& sale_clock;
        const Clock& clock;
    };
    OrderWriter(Parts parts, Milliseconds unpaid_ttl) : parts_{parts}, unpaid_ttl_{unpaid_ttl} {}

    // One outcome per request, in their order; for replay_only ones that find nothing, kNotFound.
    // Nothing: another transaction was in the way; roll back and run again with `lock_first`.
    // Errors: kNotOpen, kEnded, kPaused, kTokenExpired, kSoldOut, kLimitReached, kNoOffer,
    // kIdempotencyMismatch, shipping::kAddressNotFound, orders::kSkuOffSale.
    using Outcomes = std::vector<Result<PlacedOrder>>;
    std::optional<Outcomes> write(
        sql::Transaction& tx, std::span<const OrderRequest* const> requests, bool lock_first
    ) const;

    // A transaction of these requests was not committed, or nobody knows.
    void not_committed(std::span<const OrderRequest* const> requests) const;

private:
    Parts parts_;
    Milliseconds unpaid_ttl_;
};

}  // namespace doorbuster::flash_sale
