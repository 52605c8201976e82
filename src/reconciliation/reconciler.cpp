#include "reconciliation/reconciler.hpp"

#include <algorithm>

#include "payments/doubts.hpp"
#include "payments/provider_calls.hpp"
#include "ports/log.hpp"
#include "reconciliation/errors.hpp"
#include "reconciliation/run_store.hpp"

namespace doorbuster::reconciliation {

namespace {

using namespace std::chrono_literals;

// Rows of a bill that are looked up, and fees that are booked, in one transaction.
constexpr std::size_t kPiece = 2000;
constexpr sql::JobOptions kPatient{.wait_max = 60s};
constexpr Milliseconds kAskAgain = 30min;  // there is no bill yet
constexpr Milliseconds kLookAgain = 24h;   // something was open
constexpr auto kLookedAtFor = std::chrono::days{8};

// Deletes the file when the run is over, however it ends.
class TemporaryFile {
public:
    explicit TemporaryFile(std::filesystem::path path) : path_{std::move(path)} {}
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// What a fund bill says of money that came, went, or was kept.
struct Funds {
    Money paid;
    Money refunded;
    Money fees;
    void add(const BillRow& row) {
        if (row.kind == BillRow::Kind::payment && row.income) paid += row.amount;
        if (row.kind == BillRow::Kind::refund && !row.income) refunded += row.amount;
        if (row.kind == BillRow::Kind::fee) row.income ? fees -= row.amount : fees += row.amount;
    }
};

}  // namespace

// One bill while it is gone through.
struct Reconciler::Work {
    Work(Scope wanted, ReconciliationId id, Time started, const std::filesystem::path& folder)
        : scope{std::move(wanted)},
          trade{folder / ("bill-" + id.to_string() + "-trade")},
          fund{folder / ("bill-" + id.to_string() + "-fund")},
          matcher{scope} {
        run.id = id;
        run.started_at = started;
    }
    Scope scope;
    Reconciliation run;
    TemporaryFile trade;
    TemporaryFile fund;
    bool has_trade = false;
    bool has_fund = false;
    Matcher matcher;
    std::vector<Difference> of_funds;
};

Reconciler::Reconciler(Parts parts) : parts_{std::move(parts)}, books_{parts_.clock} {
    std::filesystem::create_directories(parts_.folder);
}

BillProvider* Reconciler::provider_named(std::string_view name) const {
    const auto named = [&](const BillProvider* provider) { return provider->name() == name; };
    const auto at = std::ranges::find_if(parts_.bills, named);
    return at == parts_.bills.end() ? nullptr : *at;
}

std::vector<std::string> Reconciler::providers() const {
    std::vector<std::string> names;
    for (const BillProvider* provider : parts_.bills) names.emplace_back(provider->name());
    return names;
}

Scope Reconciler::scope_of(const BillProvider& provider, BillDay day) {
    return {
        std::string{provider.name()}, std::string{provider.merchant()}, day, provider.refund_day()};
}

Task<Result<Report>> Reconciler::reconcile(std::string provider, BillDay day) {
    BillProvider* source = provider_named(provider);
    const Time started = parts_.clock.now();
    if (!source || end_of(day) > started) co_return kNoSuchBill;
    const Scope scope = scope_of(*source, day);
    const auto begin = [&](sql::Transaction& tx) { return store::begin(tx, scope, started); };
    const auto id = co_await parts_.database.write(begin);
    if (!id) co_return kReconciliationBusy;

    std::string failure;
    try {
        Work work{scope, *id, started, parts_.folder};
        failure = co_await fetch(*source, work);
        if (failure.empty()) {
            const auto read = [&] { return read_bills(*source, work), true; };
            auto reading = thread_.run(read);
            if (!co_await std::move(reading)) failure = "too much is going on";
        }
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (failure.empty()) co_await repair(scope, *id);
    const auto end = [&](sql::Transaction& tx) {
        const Time now = parts_.clock.now();
        store::finish(tx, *id, failure, now);
        const bool recent = std::chrono::sys_days{day} + kLookedAtFor > now;
        const auto again = now + (failure.empty() ? kLookAgain : kAskAgain);
        store::plan(tx, *id, recent ? std::optional{again} : std::nullopt);
    };
    co_await parts_.database.write(end);
    Report report = co_await read_report(*id);
    log::info(
        "reconciled",
        {{"provider", provider},
         {"day", to_string(day)},
         {"state", to_string(report.run.state)},
         {"open", report.run.open},
         {"failure", failure}}
    );
    co_return report;
}

// Empty: both files are here, or the provider says that there was nothing.
Task<std::string> Reconciler::fetch(BillProvider& provider, Work& work) {
    for (const BillKind kind : {BillKind::trade, BillKind::fund}) {
        const bool trade = kind == BillKind::trade;
        auto call =
            provider.download_bill(kind, work.scope.day, (trade ? work.trade : work.fund).path());
        const auto outcome = co_await payments::answer_of(std::move(call));
        if (!outcome.value) co_return payments::told(outcome.refused);
        (trade ? work.has_trade : work.has_fund) = !outcome.value->empty;
        (trade ? work.run.trade_hash : work.run.fund_hash) = outcome.value->sha256;
    }
    co_return std::string{};
}

// On the thread for it. Throws BadBill and what a database throws.
void Reconciler::read_bills(const BillProvider& provider, Work& work) {
    if (work.has_trade) {
        // Once to see that the file is whole, so that no row is acted on before.
        work.run.bill = provider.read_bill(BillKind::trade, work.trade.path(), [](const auto&) {});
        match(provider, work);
    }
    const auto look = [&](sql::Reader& reader) { return work.matcher.look_for_missing(reader); };
    while (parts_.database.read_blocking(look, kPatient)) {
    }
    if (work.has_trade || work.has_fund) compare_funds(provider, work);

    std::vector<Difference> found = work.matcher.differences();
    found.insert(found.end(), work.of_funds.begin(), work.of_funds.end());
    work.run.matched = work.matcher.tally();
    work.run.not_kept = work.matcher.not_kept();
    const auto keep = [&](sql::Transaction& tx) {
        store::keep(tx, work.run.id, found, work.run.started_at);
        store::keep_result(tx, work.run);
    };
    parts_.database.write_blocking(keep, kPatient);
}

void Reconciler::match(const BillProvider& provider, Work& work) {
    std::vector<BillRow> rows;
    rows.reserve(kPiece);
    const auto take = [&] {
        const auto match = [&](sql::Reader& reader) { return work.matcher.match(reader, rows); };
        book(work.scope, parts_.database.read_blocking(match, kPatient));
        rows.clear();
    };
    provider.read_bill(BillKind::trade, work.trade.path(), [&](const BillRow& row) {
        rows.push_back(row);
        if (rows.size() == kPiece) take();
    });
    take();
}

void Reconciler::book(const Scope& scope, const std::vector<FeeLine>& lines) {
    if (lines.empty()) return;
    std::vector<bookkeeping::Books::Fee> fees;
    fees.reserve(lines.size());
    for (const FeeLine& line : lines) fees.push_back({line.payment, line.refund, line.fee});
    const auto body = [&](sql::Transaction& tx) {
        books_.fees(tx, scope.provider, scope.merchant, fees);
    };
    parts_.database.write_blocking(body, kPatient);
}

// What moved on the account is what was traded. Coupons of the provider and refunds that take days
// may make them differ; a person then says why.
void Reconciler::compare_funds(const BillProvider& provider, Work& work) {
    Funds funds;
    const auto add = [&](const BillRow& row) { funds.add(row); };
    if (work.has_fund) provider.read_bill(BillKind::fund, work.fund.path(), add);
    const auto compare = [&](const char* what, Money trade, Money fund) {
        if (trade == fund) return;
        Difference told;
        told.subject = Subject::fund;
        told.kind = Kind::amount;
        told.number = what;
        told.ours = trade;
        told.theirs = fund;
        told.our_status = "trade bill";
        told.their_status = "fund bill";
        work.of_funds.push_back(std::move(told));
    };
    compare("payments", work.run.bill.paid, funds.paid);
    compare("refunds", work.run.bill.refunded, funds.refunded);
    compare("fees", work.run.bill.fees, funds.fees);
}

Task<Report> Reconciler::read_report(ReconciliationId id) {
    constexpr std::int64_t kPage = 1000;
    Report report;
    const auto read_run = [&](sql::Reader& reader) { return store::find(reader, id); };
    report.run = (co_await parts_.database.read(read_run)).value();
    for (bool more = true; more;) {
        const auto after =
            report.differences.empty() ? DifferenceId{} : report.differences.back().id;
        const auto read = [&](sql::Reader& reader) {
            return store::differences(reader, id, after, kPage);
        };
        auto page = co_await parts_.database.read(read);
        more = page.size() == static_cast<std::size_t>(kPage);
        std::ranges::move(page, std::back_inserter(report.differences));
    }
    co_return report;
}

Task<Result<Report>> Reconciler::report(std::string provider, BillDay day) {
    const BillProvider* source = provider_named(provider);
    if (!source) co_return kNoSuchBill;
    const Scope scope = scope_of(*source, day);
    const auto read = [&](sql::Reader& reader) { return store::find(reader, scope); };
    const auto id = co_await parts_.database.read(read);
    if (!id) co_return kReconciliationNotFound;
    co_return co_await read_report(*id);
}

Task<Result<Report>> Reconciler::report(ReconciliationId id) {
    const auto read = [&](sql::Reader& reader) { return store::find(reader, id).has_value(); };
    if (!co_await parts_.database.read(read)) co_return kReconciliationNotFound;
    co_return co_await read_report(id);
}

Result<Difference> Reconciler::resolve(
    sql::Transaction& tx, DifferenceId id, const std::string& note, UserId staff
) const {
    if (!store::find(tx, id)) return kDifferenceNotFound;
    const Time now = parts_.clock.now();
    const auto run = store::resolve(tx, id, note, staff, now);
    if (!run) return kDifferenceSettled;
    const auto before = store::find(tx, *run);
    // The last one that was open makes the run clean.
    if (before && before->state == State::differences) {
        store::finish(tx, *run, "", before->finished_at.value_or(now));
        store::plan(tx, *run, before->next_run_at);
    }
    const Difference resolved = store::find(tx, id).value();
    // What its refunds waited for.
    const bool held = resolved.kind == Kind::amount || resolved.kind == Kind::missing_there;
    if (held && resolved.payment) {
        payments::resolve_holds(tx, *resolved.payment, staff, note, now);
    }
    return resolved;
}

Task<std::optional<BillDay>> Reconciler::next_due(BillProvider& provider) {
    const Time now = parts_.clock.now();
    BillDay last = previous(day_of(now));
    if (ready_at(last) > now) last = previous(last);
    const Scope scope = scope_of(provider, last);
    const auto look = [&](sql::Reader& reader) -> std::optional<BillDay> {
        const auto first = store::first_payment(reader, scope);
        if (!first) return std::nullopt;
        BillDay day = std::max(
            std::chrono::sys_days{day_of(*first)},
            std::chrono::sys_days{last} - std::chrono::days{6}
        );
        for (; std::chrono::sys_days{day} <= std::chrono::sys_days{last}; day = next(day)) {
            if (!store::find(reader, scope_of(provider, day))) return day;
        }
        const auto due = store::due_days(reader, scope, now);
        return due.empty() ? std::nullopt : std::optional{due.front()};
    };
    co_return co_await parts_.database.read(look);
}

Task<bool> Reconciler::run_due() {
    bool did = false;
    for (BillProvider* provider : parts_.bills) {
        const auto day = co_await next_due(*provider);
        if (!day) continue;
        const auto report = co_await reconcile(std::string{provider->name()}, *day);
        did = did || report.has_value();
    }
    co_return did;
}

}  // namespace doorbuster::reconciliation
