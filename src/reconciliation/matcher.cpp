#include "reconciliation/matcher.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <unordered_map>

#include "reconciliation/sql.hpp"

namespace doorbuster::reconciliation {

namespace {

constexpr std::int64_t kPage = 5000;
constexpr std::string_view kPaid = "paid";

std::string numbers_json(std::span<const BillRow> rows, std::string BillRow::*number) {
    boost::json::array numbers;
    for (const BillRow& row : rows) {
        if (!(row.*number).empty()) numbers.emplace_back(row.*number);
    }
    return boost::json::serialize(numbers);
}

std::string_view word_of(BillRow::Outcome outcome) {
    switch (outcome) {
        case BillRow::Outcome::done:
            return "done";
        case BillRow::Outcome::pending:
            return "pending";
        case BillRow::Outcome::failed:
            return "failed";
    }
    return {};
}

// A bill tells how far a refund had come when it was made; what we know may be newer, and is never
// older than what a query would tell.
bool may_both_be(std::string_view ours, BillRow::Outcome theirs) {
    if (ours == "succeeded") return theirs != BillRow::Outcome::failed;
    if (ours == "failed") return theirs == BillRow::Outcome::failed;
    return theirs == BillRow::Outcome::pending;
}

// Ids that are there more than once; sorts.
std::vector<std::int64_t> repeated(std::vector<std::int64_t>& ids) {
    std::ranges::sort(ids);
    std::vector<std::int64_t> twice;
    for (auto at = ids.begin(); (at = std::adjacent_find(at, ids.end())) != ids.end(); ++at) {
        if (twice.empty() || twice.back() != *at) twice.push_back(*at);
    }
    return twice;
}

}  // namespace

struct Matcher::OurPayment {
    PaymentId id;
    std::string number;
    std::string transaction;
    std::string state;
    Money amount;
    Time paid_at{};

    static OurPayment from(const sql::Row& row) {
        return {
            row.id<PaymentId>(0),
            row.string(1),
            row.optional_string(2).value_or(""),
            row.string(3),
            row.money(4),
            row.optional_time(5).value_or(Time{})};
    }
};

struct Matcher::OurRefund {
    RefundId id;
    PaymentId payment;
    std::string number;
    std::string trade;
    std::string state;
    Money amount;
    Time sent_at{};
    Time settled_at{};

    static OurRefund from(const sql::Row& row) {
        return {
            row.id<RefundId>(0),
            row.id<PaymentId>(1),
            row.string(2),
            row.string(3),
            row.string(4),
            row.money(5),
            row.optional_time(6).value_or(Time{}),
            row.optional_time(7).value_or(Time{})};
    }
    Time day_time(BillProvider::RefundDay day) const {
        return day == BillProvider::RefundDay::accepted ? sent_at : settled_at;
    }
};

// What we have of the rows of one piece.
class Matcher::Known {
public:
    Known(sql::Reader& reader, const Scope& scope, std::span<const BillRow> rows) {
        const std::string trades = numbers_json(rows, &BillRow::out_trade_no);
        const auto keep = [this](const sql::Row& row) {
            auto payment = OurPayment::from(row);
            payments_.emplace(payment.number, std::move(payment));
        };
        reader.query(queries::find_payments, {scope.provider, scope.merchant, trades}, keep);
        const std::string refunds = numbers_json(rows, &BillRow::out_refund_no);
        if (refunds == "[]") return;
        const auto keep_refund = [this](const sql::Row& row) {
            auto refund = OurRefund::from(row);
            refunds_.emplace(refund.number, std::move(refund));
        };
        reader.query(queries::find_refunds, {scope.provider, scope.merchant, refunds}, keep_refund);
    }

