#include "sandbox/alipay/trades.hpp"

#include "sandbox/alipay/sql.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

constexpr int kListMax = 100;

Page read_page(const sql::Row& row) {
    return {
        .token = row.string(0),
        .terms = {
            .out_trade_no = row.string(1),
            .total = row.money(2),
            .subject = row.string(3),
            .body = row.string(4),
            .passback_params = row.string(5),
            .notify_url = row.string(6),
            .return_url = row.string(7),
            .certified = row.boolean(8),
            .created_at = row.time(9),
            .expires_at = row.time(10)}};
}

Trade read_trade(const sql::Row& row) {
    return {
        .trade_no = row.string(1),
        .terms =
            {.out_trade_no = row.string(0),
             .total = row.money(2),
             .subject = row.string(3),
             .body = row.string(4),
             .passback_params = row.string(5),
             .notify_url = row.string(6),
             .return_url = {},
             .certified = row.boolean(7),
             .created_at = row.time(11),
             .expires_at = row.time(12)},
        .buyer = row.string(8),
        .buyer_id = row.string(9),
        .state = row.string(10),
        .payer_total = row.optional_money(13).value_or(Money{}),
        .fee = row.optional_money(14).value_or(Money{}),
        .paid_at = row.optional_time(15),
        .closed_at = row.optional_time(16)};
}

Refund read_refund(const sql::Row& row) {
    return {
        .out_trade_no = row.string(0),
        .out_request_no = row.string(1),
        .amount = row.money(2),
        .payer_refund = row.money(3),
        .fee_back = row.money(4),
        .reason = row.string(5),
        .created_at = row.time(6),
        .due_at = row.optional_time(7),
        .settled_at = row.optional_time(8)};
}

void enter_payment(sql::Transaction& tx, const Trade& paid) {
    Entry entry{
        .provider = std::string{kProvider},
        .at = *paid.paid_at,
        .kind = "payment",
        .out_trade_no = paid.terms.out_trade_no,
        .reference = paid.trade_no,
        .merchant_no = paid.terms.out_trade_no,
        .amount = paid.payer_total,
        .note = paid.terms.subject};
    insert_entry(tx, entry);
    entry.kind = "fee";
    entry.amount = Money{} - paid.fee;
    insert_entry(tx, entry);
}

// The money has moved; a trade that has nothing left is closed.
void enter_refund(sql::Transaction& tx, const Refund& refund, Time now) {
    const Trade trade = *find_trade(tx, refund.out_trade_no);
    Entry entry{
        .provider = std::string{kProvider},
        .at = now,
        .kind = "refund",
        .out_trade_no = refund.out_trade_no,
        .reference = trade.trade_no,
        .merchant_no = refund.out_request_no,
        .amount = Money{} - refund.payer_refund,
        .note = trade.terms.subject};
    insert_entry(tx, entry);
    entry.kind = "fee_back";
    entry.amount = refund.fee_back;
    insert_entry(tx, entry);
    if (sum_of(list_refunds_of(tx, refund.out_trade_no), true).amount == trade.terms.total) {
        tx.execute(queries::change_paid_state, {refund.out_trade_no, "TRADE_CLOSED", now});
    }
}

}  // namespace

Refunded sum_of(const std::vector<Refund>& refunds, bool settled_only) {
    Refunded sum;
    for (const Refund& refund : refunds) {
        if (settled_only && !refund.settled_at) continue;
        sum.amount += refund.amount;
        sum.payer_refund += refund.payer_refund;
        sum.fee_back += refund.fee_back;
    }
    return sum;
}

void create_tables(sql::Transaction& tx) {
    for (const auto* statement :
         {&queries::create_pages,
          &queries::create_pages_index,
          &queries::create_trades,
          &queries::create_paid_index,
          &queries::create_refunds,
          &queries::create_refunds_day_index,
          &queries::create_due_refunds_index}) {
        tx.execute(*statement, {});
    }
}

void insert_page(sql::Transaction& tx, const Page& page) {
    const Terms& terms = page.terms;
    tx.execute(
        queries::insert_page,
        {page.token,
         terms.out_trade_no,
         terms.total,
         terms.subject,
         terms.body,
         terms.passback_params,
         terms.notify_url,
         terms.return_url,
         terms.certified ? 1 : 0,
         terms.created_at,
         terms.expires_at}
    );
}

