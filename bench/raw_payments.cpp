#include "raw_payments.hpp"

#include <vector>

#include "bookkeeping/sql.hpp"
#include "events/sql.hpp"
#include "payment_setup.hpp"
#include "payments/sql.hpp"
#include "raw_postgres.hpp"
#include "raw_sqlite.hpp"

namespace doorbuster::bench {

namespace {

// What differs from notification to notification, made before the clock runs.
struct Row {
    explicit Row(Trade the_trade) : trade{std::move(the_trade)} {}
    Trade trade;
    std::string id, body, subject, payload;
};

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr std::string_view kHeaders =
    R"({"wechatpay-timestamp":"1790000000","wechatpay-nonce":"0123456789abcdef0123456789abcdef",)"
    R"("wechatpay-serial":"PUB_KEY_ID_0000000000000024101100397200000006",)"
    R"("wechatpay-signature":")";

std::vector<Row> rows_of(const RawRows& wanted) {
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < wanted.count; ++i) {
        Row row{Trade{wanted.first + i}};
        // As long as a notification; the signature costs a fifth of a millisecond, and is left out.
        row.id = "EV-" + row.trade.out_trade_no;
        row.body = std::string(wanted.provider == Provider::wechat_pay ? 980 : 1240, 'x');
        row.body.replace(0, row.id.size(), row.id);
        const std::string number = std::to_string(row.trade.number);
        row.subject = "payment " + number;
        row.payload = R"({"payment":")" + number + R"(","app":"bench","reference":")" +
                      row.trade.reference + R"(","provider":"wechat_pay","amount":)" +
                      std::to_string(row.trade.amount.fen()) + R"(,"transaction":")" +
                      row.trade.transaction +
                      R"(","paid_at":"2026-11-23T10:05:02.000Z","late":false,"duplicate":false})";
        rows.push_back(std::move(row));
    }
    return rows;
}

struct Frame {
    std::string provider;
    std::string merchant;
    std::string headers;
};

Frame frame_of(const RawRows& wanted) {
    const bool wechat = wanted.provider == Provider::wechat_pay;
    return {
        std::string{name_of(wanted.provider)},
        Parties::merchant_of(wanted.provider),
        wechat ? std::string{kHeaders} + std::string(344, 'A') + "\"}" : "{}"};
}

// The product's own statements.
class Sqlite {
public:
    Sqlite(sqlite3* db, const Frame& frame)
        : frame_{frame},
          begin_{db, "BEGIN IMMEDIATE"},
          commit_{db, "COMMIT"},
          payment_{db, payments::queries::update_payment.sqlite},
          reference_{db, payments::queries::answer_reference.sqlite},
          notification_{db, payments::queries::store_notification.sqlite},
          post_{db, bookkeeping::queries::post.sqlite},
          outbox_{db, events::queries::append_event.sqlite} {}

    // A table after the other, so that its pages stay in the processor's caches.
    void write(const Row* rows, std::size_t count) {
        const auto each = [&](auto&& write_one) {
            for (const Row* row = rows; row != rows + count; ++row) write_one(*row, row->trade);
        };
        begin_();
        each([&](const Row&, const Trade& trade) { update(trade); });
        each([&](const Row&, const Trade& trade) { reference_(app_, trade.reference, succeeded_); }
        );
        each([&](const Row& row, const Trade& trade) {
            const std::vector<char> body{row.body.begin(), row.body.end()};
            notification_(frame_.provider, row.id, kNow, frame_.headers, body, paid_, trade.number);
        });
        each([&](const Row& row, const Trade&) { post(row, sale_, receivable_, sales_); });
        each([&](const Row& row, const Trade&) { post(row, received_, clearing_, receivable_); });
        each([&](const Row& row, const Trade& trade) {
            outbox_(topic_, trade.reference, row.payload, kNow, 0);
        });
        commit_();
    }

private:
    void update(const Trade& trade) {
        payment_(
            trade.number,
            pending_,
            paid_,
            trade.transaction,
            code_,
            nullptr,
            nullptr,
            0,
            0,
            0,
            0,
            kNow,
            nullptr,
            nullptr,
            0,
            nullptr,
            nullptr,
            nullptr
        );
    }
    void post(
        const Row& row, const std::string& kind, const std::string& debit, const std::string& credit
    ) {
        const Trade& trade = row.trade;
        post_(
            kind,
            row.subject,
            trade.number,
            frame_.provider,
            frame_.merchant,
            debit,
            credit,
            trade.amount.fen(),
            kNow
        );
    }

