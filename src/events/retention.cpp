#include "events/retention.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "events/id_list.hpp"
#include "events/sql.hpp"
#include "events/wakeup.hpp"

namespace doorbuster::events {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kRestPerWork = 9;
constexpr Milliseconds kRestMax{200};

// The rows of one step.
struct Old {
    struct Memory {
        std::string consumer;
        std::vector<EventId> orphans;  // of events that are gone
    };
    std::vector<EventId> events;
    std::vector<Memory> memories;

    bool empty() const {
        return events.empty() && std::ranges::all_of(memories, [](const Memory& memory) {
                   return memory.orphans.empty();
               });
    }
};

EventId id_of(const sql::Row& row) { return row.id<EventId>(0); }

Old find_old(sql::Reader& reader, Time before, std::int64_t rows_max) {
    Old old;
    old.events = reader.all(queries::find_old_events, {before, rows_max}, id_of);
    const auto name_of = [](const sql::Row& row) { return row.string(0); };
    std::string after;
    // Consumers are few: one per subscription in the program.
    while (auto consumer = reader.find(queries::next_consumer, {after}, name_of)) {
        after = *consumer;
        auto orphans = reader.all(queries::find_orphans, {*consumer, before, rows_max}, id_of);
        old.memories.push_back({std::move(*consumer), std::move(orphans)});
    }
    return old;
}

std::int64_t remove(sql::Transaction& tx, const Old& old) {
    IdList events{tx.dialect()};
    for (const EventId id : old.events) events.add(id);
    std::int64_t gone = tx.execute(queries::delete_events, {events.text()});
    for (const Old::Memory& memory : old.memories) {
        IdList forgotten = events;
        for (const EventId id : memory.orphans) forgotten.add(id);
        gone += tx.execute(queries::delete_inbox, {memory.consumer, forgotten.text()});
    }
    return gone;
}

Task<void> rest(Steady::duration worked) {
    const auto length = std::chrono::ceil<Milliseconds>(worked) * kRestPerWork;
    Wakeup nobody;
    co_await nobody.wait(std::min(length, kRestMax));
}

}  // namespace

Task<std::int64_t> sweep(sql::Database& database, const Clock& clock, Retention retention) {
    const Time before = clock.now() - retention.keep;
    const auto look = [&](sql::Reader& reader) {
        return find_old(reader, before, retention.step_rows_max);
    };
    std::int64_t swept = 0;
    for (int i = 0; i < retention.steps_max; ++i) {
        const Old old = co_await database.read(look);
        if (old.empty()) break;
        const auto begin = Steady::now();
        const auto step = [&](sql::Transaction& tx) { return remove(tx, old); };
        swept += co_await database.write(step);
        co_await rest(Steady::now() - begin);
    }
    co_return swept;
}

}  // namespace doorbuster::events
