// A day's bill of very many payments, and what going through it takes. DATABASE is a file of SQLite
// or says how to reach a PostgreSQL database; keys as of payment_notifications.
//
//   payments PROVIDER COUNT DATABASE     migrates; COUNT payments of one day, with their refunds
//   bills FOLDER PROVIDER COUNT          the provider's bills of that day
//   reconcile FOLDER PROVIDER DATABASE   goes through them as `doorbuster reconcile` does, in work/
//                                        and with keys/ in FOLDER; prints what it took
//
// The bills are written as the simulator writes them: every payment has a fee, one in a hundred a
// refund, and four in a thousand something that does not agree. Prints `name value` lines.
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "adapters/alipay/provider.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "events/outbox.hpp"
#include "http/event_loops.hpp"
#include "payment_setup.hpp"
#include "raw_sqlite.hpp"
#include "reconciliation/reconciler.hpp"
#include "sandbox/alipay/bill.hpp"
#include "sandbox/wechat_pay/bill.hpp"

namespace {

using namespace doorbuster;
namespace fs = std::filesystem;
using bench::Parties;
using bench::Provider;
using bench::Trade;
using reconciliation::BillDay;

// Old enough for a bill whatever the time of day.
constexpr BillDay kDay{std::chrono::year{2026}, std::chrono::month{11}, std::chrono::day{2}};

// ---- the day -----------------------------------------------------------------------------------

// One payment in a thousand each.
bool is_unknown_here(std::int64_t number) { return number % 1000 == 1; }
bool is_missing_there(std::int64_t number) { return number % 1000 == 2; }
bool has_other_amount(std::int64_t number) { return number % 1000 == 3; }
bool has_other_transaction(std::int64_t number) { return number % 1000 == 4; }
bool is_refunded(std::int64_t number) { return number % 100 == 50; }

struct Billed {
    std::string out_trade_no;
    std::string transaction;
    Money amount;
    Money fee;
    Time at;
    std::int64_t number;
};

std::string refund_number(std::int64_t number) { return "RF" + Trade{number}.out_trade_no; }
Money refunded_of(const Money& amount) { return Money::fen(amount.fen() / 2); }

std::vector<Billed> billed(const setup::Batch& batch) {
    std::vector<Billed> rows;
    for (std::int64_t i = 0; i < batch.count; ++i) {
        const std::int64_t number = batch.first + i;
        if (is_missing_there(number)) continue;
        Trade trade{number};
        if (is_unknown_here(number)) trade.out_trade_no[0] = '_';
        if (has_other_transaction(number)) trade.transaction[0] = '5';
        const Money other = Money::fen(has_other_amount(number) ? 1 : 0);
        const Money amount = trade.amount + other;
        const Money fee = Money::fen((amount.fen() * 6 + 500) / 1000);
        const Time at = setup::paid_at(batch, number);
        rows.push_back({trade.out_trade_no, trade.transaction, amount, fee, at, number});
    }
    return rows;
}

void make_refunds(sql::Database& database, const setup::Batch& batch) {
    using sql::ColumnType;
    static constexpr sql::BulkInsert::Column kColumns[] = {
        {"payment_id", ColumnType::integer},
        {"provider", ColumnType::text},
        {"merchant", ColumnType::text},
        {"out_refund_no", ColumnType::text},
        {"refund_id", ColumnType::text},
        {"origin", ColumnType::text},
        {"state", ColumnType::text},
        {"amount", ColumnType::integer},
        {"kept", ColumnType::integer},
        {"reason", ColumnType::text},
        {"asked_by", ColumnType::text},
        {"created_at", ColumnType::integer},
        {"sent_at", ColumnType::integer},
        {"settled_at", ColumnType::integer}};
    static constexpr sql::BulkInsert kInsert{"bench.refunds", "refunds", kColumns};
    const std::string merchant = Parties::merchant_of(batch.provider);
    database.write_blocking([&](sql::Transaction& tx) {
        for (std::int64_t i = 0; i < batch.count; ++i) {
            const std::int64_t number = batch.first + i;
            if (!is_refunded(number)) continue;
            const std::string name = refund_number(number);
            const Money amount = refunded_of(Trade{number}.amount);
            const Time at = setup::paid_at(batch, number) + Milliseconds{60'000};
            const std::initializer_list<sql::Param> row{
                number,
                bench::name_of(batch.provider),
                merchant,
                name,
                name,
                "staff",
                "succeeded",
                amount,
                1,
                "return",
                "u1",
                at,
                at,
                at};
            tx.insert_many(kInsert, std::span{row.begin(), row.size()});
        }
    });
}

// ---- its bills ---------------------------------------------------------------------------------

std::vector<sandbox::Entry> entries_of(const std::vector<Billed>& rows) {
    std::vector<sandbox::Entry> entries;
    std::int64_t id = 0;
    const auto add = [&](const Billed& row, const char* kind, Money amount) {
        sandbox::Entry entry;
        entry.id = ++id;
        entry.at = row.at;
        entry.kind = kind;
        const bool refund = std::string_view{kind} == "refund";
        entry.reference = refund ? refund_number(row.number) : row.transaction;
        entry.merchant_no = refund ? refund_number(row.number) : row.out_trade_no;
        entry.amount = amount;
        entries.push_back(std::move(entry));
    };
    for (const Billed& row : rows) {
        add(row, "payment", row.amount);
        add(row, "fee", Money{} - row.fee);
        if (is_refunded(row.number)) {
            add(row, "refund", Money{} - refunded_of(Trade{row.number}.amount));
        }
    }
    return entries;
}

void save(const fs::path& file, const std::string& bytes) {
    std::ofstream out{file, std::ios::binary};
    out << bytes;
    if (!out.flush()) throw std::runtime_error{file.string() + " cannot be written"};
}

void write_wechat_bills(const fs::path& folder, const std::vector<Billed>& rows) {
    namespace theirs = sandbox::wechat_pay;
    sandbox::MerchantSide merchant{};
    merchant.appid = Parties::seller_of(Provider::wechat_pay);
    merchant.mchid = Parties::merchant_of(Provider::wechat_pay);
    std::vector<theirs::Trade> payments;
    std::vector<theirs::BilledRefund> refunds;
    for (const Billed& row : rows) {
        theirs::Trade trade{};
        trade.out_trade_no = row.out_trade_no;
        trade.transaction_id = row.transaction;
        trade.description = "手冲咖啡壶 Pour-over kettle";
        trade.payer = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
        trade.total = trade.payer_total = row.amount;
        trade.fee = row.fee;
        trade.paid_at = row.at;
        if (is_refunded(row.number)) {
            theirs::Refund refund{};
            refund.out_refund_no = refund.refund_id = refund_number(row.number);
            refund.amount = refund.payer_refund = refunded_of(Trade{row.number}.amount);
            refund.state = "SUCCESS";
            refund.created_at = row.at + Milliseconds{60'000};
            refunds.push_back({refund, trade});
        }
        payments.push_back(std::move(trade));
    }
    const std::string trade_text =
        theirs::trade_bill(theirs::TradeBillType::all, merchant, payments, refunds);
    save(folder / "trade", sandbox::gzip(trade_text));
    save(folder / "fund", sandbox::gzip(theirs::fund_bill(merchant, entries_of(rows), Money{})));
}

void write_alipay_bills(const fs::path& folder, const std::vector<Billed>& rows) {
    namespace theirs = sandbox::alipay;
    const theirs::BillFrame frame{
        Parties::merchant_of(Provider::alipay),
        reconciliation::to_string(kDay),
        reconciliation::ready_at(kDay)};
    std::vector<theirs::Trade> payments;
    std::vector<theirs::BilledRefund> refunds;
    for (const Billed& row : rows) {
        theirs::Trade trade{};
        trade.trade_no = row.transaction;
        trade.terms.out_trade_no = row.out_trade_no;
        trade.terms.subject = "手冲咖啡壶 Pour-over kettle";
        trade.terms.total = trade.payer_total = row.amount;
        trade.terms.created_at = row.at;
        trade.buyer = "buyer@example.com";
        trade.fee = row.fee;
        trade.paid_at = row.at;
        if (is_refunded(row.number)) {
            theirs::Refund refund{};
            refund.out_request_no = refund_number(row.number);
            refund.amount = refund.payer_refund = refunded_of(Trade{row.number}.amount);
            refund.settled_at = row.at + Milliseconds{60'000};
            refunds.push_back({refund, trade});
        }
        payments.push_back(std::move(trade));
    }
    save(folder / "trade", sandbox::zip(theirs::trade_bill(frame, payments, refunds)));
    save(folder / "fund", sandbox::zip(theirs::fund_bill(frame, entries_of(rows), Money{})));
}

setup::Batch batch_of(Provider provider, std::int64_t count) {
    return {provider, 1, count, true, reconciliation::begin_of(kDay)};
}

void make_payments(Provider provider, std::int64_t count, const std::string& name) {
    const auto database = setup::open(name, true);
    raw::migrate(*database);
    setup::make_payments(*database, batch_of(provider, count));
    make_refunds(*database, batch_of(provider, count));
    const sql::Statement analyze{"bench.analyze", "ANALYZE", "ANALYZE"};
    database->write_blocking([&](sql::Transaction& tx) { tx.execute(analyze, {}); });
}

void write_bills(const fs::path& folder, Provider provider, std::int64_t count) {
    fs::create_directories(folder);
    const auto rows = billed(batch_of(provider, count));
    if (provider == Provider::wechat_pay) write_wechat_bills(folder, rows);
    if (provider == Provider::alipay) write_alipay_bills(folder, rows);
}

// ---- going through it --------------------------------------------------------------------------

// The provider's reader on files that are here already.
class BillsInFolder final : public BillProvider {
public:
    BillsInFolder(const BillProvider& reader, fs::path folder)
        : reader_{reader}, folder_{std::move(folder)} {}

    std::string_view name() const override { return reader_.name(); }
    std::string_view merchant() const override { return reader_.merchant(); }
    RefundDay refund_day() const override { return reader_.refund_day(); }

    Task<PaymentProvider::Outcome<Downloaded>> download_bill(
        BillKind kind, std::chrono::year_month_day, const fs::path& file
    ) override {
        fs::create_hard_link(folder_ / (kind == BillKind::trade ? "trade" : "fund"), file);
        PaymentProvider::Outcome<Downloaded> outcome;
        outcome.value = Downloaded{false, "not measured"};
        co_return outcome;
    }
    BillSummary read_bill(
        BillKind kind, const fs::path& file, const std::function<void(const BillRow&)>& row
    ) const override {
        return reader_.read_bill(kind, file, row);
    }

private:
    const BillProvider& reader_;
    const fs::path folder_;
};

// Nobody answers, so that what is asked about differences is over at once.
class NoAnswer final : public HttpClient {
public:
    Task<OutboundResponse> send(OutboundRequest) override {
        throw Failed{"there is no provider", false};
        co_return OutboundResponse{};
    }
};

template <class Live>
struct Side {
    Side(sql::Database& database, Live& live, const fs::path& folder)
        : bills{live, folder},
          payments{database, clock, random, outbox, {&live}, std::string{setup::kApp}},
          refunds{database, clock, outbox, {&live}, std::string{setup::kApp}},
          reconciler{{database, clock, payments, refunds, {&bills}, folder / "work"}} {}
    SystemClock clock;
    SystemRandom random;
    events::Outbox outbox{clock};
    BillsInFolder bills;
    payments::PaymentService payments;
    refunds::RefundService refunds;
    reconciliation::Reconciler reconciler;
};

double peak_mebibytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_maxrss) / 1024;
}

template <class Live>
void reconcile(const fs::path& folder, Live& live, sql::Database& database) {
    Side<Live> side{database, live, folder};
    http::EventLoops loops{1};
    loops.start();
    std::optional<Result<reconciliation::Report>> report;
    const auto work = [&]() -> Task<void> {
        report.emplace(co_await side.reconciler.reconcile(std::string{live.name()}, kDay));
    };
    const auto begin = side.clock.steady();
    boost::asio::co_spawn(loops.executor(0), work, boost::asio::use_future).get();
    const std::chrono::duration<double> took = side.clock.steady() - begin;
    loops.stop();
    const reconciliation::Reconciliation& run = report->value().run;
    if (!run.failure.empty()) throw std::runtime_error{run.failure};
    std::printf("seconds %.2f\n", took.count());
    std::printf("peak_mebibytes %.1f\n", peak_mebibytes());
    std::printf("rows %lld\n", static_cast<long long>(run.bill.payments + run.bill.refunds));
    std::printf(
        "matched %lld\n", static_cast<long long>(run.matched.payments + run.matched.refunds)
    );
    std::printf("differences %zu\n", report->value().differences.size());
}

void reconcile(const fs::path& folder, Provider provider, const char* name) {
    const Parties parties{folder / "keys"};
    const auto database = setup::open(name);
    const SystemClock clock;
    SystemRandom random;
    NoAnswer http;
    if (provider == Provider::wechat_pay) {
        wechat_pay::WechatPay live{parties.wechat_config(), http, clock, random};
        reconcile(folder, live, *database);
    } else {
        alipay::Alipay live{parties.alipay_config(), http, clock};
        reconcile(folder, live, *database);
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string what = argc > 4 ? argv[1] : "";
        if (what == "payments") {
            make_payments(bench::provider_named(argv[2]), std::atoll(argv[3]), argv[4]);
        } else if (what == "bills") {
            write_bills(argv[2], bench::provider_named(argv[3]), std::atoll(argv[4]));
        } else if (what == "reconcile") {
            reconcile(argv[2], bench::provider_named(argv[3]), argv[4]);
        } else {
            throw std::runtime_error{"payments, bills or reconcile; see the source"};
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bill_day: %s\n", error.what());
        return 1;
    }
}