    const OurPayment* payment(const std::string& number) const { return find(payments_, number); }
    const OurRefund* refund(const std::string& number) const { return find(refunds_, number); }

private:
    template <class Value>
    static const Value* find(
        const std::unordered_map<std::string, Value>& values, const std::string& number
    ) {
        const auto at = values.find(number);
        return at == values.end() ? nullptr : &at->second;
    }
    std::unordered_map<std::string, OurPayment> payments_;
    std::unordered_map<std::string, OurRefund> refunds_;
};

std::vector<FeeLine> Matcher::match(sql::Reader& reader, std::span<const BillRow> rows) {
    const Known known{reader, scope_, rows};
    std::vector<FeeLine> fees;
    for (const BillRow& row : rows) {
        if (row.kind == BillRow::Kind::payment) match_payment(row, known, fees);
        if (row.kind == BillRow::Kind::refund) match_refund(row, known, fees);
    }
    return fees;
}

void Matcher::match_payment(const BillRow& row, const Known& known, std::vector<FeeLine>& fees) {
    Difference told;
    told.number = row.out_trade_no;
    told.transaction = row.transaction_id;
    told.theirs = row.amount;
    told.their_status = row.status;
    told.fee = row.fee;
    const OurPayment* ours = known.payment(row.out_trade_no);
    if (!ours) return note(std::move(told));
    told.payment = ours->id;
    told.ours = ours->amount;
    told.our_status = ours->state;
    seen_payments_.push_back(ours->id.value());
    if (ours->state != kPaid) return note(std::move(told));
    if (ours->transaction != row.transaction_id) {
        told.our_status = "paid by " + ours->transaction;
        return note(std::move(told));
    }
    if (ours->amount != row.amount) {
        told.kind = Kind::amount;
        return note(std::move(told));
    }
    ++tally_.payments;
    tally_.paid += row.amount;
    if (!row.fee.is_zero()) fees.push_back({ours->id, {}, row.fee});
    note_other_day(std::move(told), ours->paid_at);
}

void Matcher::match_refund(const BillRow& row, const Known& known, std::vector<FeeLine>& fees) {
    Difference told;
    told.subject = Subject::refund;
    told.number = row.out_refund_no;
    told.transaction = row.refund_id;
    told.theirs = row.amount;
    told.their_status = row.status.empty() ? std::string{word_of(row.outcome)} : row.status;
    told.fee = row.fee;
    if (const OurPayment* payment = known.payment(row.out_trade_no)) told.payment = payment->id;
    const OurRefund* ours = known.refund(row.out_refund_no);
    if (!ours) {
        // Nothing went back, and nobody here says that it did.
        if (row.outcome == BillRow::Outcome::failed) return;
        return note(std::move(told));
    }
    told.refund = ours->id;
    told.payment = ours->payment;
    told.ours = ours->amount;
    told.our_status = ours->state;
    seen_refunds_.push_back(ours->id.value());
    if (ours->trade != row.out_trade_no && !row.out_trade_no.empty()) {
        told.kind = Kind::status;
        told.our_status = "of " + ours->trade;
        return note(std::move(told));
    }
    if (ours->amount != row.amount) {
        told.kind = Kind::amount;
        return note(std::move(told));
    }
    if (!may_both_be(ours->state, row.outcome)) {
        told.kind = Kind::status;
        return note(std::move(told));
    }
    if (row.outcome == BillRow::Outcome::failed) return;  // we agree that no money moved
    ++tally_.refunds;
    tally_.refunded += row.amount;
    if (!row.fee.is_zero()) fees.push_back({ours->payment, ours->id, row.fee});
    note_other_day(std::move(told), ours->day_time(scope_.refund_day));
}

void Matcher::note(Difference difference) {
    std::string key{to_string(difference.subject)};
    key.append(to_string(difference.kind)).append(" ").append(difference.number);
    if (differences_.size() == kDifferencesMax) {
        ++not_kept_;
    } else if (noted_.insert(std::move(key)).second) {
        differences_.push_back(std::move(difference));
    }
}

// What is still under way has no day of its own yet.
void Matcher::note_other_day(Difference difference, Time at) {
    if (at == Time{} || (at >= begin_of(scope_.day) && at < end_of(scope_.day))) return;
    difference.kind = Kind::other_day;
    difference.state = Difference::State::repaired;
    difference.note = "here it is of " + to_string(day_of(at));
    note(std::move(difference));
}

bool Matcher::look_for_missing(sql::Reader& reader) {
    if (!rows_are_over_) {
        rows_are_over_ = true;
        find_twice(reader);
        payments_mark_.at = refunds_mark_.at = begin_of(scope_.day) - Milliseconds{1};
        payments_mark_.id = refunds_mark_.id = std::numeric_limits<std::int64_t>::max();
    }
    if (!payments_mark_.at_end) return missing_payments(reader), true;
    return missing_refunds(reader);
}

void Matcher::find_twice(sql::Reader& reader) {
    const auto text = [](const sql::Row& row) { return row.string(0); };
    for (const std::int64_t id : repeated(seen_payments_)) {
        Difference told;
        told.kind = Kind::twice;
        told.payment = PaymentId{id};
        told.number = reader.find(queries::find_trade_number, {id}, text).value_or("");
        note(std::move(told));
    }
    for (const std::int64_t id : repeated(seen_refunds_)) {
        Difference told;
        told.subject = Subject::refund;
        told.kind = Kind::twice;
        told.refund = RefundId{id};
        told.number = reader.find(queries::find_refund_number, {id}, text).value_or("");
        note(std::move(told));
    }
}

bool Matcher::missing_payments(sql::Reader& reader) {
    std::int64_t rows = 0;
    const auto look = [&](const sql::Row& row) {
        ++rows;
        const OurPayment ours = OurPayment::from(row);
        payments_mark_.at = ours.paid_at;
        payments_mark_.id = ours.id.value();
        if (row.boolean(6) || std::ranges::binary_search(seen_payments_, ours.id.value())) return;
        Difference told;
        told.kind = Kind::missing_there;
        told.number = ours.number;
        told.transaction = ours.transaction;
        told.payment = ours.id;
        told.ours = ours.amount;
        told.our_status = ours.state;
        note(std::move(told));
    };
    reader.query(
        queries::list_paid,
        {scope_.provider,
         scope_.merchant,
         end_of(scope_.day),
         payments_mark_.at,
         payments_mark_.id,
         kPage},
        look
    );
    payments_mark_.at_end = rows < kPage;
    return !payments_mark_.at_end;
}

bool Matcher::missing_refunds(sql::Reader& reader) {
    const bool by_acceptance = scope_.refund_day == BillProvider::RefundDay::accepted;
    std::int64_t rows = 0;
    const auto look = [&](const sql::Row& row) {
        ++rows;
        const OurRefund ours = OurRefund::from(row);
        refunds_mark_.at = ours.day_time(scope_.refund_day);
        refunds_mark_.id = ours.id.value();
        // What the provider has not confirmed need not be in any bill.
        const bool confirmed = ours.state == "succeeded" || ours.state == "abnormal";
        const bool found =
            row.boolean(8) || std::ranges::binary_search(seen_refunds_, ours.id.value());
        if (!confirmed || found) return;
        Difference told;
        told.subject = Subject::refund;
        told.kind = Kind::missing_there;
        told.number = ours.number;
        told.payment = ours.payment;
        told.refund = ours.id;
        told.ours = ours.amount;
        told.our_status = ours.state;
        note(std::move(told));
    };
    reader.query(
        by_acceptance ? queries::list_refunds_sent : queries::list_refunds_settled,
        {scope_.provider,
         scope_.merchant,
         end_of(scope_.day),
         refunds_mark_.at,
         refunds_mark_.id,
         kPage},
        look
    );
    return rows == kPage;
}

}  // namespace doorbuster::reconciliation
