#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "flash_sale/edge/shopper_limits.hpp"
#include "flash_sale/engine/batch_committer.hpp"
#include "flash_sale/engine/rehearsal_buyers.hpp"
#include "flash_sale/engine/sale_meter.hpp"
#include "flash_sale/engine/seen_keys.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "flash_sale/model/sale_clock.hpp"
#include "http/envelope.hpp"
#include "http/request.hpp"
#include "ports/stock_gate.hpp"

namespace doorbuster::flash_sale {

// What every shopper's request for an item (`{item}` of its path) meets before its own work, and
// how its end is counted. Thread-safe.
class Entrance {
public:
    struct Parts {
        const SaleBoard& board;
        const StockGate& gate;
        const SeenKeys& seen;
        const SaleClock& sale_clock;
        const Clock& clock;
        ShopperLimits& limits;
        SaleMeter& meter;
        // Where orders wait; null: nobody asks whether too many do.
        const BatchCommitter* orders = nullptr;
        RehearsalBuyers* rehearsal_buyers = nullptr;  // null: nobody is one
    };
    explicit Entrance(const Parts& parts);

    // For RouteOptions::early, from memory alone: the sale that is not live, sold out, then the
    // address's limit. The rehearsals' buyers all come from one address, so their items know no
    // such limit; and how a rehearsal stands is told to buyers of rehearsals alone, so who is not
    // known for one goes on to `check_visitor`.
    std::optional<http::Response> refuse_early(const http::Request& request) const;
    // The same for orders. One that may be the retry of a request that has placed an order passes
    // where the sale is closed or sold out; when too many orders wait, all are told to come again.
    std::optional<http::Response> refuse_order_early(const http::Request& request) const;

    // A request that got past the session.
    struct Visit {
        std::shared_ptr<const SaleItem> item;  // null: there is no such item
        std::chrono::steady_clock::time_point began;
        ShopperLimits::Admission admission;
    };
    // Fills the visit, or refuses by the limits of user, item and route.
    std::optional<http::Response> admit(
        const http::Request& request, ShopperLimits::Route route, Visit& visit
    ) const;

    // There is such an item, and this visitor may know it: a rehearsal is for its own buyers only.
    // To be asked of every visit before anything else is told of the item. Errors: kItemNotFound.
    Task<Result<void>> check_visitor(const http::Request& request, const Visit& visit) const;

    // Why the item cannot be had at this moment, as far as memory knows. Errors: kStopped, kEnded,
    // kNotOpen, kPaused, kSoldOut.
    Result<void> check_on_sale(const SaleItem& item) const;

    // Ends of a visit: counted if there is such an item, with what the user's limit has left.
    http::Response refuse(const http::Request& request, const Visit& visit, const Error& error)
        const;
    http::Response done(http::Response response, const Visit& visit, std::string_view outcome)
        const;

private:
    using Instant = std::chrono::steady_clock::time_point;
    const ErrorKind* closed(const SaleItem& item, bool stopped) const;
    std::optional<http::Response> refuse_early(const http::Request& request, bool orders) const;
    bool knows_rehearsals(const http::Request& request) const;
    http::Response refuse_all(const http::Request& request, const ErrorKind& kind) const;
    void count_early(PromotionItemId item, const ErrorKind& kind) const;
    void count(PromotionItemId item, std::string_view outcome, Instant began) const;

    const Parts parts_;
    // The refusals that thousands get at once.
    std::vector<std::pair<const ErrorKind*, http::PreparedFailure>> prepared_;
};

}  // namespace doorbuster::flash_sale