    const Frame frame_;
    raw::Statement begin_, commit_, payment_, reference_, notification_, post_, outbox_;
    const std::string app_{setup::kApp},
        pending_ = "pending", paid_ = "paid", code_ = "weixin://wxpay/bizpayurl?pr=bench",
        succeeded_ = "succeeded", sale_ = "sale", received_ = "received",
        receivable_ = "receivable", sales_ = "sales", clearing_ = "clearing",
        topic_ = "payment.succeeded";
};

// A batch is one round trip: each statement takes one binary array a column.
class Postgres {
public:
    Postgres(const std::string& conninfo, const Frame& frame) : pipeline_{conninfo} {
        const std::string from = frame.provider + "', '" + frame.merchant;
        const std::string at = std::to_string(kNow);
        pipeline_.prepare("begin", "BEGIN");
        pipeline_.prepare("commit", "COMMIT");
        pipeline_.prepare(
            "payments",
            "UPDATE payments SET state = 'paid', transaction_id = r.t, paid_at = " + at +
                ", query_count = 0, next_query_at = NULL FROM unnest($1::bigint[], $2::text[]) "
                "AS r(id, t) WHERE payments.id = r.id AND state = 'pending'"
        );
        pipeline_.prepare(
            "references",
            "UPDATE payment_references SET answered = 'succeeded' FROM unnest($1::text[]) AS r(x) "
            "WHERE app = 'bench' AND reference = r.x AND answered IS NULL"
        );
        pipeline_.prepare(
            "notifications",
            "INSERT INTO payment_notifications (provider, notification_id, received_at, headers, "
            "body, verdict, payment_id) SELECT '" +
                frame.provider + "', i, " + at + ", '" + frame.headers +
                "', b, 'paid', p FROM unnest($1::text[], $2::bytea[], $3::bigint[]) AS r(i, b, p)"
        );
        for (const auto& [kind, sides] :
             {std::pair{"sale", "'receivable', 'sales'"},
              std::pair{"received", "'clearing', 'receivable'"}}) {
            pipeline_.prepare(
                kind,
                "INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, "
                "credit, amount, currency, at) SELECT '" +
                    std::string{kind} + "', s, p, '" + from + "', " + sides + ", a, 'CNY', " + at +
                    " FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r(s, p, a)"
            );
        }
        pipeline_.prepare(
            "outbox",
            "INSERT INTO outbox (topic, key, payload, created_at, rank) SELECT "
            "'payment.succeeded', k, p, " +
                at + ", 0 FROM unnest($1::text[], $2::text[]) AS r(k, p)"
        );
        pipeline_.begin();
    }

    void write(const Row* rows, std::size_t count) {
        using Array = raw::BinaryArray;
        Array ids{Array::kBigint, count}, amounts{Array::kBigint, count};
        Array transactions{Array::kText, count}, references{Array::kText, count};
        Array notifications{Array::kText, count}, bodies{Array::kBytea, count};
        Array subjects{Array::kText, count}, payloads{Array::kText, count};
        for (const Row* row = rows; row != rows + count; ++row) {
            ids.add(row->trade.number);
            amounts.add(row->trade.amount.fen());
            transactions.add(row->trade.transaction);
            references.add(row->trade.reference);
            notifications.add(row->id);
            bodies.add(row->body);
            subjects.add(row->subject);
            payloads.add(row->payload);
        }
        pipeline_.send("begin", {});
        pipeline_.send("payments", {ids.bytes(), transactions.bytes()});
        pipeline_.send("references", {references.bytes()});
        pipeline_.send("notifications", {notifications.bytes(), bodies.bytes(), ids.bytes()});
        pipeline_.send("sale", {subjects.bytes(), ids.bytes(), amounts.bytes()});
        pipeline_.send("received", {subjects.bytes(), ids.bytes(), amounts.bytes()});
        pipeline_.send("outbox", {references.bytes(), payloads.bytes()});
        pipeline_.send("commit", {});
        pipeline_.finish();
    }

private:
    raw::Pipeline pipeline_;
};

template <class Engine>
double measure(Engine& engine, const RawRows& wanted) {
    const std::vector<Row> rows = rows_of(wanted);
    const auto batch = static_cast<std::size_t>(wanted.batch);
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t done = 0; done < rows.size(); done += batch) {
        engine.write(rows.data() + done, std::min(batch, rows.size() - done));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return static_cast<double>(rows.size()) / took.count();
}

}  // namespace

double write_raw(const RawRows& rows, const std::string& database) {
    const Frame frame = frame_of(rows);
    if (database.find('=') != database.npos) {
        Postgres engine{database, frame};
        return measure(engine, rows);
    }
    sqlite3* const db = raw::open(database);
    double rate = 0;
    {
        Sqlite engine{db, frame};
        rate = measure(engine, rows);
    }
    sqlite3_close(db);
    return rate;
}

}  // namespace doorbuster::bench
