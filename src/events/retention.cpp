#include "events/retention.hpp"

#include <optional>
#include <string>

#include "events/sql.hpp"

namespace doorbuster::events {
namespace {

std::int64_t sweep_inbox(sql::Transaction& tx, Time before, std::int64_t rows_max) {
    const auto name_of = [](const sql::Row& row) { return row.string(0); };
    std::int64_t swept = 0;
    std::string after;
    // Consumers are few: one per subscription in the program.
    while (auto consumer = tx.find(queries::next_consumer, {after}, name_of)) {
        swept += tx.execute(queries::sweep_inbox, {*consumer, before, rows_max});
        after = std::move(*consumer);
    }
    return swept;
}

}  // namespace

Task<std::int64_t> sweep(sql::Database& database, const Clock& clock, Retention retention) {
    const Time before = clock.now() - retention.keep;
    const auto step = [&](sql::Transaction& tx) {
        const auto events = tx.execute(queries::sweep_outbox, {before, retention.step_rows_max});
        return events + sweep_inbox(tx, before, retention.step_rows_max);
    };
    std::int64_t swept = 0;
    for (int i = 0; i < retention.steps_max; ++i) {
        const std::int64_t rows = co_await database.write(step);
        if (rows == 0) break;
        swept += rows;
    }
    co_return swept;
}

}  // namespace doorbuster::events
