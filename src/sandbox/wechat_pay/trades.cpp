#include "sandbox/wechat_pay/trades.hpp"

#include "sandbox/wechat_pay/sql.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

constexpr int kListMax = 100;

Trade read_trade(const sql::Row& row) {
    return {
        .out_trade_no = row.string(0),
        .request = row.string(1),
        .description = row.string(2),
        .attach = row.optional_string(3),
        .notify_url = row.string(4),
        .total = row.money(5),
        .state = row.string(6),
        .code = row.string(7),
        .code_expires_at = row.time(8),
        .created_at = row.time(9),
        .expires_at = row.time(10),
        .transaction_id = row.optional_string(11).value_or(""),
        .payer = row.optional_string(12).value_or(""),
        .payer_total = row.optional_money(13).value_or(Money{}),
        .fee = row.optional_money(14).value_or(Money{}),
        .paid_at = row.optional_time(15),
    };
}

Refund read_refund(const sql::Row& row) {
    return {
        .out_refund_no = row.string(0),
        .request = row.string(1),
        .refund_id = row.string(2),
        .out_trade_no = row.string(3),
        .amount = row.money(4),
        .payer_refund = row.money(5),
        .fee_back = row.money(6),
        .reason = row.string(7),
        .notify_url = row.string(8),
        .state = row.string(9),
        .outcome = row.string(10),
        .created_at = row.time(11),
        .due_at = row.optional_time(12),
        .settled_at = row.optional_time(13),
    };
}

Entry entry_of(const Trade& trade, const char* kind, Money amount) {
    return {
        .provider = std::string{kProvider},
        .at = *trade.paid_at,
        .kind = kind,
        .out_trade_no = trade.out_trade_no,
        .reference = trade.transaction_id,
        .merchant_no = trade.out_trade_no,
        .amount = amount};
}

Entry entry_of(const Refund& refund, const char* kind, Money amount, Time at) {
    return {
        .provider = std::string{kProvider},
        .at = at,
        .kind = kind,
        .out_trade_no = refund.out_trade_no,
        .reference = refund.refund_id,
        .merchant_no = refund.out_refund_no,
        .amount = amount,
        .note = refund.reason};
}

}  // namespace

void create_tables(sql::Transaction& tx) {
    for (const auto* statement :
         {&queries::create_trades,
          &queries::create_unpaid_index,
          &queries::create_paid_index,
          &queries::create_refunds,
          &queries::create_refunds_index,
          &queries::create_refunds_day_index,
          &queries::create_due_refunds_index}) {
        tx.execute(*statement, {});
    }
}

std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.find(queries::find_trade, {out_trade_no}, read_trade);
}

std::optional<Trade> find_trade_by_transaction(sql::Reader& reader, std::string_view id) {
    return reader.find(queries::find_trade_by_transaction, {id}, read_trade);
}

std::optional<Trade> find_trade_by_code(sql::Reader& reader, std::string_view code) {
    return reader.find(queries::find_trade_by_code, {code}, read_trade);
}

std::vector<Trade> list_payable(sql::Reader& reader, Time now) {
    return reader.all(queries::list_payable, {now, kListMax}, read_trade);
}

std::vector<Trade> list_trades(sql::Reader& reader, std::string_view after, std::int64_t limit) {
    return reader.all(queries::list_trades, {after, limit}, read_trade);
}

std::vector<Trade> list_paid(sql::Reader& reader, DaySpan span, std::int64_t limit) {
    return reader.all(queries::list_paid, {span.from, span.to, limit}, read_trade);
}

void insert_trade(sql::Transaction& tx, const Trade& trade) {
    tx.execute(
        queries::insert_trade,
        {trade.out_trade_no,
         trade.request,
         trade.description,
         trade.attach,
         trade.notify_url,
         trade.total,
         trade.code,
         trade.code_expires_at,
         trade.created_at,
         trade.expires_at}
    );
}

void renew_code(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view code, Time expires_at
) {
    tx.execute(queries::renew_code, {out_trade_no, code, expires_at});
}

bool close_trade(sql::Transaction& tx, std::string_view out_trade_no) {
    return tx.execute(queries::close_trade, {out_trade_no}) == 1;
}

bool pay_trade(sql::Transaction& tx, const Trade& paid) {
    const auto changed = tx.execute(
        queries::pay_trade,
        {paid.out_trade_no,
         paid.transaction_id,
         paid.payer,
         paid.payer_total,
         paid.fee,
         paid.paid_at}
    );
    if (changed != 1) return false;
    insert_entry(tx, entry_of(paid, "payment", paid.payer_total));
    insert_entry(tx, entry_of(paid, "fee", Money{} - paid.fee));
    return true;
}

std::optional<Refund> find_refund(sql::Reader& reader, std::string_view out_refund_no) {
    return reader.find(queries::find_refund, {out_refund_no}, read_refund);
}

std::optional<Refund> find_due_refund(sql::Reader& reader, Time now) {
    return reader.find(queries::find_due_refund, {now}, read_refund);
}

std::vector<Refund> list_refunds_of(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.all(queries::list_refunds_of_trade, {out_trade_no}, read_refund);
}

std::vector<Refund> list_refunds(sql::Reader& reader, std::string_view after, std::int64_t limit) {
    return reader.all(queries::list_refunds, {after, limit}, read_refund);
}

std::vector<Refund> list_accepted_refunds(sql::Reader& reader, DaySpan span, std::int64_t limit) {
    return reader.all(queries::list_accepted_refunds, {span.from, span.to, limit}, read_refund);
}

void insert_refund(sql::Transaction& tx, const Refund& refund) {
    tx.execute(
        queries::insert_refund,
        {refund.out_refund_no,
         refund.request,
         refund.refund_id,
         refund.out_trade_no,
         refund.amount,
         refund.payer_refund,
         refund.fee_back,
         refund.reason,
         refund.notify_url,
         refund.outcome,
         refund.created_at,
         refund.due_at}
    );
    tx.execute(queries::mark_refunded, {refund.out_trade_no});
    const Time at = refund.created_at;
    insert_entry(tx, entry_of(refund, "refund", Money{} - refund.payer_refund, at));
    insert_entry(tx, entry_of(refund, "fee_back", refund.fee_back, at));
}

bool settle_refund(sql::Transaction& tx, const Refund& refund, std::string_view state, Time now) {
    if (tx.execute(queries::settle_refund, {refund.out_refund_no, state, now}) != 1) return false;
    if (state == "CLOSED") {
        insert_entry(tx, entry_of(refund, "refund_back", refund.payer_refund, now));
        insert_entry(tx, entry_of(refund, "fee", Money{} - refund.fee_back, now));
    }
    return true;
}

EntrySum sum_paid(sql::Reader& reader, DaySpan span) {
    const auto read = [](const sql::Row& row) {
        return EntrySum{"payment", row.integer(0), row.money(1)};
    };
    return *reader.find(queries::sum_paid, {span.from, span.to}, read);
}

std::vector<EntrySum> sum_refunds(sql::Reader& reader, DaySpan span) {
    return reader.all(queries::sum_refunds, {span.from, span.to}, entry_sum_of);
}

}  // namespace doorbuster::sandbox::wechat_pay
