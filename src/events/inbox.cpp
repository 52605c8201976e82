#include "events/inbox.hpp"

#include <algorithm>

#include "events/id_list.hpp"
#include "events/sql.hpp"

namespace doorbuster::events {

std::vector<const Event*> claim(
    sql::Transaction& tx, std::string_view consumer, EventList events, Time now
) {
    IdList ids{tx.dialect()};
    for (const Event* event : events) ids.add(event->id);
    const auto id_of = [](const sql::Row& row) { return row.id<EventId>(0); };
    auto claimed = tx.all(queries::claim_events, {consumer, ids.text(), now}, id_of);
    std::vector<const Event*> fresh{events.begin(), events.end()};
    if (claimed.size() == fresh.size()) return fresh;
    std::ranges::sort(claimed);
    std::erase_if(fresh, [&](const Event* event) {
        return !std::ranges::binary_search(claimed, event->id);
    });
    return fresh;
}

}  // namespace doorbuster::events
