#pragma once

#include <atomic>
#include <cstddef>
#include <stop_token>
#include <vector>

#include "core/clock.hpp"
#include "events/outbox.hpp"
#include "events/pace.hpp"
#include "events/wakeup.hpp"
#include "ports/database.hpp"
#include "ports/event_bus.hpp"

namespace doorbuster::events {

struct RelayOptions {
    std::size_t batch_max = 500;  // events taken, published and marked together
    Milliseconds poll{500};       // how long an event of another process may wait to be seen
    Milliseconds gather{20};      // ordinary events wait so long for company; urgent ones never
    Milliseconds lease{60'000};   // an event taken by a relay that died is taken again after this
    Milliseconds retry_first{1'000};  // doubles with each failure …
    Milliseconds retry_max{300'000};  // … up to this; an event is never given up
    PaceOptions pace{};
};

// Carries events from the outbox to the bus, at least once, a batch at a time: urgent ones first,
// then in the order of their ids. So events of one key are told in order, unless one of them failed
// before, is more urgent, or several relays share the work. What nobody wants is marked and told to
// nobody. Several relays, in one process or in many, may serve one database.
//
// While the shop is busy, a relay rests between batches (Pace); urgent events end the rest.
class Relay {
public:
    Relay(sql::Database& database, EventBus& bus, const Clock& clock, RelayOptions options = {});

    // Look again: now, or when ordinary events are due to be looked for. From any thread and often;
    // give it to Outbox::on_append.
    void wake(Urgency urgency = Urgency::urgent) noexcept;

    // Publishes one batch of what is due, ordinary events or urgent ones alone, and marks it in one
    // write. Returns how many events it took. An event that cannot be published is put off and
    // keeps no other waiting.
    Task<std::size_t> run_once(Urgency least = Urgency::ordinary);

    // Until told to stop; finishes the batch under way. One call per Relay. Failures are logged.
    Task<void> run(std::stop_token stop);

private:
    struct Due {
        Event event;
        std::int64_t attempts = 0;
        bool wanted = true;
        bool failed = false;
    };
    struct Batch {
        std::vector<Due> due;
        std::int64_t newest_id = 0;  // of all events there are
        // What nobody wants is marked already; else it is marked with the rest.
        bool settled = false;

        bool done() const;  // nothing is left to publish or to mark
    };
    using SteadyTime = std::chrono::steady_clock::time_point;

    Task<Batch> take(Urgency least);
    Batch find(sql::Reader& reader, const sql::Statement& statement, Urgency least) const;
    void settle(sql::Transaction& tx, const Batch& batch) const;
    Task<void> publish(Batch& batch, bool tried_before);
    Task<EventFailures> publish(EventList events);
    Task<void> mark(const Batch& batch);
    void learn(const Batch& batch);
    Milliseconds delay_after(std::int64_t failures) const;

    Task<void> look();
    Task<void> wait(std::stop_token stop);

    sql::Database& database_;
    EventBus& bus_;
    const Clock& clock_;
    const RelayOptions options_;

    Wakeup wakeup_;
    std::atomic<bool> urgent_ = false;    // somebody woke the relay for urgent events …
    std::atomic<bool> ordinary_ = false;  // … or for others, since it last looked for them
    // Of the loop alone:
    Pace pace_;
    Milliseconds oldest_age_{0};  // of the last batch
    SteadyTime ordinary_from_{};  // ordinary events are not looked for before
    SteadyTime poll_at_{};
};

}  // namespace doorbuster::events
