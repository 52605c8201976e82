#include "events/outbox.hpp"

#include <vector>

#include "events/sql.hpp"

namespace doorbuster::events {

namespace {

constexpr auto kText = sql::ColumnType::text;
constexpr sql::BulkInsert::Column kColumns[] = {
    {"topic", kText},
    {"key", kText},
    {"payload", kText},
    {"created_at", sql::ColumnType::integer},
    {"rank", sql::ColumnType::integer}};
constexpr sql::BulkInsert kInsert{"events.append_events", "outbox", kColumns};

int rank_of(Urgency urgency) { return urgency == Urgency::urgent ? 0 : 1; }

}  // namespace

void Outbox::append(
    sql::Transaction& tx,
    std::string_view topic,
    std::string_view key,
    std::string_view payload,
    Urgency urgency
) const {
    tx.execute(queries::append_event, {topic, key, payload, clock_.now(), rank_of(urgency)});
    wake_after(tx, urgency);
}

void Outbox::append_many(
    sql::Transaction& tx, std::string_view topic, std::span<const Entry> entries, Urgency urgency
) const {
    if (entries.empty()) return;
    const Time now = clock_.now();
    std::vector<sql::Param> rows;
    rows.reserve(entries.size() * std::size(kColumns));
    for (const Entry& entry : entries) {
        rows.insert(rows.end(), {topic, entry.key, entry.payload, now, rank_of(urgency)});
    }
    tx.insert_many(kInsert, rows);
    wake_after(tx, urgency);
}

void Outbox::wake_after(sql::Transaction& tx, Urgency urgency) const {
    if (wake_) tx.after_commit([this, urgency] { wake_(urgency); });
}

Backlog unpublished(sql::Reader& reader) {
    const auto read = [](const sql::Row& row) {
        return Backlog{row.integer(0), row.optional_time(1)};
    };
    return reader.find(queries::count_unpublished, {Backlog::kCountMax}, read).value();
}

}  // namespace doorbuster::events
