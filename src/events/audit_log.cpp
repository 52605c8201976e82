#include "events/audit_log.hpp"

#include "events/sql.hpp"

namespace doorbuster::events {

void AuditLog::append(
    sql::Transaction& tx,
    std::optional<UserId> actor,
    std::string_view action,
    std::string_view subject,
    std::string_view detail
) const {
    tx.execute(queries::insert_audit_entry, {clock_.now(), actor, action, subject, detail});
}

AuditLog::Listing AuditLog::list(
    sql::Reader& reader, const Filter& filter, std::int64_t offset, std::int64_t limit
) const {
    const auto entry = [](const sql::Row& row) {
        return Entry{
            row.integer(0),
            row.time(1),
            row.optional_id<UserId>(2),
            row.string(3),
            row.string(4),
            row.string(5)};
    };
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    Listing listing;
    listing.entries = reader.all(
        queries::list_audit_entries, {filter.actor, filter.subject, limit, offset}, entry
    );
    listing.total =
        reader.find(queries::count_audit_entries, {filter.actor, filter.subject}, number)
            .value_or(0);
    return listing;
}

}  // namespace doorbuster::events
