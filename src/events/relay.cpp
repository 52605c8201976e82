#include "events/relay.hpp"

#include <algorithm>
#include <string>

#include "events/bounded.hpp"
#include "events/sql.hpp"
#include "ports/log.hpp"

namespace doorbuster::events {
namespace {

constexpr sql::JobOptions kUrgent{.urgent = true};
constexpr std::int64_t kAttemptsBeforeAlarm = 5;

// The ids of one batch as the one parameter of mark_published.
class IdList {
public:
    explicit IdList(sql::Dialect dialect) : json_{dialect == sql::Dialect::sqlite} {}
    void add(EventId id) {
        if (!ids_.empty()) ids_ += ',';
        ids_ += id.to_string();
    }
    bool empty() const { return ids_.empty(); }
    std::string text() const { return json_ ? '[' + ids_ + ']' : '{' + ids_ + '}'; }

private:
    bool json_;
    std::string ids_;
};

}  // namespace

Relay::Relay(sql::Database& database, EventBus& bus, const Clock& clock, RelayOptions options)
    : database_{database}, bus_{bus}, clock_{clock}, options_{options} {}

Task<std::vector<Relay::Due>> Relay::take_due() {
    const auto due_of = [](const sql::Row& row) {
        Event event{row.id<EventId>(0), row.string(1), row.string(2), row.string(3), row.time(4)};
        return Due{std::move(event), row.integer(5)};
    };
    const Time now = clock_.now();
    std::vector<Due> batch;
    if (database_.shared()) {
        const auto take = [&](sql::Transaction& tx) {
            const Time lease_end = now + options_.lease;
            return tx.all(queries::take_due, {now, options_.batch_max, lease_end}, due_of);
        };
        batch = co_await database_.write(take, kUrgent);
    } else {
        // The only process that writes here is this one, so nothing has to be taken by a write.
        const auto find = [&](sql::Reader& reader) {
            return reader.all(queries::find_due, {now, options_.batch_max}, due_of);
        };
        batch = co_await database_.read(find, kUrgent);
    }
    std::ranges::sort(batch, {}, [](const Due& due) { return due.event.id; });
    co_return batch;
}

Task<void> Relay::publish(Due& due) {
    try {
        co_await bus_.publish(due.event);
        due.published = true;
    } catch (const std::exception& error) {
        const auto line = due.attempts < kAttemptsBeforeAlarm ? &log::warn : &log::error;
        line(
            "event_not_published",
            {{"event", due.event.id},
             {"topic", due.event.topic},
             {"attempts", due.attempts + 1},
             {"reason", error.what()}}
        );
    }
}

Milliseconds Relay::delay_after(std::int64_t failures) const {
    // Beyond 30 doublings the limit is reached whatever the first delay is.
    const auto doublings = std::min<std::int64_t>(failures, 30);
    return std::min(options_.retry_max, options_.retry_first * (std::int64_t{1} << doublings));
}

Task<void> Relay::mark(const std::vector<Due>& batch) {
    const auto write = [&](sql::Transaction& tx) {
        const Time now = clock_.now();
        IdList published{tx.dialect()};
        for (const Due& due : batch) {
            if (due.published) {
                published.add(due.event.id);
            } else {
                tx.execute(queries::put_off, {due.event.id, now + delay_after(due.attempts)});
            }
        }
        if (!published.empty()) tx.execute(queries::mark_published, {now, published.text()});
    };
    co_await database_.write(write, kUrgent);
}

Task<std::size_t> Relay::run_once() {
    std::vector<Due> batch = co_await take_due();
    if (batch.empty()) co_return 0;
    const auto publish_one = [&](std::size_t index) { return publish(batch[index]); };
    co_await for_each_bounded(batch.size(), options_.at_once_max, publish_one);
    co_await mark(batch);
    co_return batch.size();
}

Task<void> Relay::run(std::stop_token stop) {
    const std::stop_callback on_stop{stop, [this] { wake(); }};
    while (!stop.stop_requested()) {
        std::size_t tried = 0;
        try {
            tried = co_await run_once();
        } catch (const std::exception& error) {
            log::warn("relay_failed", {{"reason", error.what()}});
        }
        // A full batch means that more is waiting; a failed one is tried again after a pause.
        if (tried < options_.batch_max) co_await wakeup_.wait(options_.poll);
    }
}

}  // namespace doorbuster::events
