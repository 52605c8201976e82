#include "events/inbox.hpp"

#include "events/sql.hpp"

namespace doorbuster::events {

bool claim(sql::Transaction& tx, std::string_view consumer, EventId event, Time now) {
    return tx.execute(queries::claim_event, {consumer, event, now}) == 1;
}

}  // namespace doorbuster::events
