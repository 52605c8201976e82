#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "flash_sale/edge/promo_vo.hpp"
#include "flash_sale/waitlist/waitlist.hpp"
#include "http/event_stream.hpp"
#include "http/route.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

// Tells whoever follows an item how it stands, by server-sent events: `state` (status, pause, sold
// out, the server's time, the window), `stock` (the band, never a count) and, to who is signed in,
// `offer` (what the waitlist offers to that user). Each once at the start, an offer if there is
// one, then when it changes.
//
// One look at all followed items at a time, by one timer, finds what has changed and renders it
// once for all followers; so an item is told of at most as often as it is looked at, whatever its
// counters do in between. Items that nobody follows cost nothing. Thread-safe.
class ItemEvents {
public:
    // How often to look. The pace of everything that is told.
    static constexpr Milliseconds kLookEvery{250};
    // Open offers are read from the database at most this often, for items whose counters have
    // moved and that somebody signed in follows.
    static constexpr Milliseconds kOffersEvery{1'000};
    // How long a client waits before it connects again; each adds up to kRetrySpread of its own, so
    // that a server that comes back is not met by all at once.
    static constexpr Milliseconds kRetry{3'000};
    static constexpr std::int64_t kRetrySpread = 4'000;

    // All must outlive this, and the streams.
    struct Parts {
        sql::Database& database;
        const SaleBoard& board;
        const PromoViews& views;  // what they say is what is told
        const StockGate& gate;
        const Waitlist& waitlist;
        const Clock& clock;
    };
    explicit ItemEvents(Parts parts);
    ~ItemEvents();

    // Finds what has changed and rings those who follow it. Offers that cannot be read now are read
    // at a later look. Returns false, as a job does that has nothing more to do.
    Task<bool> look();

    // The events of one client. Nobody: no offers are told.
    std::shared_ptr<http::EventSource> follow(
        const std::shared_ptr<const SaleItem>& item, std::optional<UserId> user
    );

    // Items that are followed.
    std::size_t items() const;

private:
    class Channel;
    class Source;

    std::vector<std::shared_ptr<Channel>> followed();
    Task<void> look_for_offers(const std::shared_ptr<Channel>& channel);

    const Parts parts_;
    mutable std::mutex mutex_;
    std::unordered_map<PromotionItemId, std::shared_ptr<Channel>> channels_;
    std::uint64_t followers_ = 0;  // there ever were
};

struct ItemEventsRoutesDeps {
    const SaleBoard& board;
    ItemEvents& events;
};
// `GET /api/v1/flash-sales/{item}/events`. `deps` must outlive the routes.
http::Routes item_events_routes(ItemEventsRoutesDeps& deps);

}  // namespace doorbuster::flash_sale
