#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ports/http_client.hpp"
#include "sandbox/common/ground.hpp"

// Tells the merchant what happened, again and again until it says that it has understood.
namespace doorbuster::sandbox {

// What happened, as it is stored in the transaction that made it happen.
struct Event {
    std::string provider;
    std::string event_id;
    std::string out_trade_no;
    std::string kind;  // payment, refund, closed
    std::string url;
    std::string content;  // JSON; the provider seals or signs it at each delivery
    Time created_at;
    int attempts = 0;  // the one under way included
};

// What chance makes of an event. Decided before the transaction, which may run twice.
struct Fate {
    std::string event_id;
    bool dropped = false;
    bool duplicated = false;
    bool held = false;
    Milliseconds delay{0};
};
Fate fate_of_event(const Ground& ground, std::string event_id, std::string_view out_trade_no);

// Stores an event to be told, or not, as its fate says; `event_id` is the fate's. A URL that is
// empty asks for nothing to be told.
void insert_event(sql::Transaction& tx, const Event& event, const Fate& fate);

// How a provider tells things.
class Voice {
public:
    virtual ~Voice() = default;
    virtual OutboundRequest request_of(const Event& event) = 0;
    virtual bool understood(const OutboundResponse& answer) const = 0;
    // Between the deliveries; after the last one it gives up.
    virtual std::span<const std::chrono::seconds> waits() const = 0;
};

// Delivers stored events. Thread-safe.
class Courier {
public:
    Courier(const Ground& ground, HttpClient& http) : ground_{ground}, http_{http} {}

    // Before the first delivery. The voice must outlive the courier.
    void speak_for(std::string_view provider, Voice& voice);

    // Delivers the event that is due longest, if any is. True: there may be more. For periodic
    // jobs, several of which may run at once. A delivery waits at most 5 seconds.
    Task<bool> deliver_due();
    // Makes everything that waits due now; how many that were.
    Task<std::int64_t> hurry();
    // Events that wait for a delivery.
    Task<std::int64_t> waiting();

private:
    struct Due {
        std::int64_t id = 0;
        Event event;
    };
    std::optional<Due> claim(sql::Transaction& tx, Time now) const;
    Task<bool> deliver(Voice& voice, const Event& event);
    std::optional<Time> next_attempt(const Voice& voice, int attempts, Time now) const;

    const Ground ground_;
    HttpClient& http_;
    std::vector<std::pair<std::string, Voice*>> voices_;
};

}  // namespace doorbuster::sandbox
