#include "events/outbox.hpp"

#include "events/sql.hpp"

namespace doorbuster::events {

void Outbox::append(
    sql::Transaction& tx, std::string_view topic, std::string_view key, std::string_view payload
) const {
    tx.execute(queries::append_event, {topic, key, payload, clock_.now()});
    if (wake_) tx.after_commit(wake_);
}

}  // namespace doorbuster::events
