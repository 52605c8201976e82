#include "reconciliation/run_store.hpp"

#include "reconciliation/sql.hpp"

namespace doorbuster::reconciliation::store {

namespace {

constexpr Milliseconds kRunMax{3'600'000};

Reconciliation run_from(const sql::Row& row) {
    Reconciliation run;
    run.id = row.id<ReconciliationId>(0);
    run.provider = row.string(1);
    run.merchant = row.string(2);
    run.day = day_from(row.text(3)).value_or(BillDay{});
    run.state = state_from(row.text(4));
    run.started_at = row.time(5);
    run.finished_at = row.optional_time(6);
    run.runs = row.integer(7);
    run.next_run_at = row.optional_time(8);
    run.failure = row.string(9);
    run.trade_hash = row.string(10);
    run.fund_hash = row.string(11);
    run.bill = {row.integer(12), row.integer(14), row.money(13), row.money(15), row.money(16)};
    run.matched = {row.integer(17), row.money(18), row.integer(19), row.money(20)};
    run.not_kept = row.integer(21);
    run.open = row.integer(22);
    return run;
}

Difference difference_from(const sql::Row& row) {
    Difference difference;
    difference.id = row.id<DifferenceId>(0);
    difference.subject = subject_from(row.text(1));
    difference.kind = kind_from(row.text(2));
    difference.number = row.string(3);
    difference.transaction = row.string(4);
    difference.payment = row.optional_id<PaymentId>(5);
    difference.refund = row.optional_id<RefundId>(6);
    difference.ours = row.optional_money(7);
    difference.theirs = row.optional_money(8);
    difference.our_status = row.string(9);
    difference.their_status = row.string(10);
    difference.fee = row.money(11);
    difference.state = difference_state_from(row.text(12));
    difference.note = row.string(13);
    difference.found_at = row.time(14);
    difference.resolved_by = row.optional_id<UserId>(15);
    difference.resolved_at = row.optional_time(16);
    return difference;
}

void keep_one(sql::Transaction& tx, ReconciliationId id, const Difference& told, Time started_at) {
    tx.execute(
        queries::keep_difference,
        {id,
         to_string(told.subject),
         to_string(told.kind),
         told.number,
         told.transaction,
         told.payment,
         told.refund,
         told.ours,
         told.theirs,
         told.our_status,
         told.their_status,
         told.fee,
         to_string(told.state),
         told.note,
         started_at}
    );
}

}  // namespace

std::optional<ReconciliationId> begin(sql::Transaction& tx, const Scope& scope, Time now) {
    const auto id = [](const sql::Row& row) { return row.id<ReconciliationId>(0); };
    return tx.find(
        queries::begin_run,
        {scope.provider, scope.merchant, to_string(scope.day), now, now - kRunMax, now + kRunMax},
        id
    );
}

void keep(
    sql::Transaction& tx,
    ReconciliationId id,
    std::span<const Difference> differences,
    Time started_at
) {
    for (const Difference& told : differences) {
        keep_one(tx, id, told, started_at);
        if (told.kind != Kind::other_day) continue;
        const std::string note = "found in the bill of another day";
        if (told.subject == Subject::payment) {
            tx.execute(queries::settle_other_day_payment, {told.payment, note});
        } else {
            tx.execute(queries::settle_other_day_refund, {told.refund, note});
        }
    }
    tx.execute(queries::settle_unseen, {id, started_at});
}

void keep_result(sql::Transaction& tx, const Reconciliation& run) {
    tx.execute(
        queries::store_result,
        {run.id,
         run.trade_hash,
         run.fund_hash,
         run.bill.payments,
         run.bill.paid,
         run.bill.refunds,
         run.bill.refunded,
         run.bill.fees,
         run.matched.payments,
         run.matched.paid,
         run.matched.refunds,
         run.matched.refunded,
         run.not_kept}
    );
}

void finish(sql::Transaction& tx, ReconciliationId id, std::string_view failure, Time now) {
    tx.execute(queries::finish_run, {id, now, failure});
}

void plan(sql::Transaction& tx, ReconciliationId id, std::optional<Time> next_run) {
    tx.execute(queries::plan_run, {id, next_run});
}

void note_repair(
    sql::Transaction& tx, DifferenceId id, Difference::State state, std::string_view note
) {
    tx.execute(queries::note_repair, {id, to_string(state), note});
}

std::optional<ReconciliationId> resolve(
    sql::Transaction& tx, DifferenceId id, std::string_view note, UserId staff, Time now
) {
    const auto run = [](const sql::Row& row) { return row.id<ReconciliationId>(0); };
    return tx.find(queries::resolve, {id, note, staff, now}, run);
}

std::optional<Reconciliation> find(sql::Reader& reader, ReconciliationId id) {
    return reader.find(queries::find_run, {id}, run_from);
}

std::optional<ReconciliationId> find(sql::Reader& reader, const Scope& scope) {
    const auto id = [](const sql::Row& row) { return row.id<ReconciliationId>(0); };
    return reader.find(
        queries::find_day, {scope.provider, scope.merchant, to_string(scope.day)}, id
    );
}

Listing list(sql::Reader& reader, std::int64_t limit, std::int64_t offset) {
    const auto count = [](const sql::Row& row) { return row.integer(0); };
    return {
        reader.all(queries::list_runs, {limit, offset}, run_from),
        reader.find(queries::count_runs, {}, count).value_or(0)};
}

std::vector<Difference> differences(
    sql::Reader& reader, ReconciliationId id, DifferenceId after, std::int64_t limit
) {
    return reader.all(queries::list_differences, {id, after, limit}, difference_from);
}

std::vector<Difference> open_differences(
    sql::Reader& reader, ReconciliationId id, std::int64_t limit
) {
    return reader.all(queries::list_open_differences, {id, limit}, difference_from);
}

std::optional<Difference> find(sql::Reader& reader, DifferenceId id) {
    return reader.find(queries::find_difference, {id}, difference_from);
}

Backlog waiting(sql::Reader& reader) {
    const auto backlog = [](const sql::Row& row) {
        return Backlog{row.integer(0), row.optional_time(1)};
    };
    return reader.find(queries::count_open, {Backlog::kCountMax}, backlog).value();
}

Backlog failed(sql::Reader& reader) {
    Backlog backlog;
    reader.query(queries::list_failed_days, {Backlog::kCountMax}, [&](const sql::Row& row) {
        const auto day = day_from(row.text(0));
        if (backlog.count++ == 0 && day) backlog.oldest = ready_at(*day);
    });
    return backlog;
}

std::vector<BillDay> due_days(sql::Reader& reader, const Scope& scope, Time now) {
    const auto day = [](const sql::Row& row) { return day_from(row.text(0)).value_or(BillDay{}); };
    return reader.all(queries::list_due_days, {scope.provider, scope.merchant, now}, day);
}

std::optional<Time> first_payment(sql::Reader& reader, const Scope& scope) {
    const auto time = [](const sql::Row& row) { return row.optional_time(0); };
    const auto first =
        reader.find(queries::find_first_payment, {scope.provider, scope.merchant}, time);
    return first ? *first : std::nullopt;
}

}  // namespace doorbuster::reconciliation::store
