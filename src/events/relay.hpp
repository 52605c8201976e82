#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "core/clock.hpp"
#include "events/wakeup.hpp"
#include "ports/database.hpp"
#include "ports/event_bus.hpp"

namespace doorbuster::events {

struct RelayOptions {
    std::size_t batch_max = 200;   // events taken and marked together
    std::size_t at_once_max = 32;  // of them under way at a time
    Milliseconds poll{500};        // how long an event of another process may wait to be seen
    Milliseconds lease{60'000};    // an event taken by a relay that died is taken again after this
    Milliseconds retry_first{1'000};  // doubles with each failure …
    Milliseconds retry_max{300'000};  // … up to this; an event is never given up
};

// Carries events from the outbox to the bus, at least once. Several relays, in one process or in
// many, may serve one database. Events of one key keep no order.
class Relay {
public:
    Relay(sql::Database& database, EventBus& bus, const Clock& clock, RelayOptions options = {});

    // Look again now. From any thread; give it to Outbox::on_append.
    void wake() noexcept { wakeup_.wake(); }

    // Publishes one batch of what is due and marks it in one write. Returns how many events it
    // tried. An event that cannot be published is put off and keeps no other waiting.
    Task<std::size_t> run_once();

    // Until told to stop; finishes the batch under way. One call per Relay. Failures are logged.
    Task<void> run(std::stop_token stop);

private:
    struct Due {
        Event event;
        std::int64_t attempts = 0;
        bool published = false;
    };

    Task<std::vector<Due>> take_due();
    Task<void> publish(Due& due);
    Task<void> mark(const std::vector<Due>& batch);
    Milliseconds delay_after(std::int64_t failures) const;

    sql::Database& database_;
    EventBus& bus_;
    const Clock& clock_;
    const RelayOptions options_;
    Wakeup wakeup_;
};

}  // namespace doorbuster::events
