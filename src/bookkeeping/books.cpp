#include "bookkeeping/books.hpp"

#include <array>

#include "bookkeeping/sql.hpp"

namespace doorbuster::bookkeeping {

namespace {

// A kind of transfer. The schema knows the same list, so no other can be written.
struct Posting {
    std::string_view kind;
    Account debit;
    Account credit;
};
constexpr Posting kSale{"sale", Account::receivable, Account::sales};
constexpr Posting kReceived{"received", Account::clearing, Account::receivable};
constexpr Posting kReceivedUnkept{"received_unkept", Account::clearing, Account::refunds_payable};
constexpr Posting kAccepted{"accepted", Account::refunds_payable, Account::receivable};
constexpr Posting kRefundAsked{"refund_asked", Account::refunds, Account::refunds_payable};
constexpr Posting kRefundFailed{"refund_failed", Account::refunds_payable, Account::refunds};
constexpr Posting kRefundRevived{"refund_revived", Account::refunds, Account::refunds_payable};
constexpr Posting kRefundPaid{"refund_paid", Account::refunds_payable, Account::clearing};
constexpr Posting kFee{"fee", Account::fees, Account::clearing};
constexpr Posting kFeeReturned{"fee_returned", Account::clearing, Account::fees};

using Column = sql::BulkInsert::Column;
using sql::ColumnType;
constexpr std::array kEntryColumns{
    Column{"kind", ColumnType::text},
    Column{"subject", ColumnType::text},
    Column{"payment_id", ColumnType::integer},
    Column{"provider", ColumnType::text},
    Column{"merchant", ColumnType::text},
    Column{"debit", ColumnType::text},
    Column{"credit", ColumnType::text},
    Column{"amount", ColumnType::integer},
    Column{"currency", ColumnType::text},
    Column{"at", ColumnType::integer}};
constexpr sql::BulkInsert kInsertEntries{
    "bookkeeping.insert_entries", "book_entries", kEntryColumns, "ON CONFLICT DO NOTHING"};

std::string subject_of(PaymentId payment) { return "payment " + payment.to_string(); }
std::string subject_of(RefundId refund) { return "refund " + refund.to_string(); }

// Entries for one statement. What is added must live until it has run, but for the subject.
class EntryRows {
public:
    explicit EntryRows(std::size_t count) {
        subjects_.reserve(count);
        values_.reserve(count * kEntryColumns.size());
    }
    void add(
        const Posting& posting, const Source& source, std::string subject, Money amount, Time at
    ) {
        subjects_.push_back(std::move(subject));
        values_.insert(
            values_.end(),
            {posting.kind,
             subjects_.back(),
             source.payment,
             source.provider,
             source.merchant,
             to_string(posting.debit),
             to_string(posting.credit),
             amount,
             kCurrency,
             at}
        );
    }
    // How many were new.
    std::int64_t insert(sql::Transaction& tx) const {
        return tx.insert_many(kInsertEntries, values_);
    }

private:
    // Never grows beyond what was reserved: short texts lie in their strings.
    std::vector<std::string> subjects_;
    std::vector<sql::Param> values_;
};

Entry entry_of(const sql::Row& row) {
    return {
        row.integer(0),
        row.string(1),
        row.string(2),
        row.id<PaymentId>(3),
        row.string(4),
        row.string(5),
        row.string(6),
        row.string(7),
        row.money(8),
        row.time(9)};
}

Balance balance_of(const sql::Row& row) {
    return {row.string(0), row.string(1), row.string(2), row.money(3), row.money(4)};
}

// One transfer; false when it was booked before.
template <class Subject>
bool post(
    sql::Transaction& tx,
    const Posting& posting,
    const Source& source,
    Subject subject,
    Money amount,
    Time now
) {
    return tx.execute(
               queries::post,
               {posting.kind,
                subject_of(subject),
                source.payment,
                source.provider,
                source.merchant,
                to_string(posting.debit),
                to_string(posting.credit),
                amount,
                now}
           ) == 1;
}

// Two transfers by one statement; false when either was booked before.
bool post_both(
    sql::Transaction& tx,
    const Posting& first,
    const Posting& second,
    const Source& source,
    Money amount,
    Time now
) {
    return tx.execute(
               queries::post_pair,
               {first.kind,
                to_string(first.debit),
                to_string(first.credit),
                second.kind,
                to_string(second.debit),
                to_string(second.credit),
                subject_of(source.payment),
                source.payment,
                source.provider,
                source.merchant,
                amount,
                now}
           ) == 2;
}

}  // namespace

std::string_view to_string(Account account) {
    switch (account) {
        case Account::receivable:
            return "receivable";
        case Account::clearing:
            return "clearing";
        case Account::sales:
            return "sales";
        case Account::refunds:
            return "refunds";
        case Account::refunds_payable:
            return "refunds_payable";
        case Account::fees:
            return "fees";
    }
    return {};
}

bool Books::payment_kept(sql::Transaction& tx, const Source& source, Money amount) const {
    return post_both(tx, kSale, kReceived, source, amount, clock_.now());
}

bool Books::payments_kept(sql::Transaction& tx, std::span<const Kept> payments) const {
    const std::array postings{&kSale, &kReceived};
    EntryRows rows{payments.size() * postings.size()};
    const Time now = clock_.now();
    for (const Posting* posting : postings) {
        for (const auto& [source, amount] : payments) {
            rows.add(*posting, source, subject_of(source.payment), amount, now);
        }
    }
    return rows.insert(tx) == static_cast<std::int64_t>(payments.size() * postings.size());
}

bool Books::payment_not_kept(sql::Transaction& tx, const Source& source, Money amount) const {
    return post(tx, kReceivedUnkept, source, source.payment, amount, clock_.now());
}

bool Books::payment_accepted(sql::Transaction& tx, const Source& source, Money amount) const {
    return post_both(tx, kSale, kAccepted, source, amount, clock_.now());
}

bool Books::refund_asked(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
    const {
    return post(tx, kRefundAsked, source, refund, amount, clock_.now());
}

bool Books::refund_failed(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
    const {
    return post(tx, kRefundFailed, source, refund, amount, clock_.now());
}

bool Books::refund_revived(
    sql::Transaction& tx, const Source& source, RefundId refund, Money amount
) const {
    return post(tx, kRefundRevived, source, refund, amount, clock_.now());
}

bool Books::refund_paid(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
    const {
    return post(tx, kRefundPaid, source, refund, amount, clock_.now());
}

bool Books::fee_charged(sql::Transaction& tx, const Source& source, Money fee) const {
    return post(tx, kFee, source, source.payment, fee, clock_.now());
}

bool Books::fee_returned(sql::Transaction& tx, const Source& source, RefundId refund, Money fee)
    const {
    return post(tx, kFeeReturned, source, refund, fee, clock_.now());
}

std::int64_t Books::fees(
    sql::Transaction& tx,
    std::string_view provider,
    std::string_view merchant,
    std::span<const Fee> fees
) const {
    const Time now = clock_.now();
    EntryRows rows{fees.size()};
    for (const Fee& fee : fees) {
        const Posting& posting = fee.refund ? kFeeReturned : kFee;
        std::string subject = fee.refund ? subject_of(*fee.refund) : subject_of(fee.payment);
        rows.add(posting, {fee.payment, provider, merchant}, std::move(subject), fee.amount, now);
    }
    return rows.insert(tx);
}

std::optional<Money> fee_of(sql::Reader& reader, PaymentId payment) {
    const auto amount = [](const sql::Row& row) { return row.money(0); };
    return reader.find(queries::find_fee, {subject_of(payment)}, amount);
}

std::vector<Entry> entries_of(sql::Reader& reader, PaymentId payment) {
    return reader.all(queries::list_entries, {payment}, entry_of);
}

TrialBalance trial_balance(
    sql::Reader& reader, std::optional<Time> from, std::optional<Time> until
) {
    TrialBalance trial;
    trial.balances = reader.all(queries::sum_accounts, {from, until}, balance_of);
    for (const Balance& balance : trial.balances) {
        trial.debit += balance.debit;
        trial.credit += balance.credit;
    }
    return trial;
}

Money clearing(sql::Reader& reader, std::string_view provider, std::string_view merchant) {
    const auto amount = [](const sql::Row& row) { return row.money(0); };
    return reader.find(queries::sum_clearing, {provider, merchant}, amount).value_or(Money{});
}

}  // namespace doorbuster::bookkeeping
