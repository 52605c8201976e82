#include "events/relay.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "events/id_list.hpp"
#include "events/sql.hpp"
#include "ports/log.hpp"

namespace doorbuster::events {
namespace {

using std::chrono::ceil;

constexpr sql::JobOptions kUrgent{.urgent = true};
constexpr std::int64_t kAttemptsBeforeAlarm = 5;
// Of one batch: when a consumer is broken, all its events say the same.
constexpr std::size_t kFailuresLoggedMax = 20;

// Of the loop's own waiting, which is in real time whatever the clock of the events is.
std::chrono::steady_clock::time_point steady_now() { return std::chrono::steady_clock::now(); }

void log_failure(const Event& event, std::int64_t attempts, const std::string& reason) {
    const auto line = attempts < kAttemptsBeforeAlarm ? &log::warn : &log::error;
    line(
        "event_not_published",
        {{"event", event.id},
         {"topic", event.topic},
         {"attempts", attempts + 1},
         {"reason", reason}}
    );
}

}  // namespace

bool Relay::Batch::done() const {
    return std::ranges::none_of(due, [&](const Due& one) { return one.wanted || !settled; });
}

Relay::Relay(sql::Database& database, EventBus& bus, const Clock& clock, RelayOptions options)
    : database_{database}, bus_{bus}, clock_{clock}, options_{options}, pace_{options.pace} {}

void Relay::wake(Urgency urgency) noexcept {
    std::atomic<bool>& flag = urgency == Urgency::urgent ? urgent_ : ordinary_;
    if (!flag.exchange(true)) wakeup_.wake();
}

Relay::Batch Relay::find(sql::Reader& reader, const sql::Statement& statement, Urgency least)
    const {
    const auto due_of = [](const sql::Row& row) {
        Event event{row.id<EventId>(0), row.string(1), row.string(2), row.string(3), row.time(4)};
        return Due{std::move(event), row.integer(5)};
    };
    const int rank = least == Urgency::urgent ? 0 : 1;
    Batch batch;
    batch.due = reader.all(statement, {clock_.now(), options_.batch_max, rank}, due_of);
    const auto id_of = [](const sql::Row& row) { return row.integer(0); };
    batch.newest_id = reader.find(queries::newest_id, {}, id_of).value();
    // Asked after the events were found, as the bus demands.
    std::map<std::string_view, bool> wanted;
    for (Due& due : batch.due) {
        const auto [topic, is_new] = wanted.try_emplace(due.event.topic);
        if (is_new) topic->second = bus_.wants(reader, due.event.topic);
        due.wanted = topic->second;
    }
    return batch;
}

// Marks what nobody wants and leases the rest, so that each row is written once by the taking.
void Relay::settle(sql::Transaction& tx, const Batch& batch) const {
    const Time now = clock_.now();
    IdList unwanted{tx.dialect()};
    IdList wanted{tx.dialect()};
    for (const Due& due : batch.due) (due.wanted ? wanted : unwanted).add(due.event.id);
    if (!unwanted.empty()) tx.execute(queries::mark_published, {now, unwanted.text()});
    if (!wanted.empty()) tx.execute(queries::lease, {now + options_.lease, wanted.text()});
}

Task<Relay::Batch> Relay::take(Urgency least) {
    if (database_.shared()) {
        const auto take = [&](sql::Transaction& tx) {
            tx.query(queries::forbid_sorting, {}, [](const sql::Row&) {});
            Batch batch = find(tx, queries::lock_due, least);
            settle(tx, batch);
            batch.settled = true;
            return batch;
        };
        co_return co_await database_.write(take, kUrgent);
    }
    // The only process that writes here is this one, so nothing has to be taken by a write.
    const auto look = [&](sql::Reader& reader) { return find(reader, queries::find_due, least); };
    co_return co_await database_.read(look, kUrgent);
}

Task<EventFailures> Relay::publish(EventList events) {
    std::string reason;
    try {
        co_return co_await bus_.publish(events);
    } catch (const std::exception& error) {
        reason = error.what();
    }
    EventFailures all;
    for (std::size_t i = 0; i < events.size(); ++i) all.push_back({i, reason});
    co_return all;
}

// Those that failed before go by themselves, so that a bad one is bad company to its like only.
Task<void> Relay::publish(Batch& batch, bool tried_before) {
    std::vector<const Event*> events;
    std::vector<Due*> due;
    for (Due& one : batch.due) {
        if (!one.wanted || (one.attempts > 0) != tried_before) continue;
        events.push_back(&one.event);
        due.push_back(&one);
    }
    if (events.empty()) co_return;
    const EventFailures failures = co_await publish(events);
    for (const EventFailure& failure : failures) due.at(failure.index)->failed = true;
    for (const EventFailure& failure :
         std::span{failures}.first(std::min(failures.size(), kFailuresLoggedMax))) {
        log_failure(*events[failure.index], due[failure.index]->attempts, failure.reason);
    }
    if (failures.size() > kFailuresLoggedMax) {
        log::warn("events_not_published", {{"count", static_cast<std::int64_t>(failures.size())}});
    }
}

Milliseconds Relay::delay_after(std::int64_t failures) const {
    // Beyond 30 doublings the limit is reached whatever the first delay is.
    const auto doublings = std::min<std::int64_t>(failures, 30);
    return std::min(options_.retry_max, options_.retry_first * (std::int64_t{1} << doublings));
}

Task<void> Relay::mark(const Batch& batch) {
    const auto write = [&](sql::Transaction& tx) {
        const Time now = clock_.now();
        IdList published{tx.dialect()};
        std::map<Milliseconds, IdList> put_off;
        for (const Due& due : batch.due) {
            if (batch.settled && !due.wanted) continue;
            if (due.failed) {
                const auto delay = delay_after(due.attempts);
                put_off.try_emplace(delay, tx.dialect()).first->second.add(due.event.id);
            } else {
                published.add(due.event.id);
            }
        }
        for (const auto& [delay, ids] : put_off) {
            tx.execute(queries::put_off, {now + delay, ids.text()});
        }
        if (!published.empty()) tx.execute(queries::mark_published, {now, published.text()});
    };
    co_await database_.write(write, kUrgent);
}

// What a rest is measured by. Events that failed before do not count: their age is their own
// affair.
void Relay::learn(const Batch& batch) {
    pace_.see(steady_now(), batch.newest_id);
    oldest_age_ = Milliseconds{0};
    const Time now = clock_.now();
    for (const Due& due : batch.due) {
        if (due.attempts == 0) oldest_age_ = std::max(oldest_age_, now - due.event.at);
    }
}

Task<std::size_t> Relay::run_once(Urgency least) {
    Batch batch = co_await take(least);
    if (least == Urgency::ordinary) learn(batch);
    if (batch.done()) co_return batch.due.size();
    co_await publish(batch, false);
    co_await publish(batch, true);
    co_await mark(batch);
    co_return batch.due.size();
}

Task<void> Relay::look() {
    const SteadyTime begin = steady_now();
    const bool all = begin >= ordinary_from_;
    urgent_ = false;
    if (all) ordinary_ = false;
    std::size_t taken = 0;
    try {
        taken = co_await run_once(all ? Urgency::ordinary : Urgency::urgent);
    } catch (const std::exception& error) {
        log::warn("relay_failed", {{"reason", error.what()}});
    }
    const SteadyTime end = steady_now();
    poll_at_ = end + options_.poll;
    const bool more = taken == options_.batch_max;
    if (more) urgent_ = true;
    if (!all) co_return;
    if (more) ordinary_ = true;
    const Milliseconds rest = pace_.rest_after(ceil<Milliseconds>(end - begin), oldest_age_);
    ordinary_from_ = end + std::max(rest, more ? Milliseconds{0} : options_.gather);
}

Task<void> Relay::wait(std::stop_token stop) {
    while (!urgent_ && !stop.stop_requested()) {
        const SteadyTime now = steady_now();
        const SteadyTime until = ordinary_ ? std::min(ordinary_from_, poll_at_) : poll_at_;
        if (now >= until) co_return;
        co_await wakeup_.wait(ceil<Milliseconds>(until - now));
    }
}

Task<void> Relay::run(std::stop_token stop) {
    const std::stop_callback on_stop{stop, [this] { wake(); }};
    while (!stop.stop_requested()) {
        co_await look();
        co_await wait(stop);
    }
}

}  // namespace doorbuster::events
