#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ports/backlog.hpp"
#include "ports/sql.hpp"
#include "reconciliation/reconciliation.hpp"

// Rows <-> values, inside a caller's transaction.
namespace doorbuster::reconciliation::store {

// Nothing: somebody is at it already. One that has died is due again an hour after it began.
std::optional<ReconciliationId> begin(sql::Transaction& tx, const Scope& scope, Time now);

// What a run has found. What it did not find again is settled; what a person resolved stays so.
void keep(
    sql::Transaction& tx,
    ReconciliationId id,
    std::span<const Difference> differences,
    Time started_at
);
// The numbers of `run`: hashes, sums of the bill, what matched.
void keep_result(sql::Transaction& tx, const Reconciliation& run);
// `failure` is empty for a run that went through.
void finish(sql::Transaction& tx, ReconciliationId id, std::string_view failure, Time now);
// When it is gone through again; never by itself when it is clean.
void plan(sql::Transaction& tx, ReconciliationId id, std::optional<Time> next_run);

// Nothing happens to a difference that is no longer open.
void note_repair(
    sql::Transaction& tx, DifferenceId id, Difference::State state, std::string_view note
);
// The run that it belongs to; nothing when it is not open.
std::optional<ReconciliationId> resolve(
    sql::Transaction& tx, DifferenceId id, std::string_view note, UserId staff, Time now
);

std::optional<Reconciliation> find(sql::Reader& reader, ReconciliationId id);
std::optional<ReconciliationId> find(sql::Reader& reader, const Scope& scope);
struct Listing {
    std::vector<Reconciliation> runs;  // the latest day first
    std::int64_t total = 0;
};
Listing list(sql::Reader& reader, std::int64_t limit, std::int64_t offset);
// In the order of their ids, those after `after`.
std::vector<Difference> differences(
    sql::Reader& reader, ReconciliationId id, DifferenceId after, std::int64_t limit
);
std::vector<Difference> open_differences(
    sql::Reader& reader, ReconciliationId id, std::int64_t limit
);
std::optional<Difference> find(sql::Reader& reader, DifferenceId id);
Backlog waiting(sql::Reader& reader);
// Days of the last week whose run failed; one waits since its bill should have been there.
Backlog failed(sql::Reader& reader);

std::vector<BillDay> due_days(sql::Reader& reader, const Scope& scope, Time now);
std::optional<Time> first_payment(sql::Reader& reader, const Scope& scope);

}  // namespace doorbuster::reconciliation::store
