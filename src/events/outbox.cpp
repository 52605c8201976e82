#include "events/outbox.hpp"

#include "events/sql.hpp"

namespace doorbuster::events {

void Outbox::append(
    sql::Transaction& tx, std::string_view topic, std::string_view key, std::string_view payload
) const {
    tx.execute(queries::append_event, {topic, key, payload, clock_.now()});
    if (wake_) tx.after_commit(wake_);
}

Backlog unpublished(sql::Reader& reader) {
    const auto read = [](const sql::Row& row) {
        return Backlog{row.integer(0), row.optional_time(1)};
    };
    return reader.find(queries::count_unpublished, {Backlog::kCountMax}, read).value();
}

}  // namespace doorbuster::events