std::optional<Page> find_page(sql::Reader& reader, std::string_view token) {
    return reader.find(queries::find_page, {token}, read_page);
}

std::optional<Page> find_first_page(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.find(queries::find_first_page, {out_trade_no}, read_page);
}

std::vector<Page> list_open_pages(sql::Reader& reader, Time now) {
    return reader.all(queries::list_open_pages, {now, kListMax}, read_page);
}

void insert_trade(sql::Transaction& tx, const Trade& trade) {
    const Terms& terms = trade.terms;
    tx.execute(
        queries::insert_trade,
        {terms.out_trade_no,
         trade.trade_no,
         terms.total,
         terms.subject,
         terms.body,
         terms.passback_params,
         terms.notify_url,
         terms.certified ? 1 : 0,
         trade.buyer,
         trade.buyer_id,
         terms.created_at,
         terms.expires_at}
    );
}

std::optional<Trade> find_trade(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.find(queries::find_trade, {out_trade_no}, read_trade);
}

std::optional<Trade> find_current(
    sql::Transaction& tx, std::string_view out_trade_no, std::string_view trade_no, Time now
) {
    const bool by_own = !trade_no.empty();
    tx.execute(queries::close_expired, {by_own ? trade_no : out_trade_no, now});
    return by_own ? tx.find(queries::find_trade_by_no, {trade_no}, read_trade)
                  : find_trade(tx, out_trade_no);
}

std::vector<Trade> list_trades(sql::Reader& reader, std::string_view after, std::int64_t limit) {
    return reader.all(queries::list_trades, {after, limit}, read_trade);
}

std::vector<Trade> list_paid(sql::Reader& reader, DaySpan span, std::int64_t limit) {
    return reader.all(queries::list_paid, {span.from, span.to, limit}, read_trade);
}

bool close_trade(sql::Transaction& tx, std::string_view out_trade_no, Time now) {
    return tx.execute(queries::close_trade, {out_trade_no, now}) == 1;
}

bool pay_trade(sql::Transaction& tx, const Trade& paid) {
    const auto changed = tx.execute(
        queries::pay_trade, {paid.terms.out_trade_no, paid.payer_total, paid.fee, paid.paid_at}
    );
    if (changed != 1) return false;
    enter_payment(tx, paid);
    return true;
}

bool finish_trade(sql::Transaction& tx, std::string_view out_trade_no, Time now) {
    return tx.execute(queries::change_paid_state, {out_trade_no, "TRADE_FINISHED", now}) == 1;
}

std::vector<Refund> list_refunds_of(sql::Reader& reader, std::string_view out_trade_no) {
    return reader.all(queries::list_refunds_of_trade, {out_trade_no}, read_refund);
}

std::vector<Refund> list_refunds(sql::Reader& reader, std::string_view after, std::int64_t limit) {
    return reader.all(queries::list_refunds, {after, limit}, read_refund);
}

std::vector<Refund> list_settled_refunds(sql::Reader& reader, DaySpan span, std::int64_t limit) {
    return reader.all(queries::list_settled_refunds, {span.from, span.to, limit}, read_refund);
}

std::optional<Refund> find_due_refund(sql::Reader& reader, Time now) {
    return reader.find(queries::find_due_refund, {now}, read_refund);
}

void insert_refund(sql::Transaction& tx, const Refund& refund) {
    tx.execute(
        queries::insert_refund,
        {refund.out_trade_no,
         refund.out_request_no,
         refund.amount,
         refund.payer_refund,
         refund.fee_back,
         refund.reason,
         refund.created_at,
         refund.due_at,
         refund.settled_at}
    );
    if (refund.settled_at) enter_refund(tx, refund, *refund.settled_at);
}

bool settle_refund(sql::Transaction& tx, const Refund& refund, Time now) {
    const auto changed =
        tx.execute(queries::settle_refund, {refund.out_trade_no, refund.out_request_no, now});
    if (changed != 1) return false;
    enter_refund(tx, refund, now);
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

}  // namespace doorbuster::sandbox::alipay
