#include "refunds/refund_changes.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "payments/doubts.hpp"
#include "payments/errors.hpp"
#include "payments/refundable.hpp"
#include "ports/log.hpp"
#include "refunds/errors.hpp"
#include "refunds/events.hpp"

namespace doorbuster::refunds {
namespace {

// After a call was begun: longer than it can take, so that its answer usually comes first.
constexpr Milliseconds kCallMayTake{60'000};
// One whose payment somebody must look at first.
constexpr Milliseconds kLookAtHeldAfter{10 * 60'000};
constexpr std::size_t kFailureBytesMax = 500;
constexpr std::size_t kReasonBytesMax = 80;  // what WeChat Pay takes
// The numbers of a payment's refunds: its own number and one of these.
constexpr std::string_view kAutomaticMark = "A";
constexpr std::string_view kAskedMark = "R";

bookkeeping::Source source_of(const payments::Payment& payment) {
    return {payment.id, payment.provider, payment.merchant};
}

// A word for a person, in a log line after the commit.
void alarm_later(sql::Transaction& tx, const Refund& refund, const std::string& reason) {
    const auto ring = [id = refund.id, number = refund.out_refund_no, reason] {
        log::error("refund_alarm", {{"refund", id}, {"out_refund_no", number}, {"reason", reason}});
    };
    tx.after_commit(ring);
}

void must(bool booked, const Refund& refund) {
    if (!booked) throw sql::Error{"refunds: " + refund.id.to_string() + " is in the books"};
}

int live_ones(const std::vector<Refund>& refunds) {
    const auto lives = [](const Refund& refund) { return reserves(refund.state); };
    return static_cast<int>(std::ranges::count_if(refunds, lives));
}

const Refund* find_by_key(
    const std::vector<Refund>& refunds, const std::optional<std::string>& key
) {
    if (!key) return nullptr;
    const auto found = std::ranges::find(refunds, key, &Refund::request_key);
    return found == refunds.end() ? nullptr : &*found;
}

Refund changed(
    const Refund& before,
    RefundFact fact,
    const RefundDecision& decision,
    const RefundChanges::Evidence& evidence,
    Time now
) {
    Refund after = before;
    after.state = decision.state;
    if (!evidence.provider_number.empty()) after.provider_number = evidence.provider_number;
    if (!evidence.failure.empty()) {
        after.failure = cut_utf8(evidence.failure, kFailureBytesMax);
    }
    if (fact == RefundFact::refused && !after.refused_at) after.refused_at = now;
    if (fact == RefundFact::taken) after.refused_at.reset();
    if (fact == RefundFact::about_to_ask) {
        if (!after.sent_at) after.sent_at = now;
        after.next_try_at = now + kCallMayTake;
        return after;
    }
    ++after.tries;
    if (after.state != before.state) {
        const bool settled =
            after.state == RefundState::succeeded || after.state == RefundState::failed;
        after.settled_at.reset();
        if (settled) after.settled_at = evidence.succeeded_at.value_or(now);
        after.stuck |= after.state == RefundState::abnormal;
    }
    after.next_try_at = next_try(after, now);
    return after;
}

}  // namespace

void RefundChanges::wake_later(sql::Transaction& tx) const {
    if (wake_) tx.after_commit(wake_);
}

void RefundChanges::tell(
    sql::Transaction& tx,
    std::string_view topic,
    const Refund& refund,
    const payments::Payment& payment
) const {
    RefundEvent event;
    event.refund = refund.id.to_string();
    event.payment = payment.id.to_string();
    event.app = payment.app;
    event.reference = payment.reference;
    event.provider = payment.provider;
    event.out_refund_no = refund.out_refund_no;
    event.origin = to_string(refund.origin);
    event.state = to_string(refund.state);
    event.amount = refund.amount;
    event.reason = refund.reason;
    outbox_.append(tx, topic, payment.reference, event.to_json(), events::Urgency::urgent);
}

// The amount is set apart already.
Refund RefundChanges::insert(
    sql::Transaction& tx,
    const payments::Payment& payment,
    const NewRefund& wanted,
    const std::string& number,
    RefundState state
) const {
    const Time now = clock_.now();
    Refund refund;
    refund.payment = payment.id;
    refund.provider = payment.provider;
    refund.merchant = payment.merchant;
    refund.out_refund_no = number;
    refund.origin = wanted.origin;
    refund.state = state;
    refund.amount = wanted.amount;
    refund.kept = !payment.refund_due;
    refund.reason = cut_utf8(wanted.reason, kReasonBytesMax);
    refund.asked_by = wanted.asked_by;
    refund.request_key = wanted.key;
    refund.created_at = now;
    if (state != RefundState::requested) refund.sent_at = now;
    refund.next_try_at = next_try(refund, now);
    refund.id = store::insert(tx, refund);
    if (refund.kept) {
        must(books_.refund_asked(tx, source_of(payment), refund.id, refund.amount), refund);
    }
    tell(tx, kRefundRequested, refund, payment);
    wake_later(tx);
    return refund;
}

Result<Refund> RefundChanges::request(
    sql::Transaction& tx, const NewRefund& wanted, int refunds_max
) const {
    const auto payment = payments::lock_payment(tx, wanted.payment, clock_.now());
    if (!payment) return payments::kPaymentNotFound;
    if (payment->state != payments::PaymentState::paid) return kNotRefundable;
    const auto others = store::of_payment(tx, payment->id);
    if (const Refund* const same = find_by_key(others, wanted.key)) {
        if (same->amount != wanted.amount) return kIdempotencyMismatch;
        return *same;
    }
    if (refunds_max > 0 && live_ones(others) >= refunds_max) return kTooManyRefunds;
    if (!payments::reserve_refund(tx, payment->id, wanted.amount)) return kRefundTooMuch;
    const std::string number =
        payment->out_trade_no + std::string{kAskedMark} + std::to_string(others.size() + 1);
    return insert(tx, *payment, wanted, number, RefundState::requested);
}

void RefundChanges::give_back(sql::Transaction& tx, PaymentId id) const {
    const auto payment = payments::lock_payment(tx, id, clock_.now());
    if (!payment || !payment->give_back_at) return;
    payments::begin_giving_back(tx, id);
    const Money left = payment->amount - payment->refund_reserved;
    if (left.is_zero()) return;
    const NewRefund wanted{
        .payment = id,
        .amount = left,
        .origin = payment->duplicate ? Origin::duplicate : Origin::late,
        .reason = payment->duplicate ? "paid twice" : "paid too late",
        .asked_by = "system",
        .key = {}};
    if (!payments::reserve_refund(tx, id, left)) {
        throw sql::Error{"refunds: payment " + id.to_string() + " has less left than it says"};
    }
    const std::string number = payment->out_trade_no + std::string{kAutomaticMark};
    insert(tx, *payment, wanted, number, RefundState::requested);
}

Result<std::optional<Refund>> RefundChanges::record_external(
    sql::Transaction& tx, PaymentId id, const ProviderRefund& told
) const {
    using State = ProviderRefund::State;
    const bool moves_money = told.state == State::processing || told.state == State::succeeded ||
                             told.state == State::abnormal;
    if (!moves_money || !told.amount || told.out_refund_no.empty()) return std::optional<Refund>{};
    const auto payment = payments::lock_payment(tx, id, clock_.now());
    if (!payment) return payments::kPaymentNotFound;
    if (payment->state != payments::PaymentState::paid) return kNotRefundable;
    if (store::find_by_number(tx, payment->provider, payment->merchant, told.out_refund_no)) {
        return std::optional<Refund>{};
    }
    if (!payments::reserve_refund(tx, id, *told.amount)) return kRefundTooMuch;
    const NewRefund found{
        .payment = id,
        .amount = *told.amount,
        .origin = Origin::external,
        .reason = "found at the provider",
        .asked_by = "provider",
        .key = {}};
    const Refund refund = insert(tx, *payment, found, told.out_refund_no, RefundState::processing);
    alarm_later(tx, refund, "a refund that we did not ask for");
    return std::optional{apply_answer(tx, refund.id, told)};
}

Refund RefundChanges::apply(
    sql::Transaction& tx, RefundId id, RefundFact fact, const Evidence& evidence
) const {
    const Time now = clock_.now();
    const auto payment = payments::lock_payment(tx, store::get(tx, id).payment, now).value();
    // Read again now that nobody else can change it.
    const Refund before = store::get(tx, id);
    RefundContext context;
    const bool revived =
        before.state == RefundState::failed && fact == RefundFact::verified_succeeded;
    if (revived) context.amount_is_free = payments::reserve_refund(tx, payment.id, before.amount);
    const RefundDecision decision = decide(before.state, fact, context);
    const Refund after = changed(before, fact, decision, evidence, now);
    store::update(tx, after, before.state);
    take_effect(tx, before, after, payment);
    if (decision.alarm) {
        alarm_later(tx, after, revived ? "succeeded after it had failed" : after.failure);
    }
    return after;
}

bool RefundChanges::begin_asking(sql::Transaction& tx, RefundId id, Milliseconds distance) const {
    const Time now = clock_.now();
    const Refund seen = store::get(tx, id);
    payments::lock_payment(tx, seen.payment, now);
    if (!seen.sent_at && payments::holds_refunds(tx, seen.payment)) {
        hold(tx, id);
        return false;
    }
    std::optional<Time> free_at;
    for (const Refund& other : store::of_payment(tx, seen.payment)) {
        if (other.id == id || !other.sent_at) continue;
        free_at = std::max(free_at.value_or(now), *other.sent_at + distance);
    }
    // What was begun before may be repeated at any time: it is one refund there.
    if (!seen.sent_at && free_at && *free_at > now) {
        reschedule(tx, id, *free_at);
        return false;
    }
    apply(tx, id, RefundFact::about_to_ask, {});
    return true;
}

void RefundChanges::take_effect(
    sql::Transaction& tx,
    const Refund& before,
    const Refund& after,
    const payments::Payment& payment
) const {
    if (after.state == before.state) return;
    const auto source = source_of(payment);
    const Money amount = after.amount;
    switch (after.state) {
        case RefundState::succeeded:
            if (before.state == RefundState::failed && after.kept) {
                must(books_.refund_revived(tx, source, after.id, amount), after);
            }
            payments::count_refunded(tx, payment.id, amount);
            must(books_.refund_paid(tx, source, after.id, amount), after);
            tell(tx, kRefundSucceeded, after, payment);
            break;
        case RefundState::failed:
            payments::free_refund(tx, payment.id, amount);
            if (after.kept) must(books_.refund_failed(tx, source, after.id, amount), after);
            tell(tx, kRefundFailed, after, payment);
            break;
        case RefundState::abnormal:
            tell(tx, kRefundStuck, after, payment);
            break;
        case RefundState::requested:
        case RefundState::processing:
            break;
    }
}

Refund RefundChanges::apply_answer(sql::Transaction& tx, RefundId id, const ProviderRefund& told)
    const {
    const Refund refund = store::get(tx, id);
    const auto payment = payments::find_payment(tx, refund.payment).value();
    std::string_view mismatch = mismatch_of(refund, told);
    const bool other_trade =
        !told.out_trade_no.empty() && told.out_trade_no != payment.out_trade_no;
    const bool other_transaction =
        !told.transaction_id.empty() && told.transaction_id != payment.transaction;
    if (mismatch.empty() && other_trade) mismatch = "out_trade_no";
    if (mismatch.empty() && other_transaction) mismatch = "transaction";
    if (!mismatch.empty()) {
        const Evidence evidence{.failure = "mismatch: " + std::string{mismatch}};
        return apply(tx, id, RefundFact::mismatch, evidence);
    }
    Evidence evidence{.provider_number = told.refund_id, .succeeded_at = told.succeeded_at};
    const RefundFact fact = fact_of(refund, told, clock_.now());
    if (fact == RefundFact::verified_failed) evidence.failure = "closed by the provider";
    if (fact == RefundFact::verified_abnormal) evidence.failure = "sent back by the bank";
    return apply(tx, id, fact, evidence);
}

void RefundChanges::reschedule(sql::Transaction& tx, RefundId id, Time when) const {
    const Refund seen = store::get(tx, id);
    payments::lock_payment(tx, seen.payment, clock_.now());
    Refund refund = store::get(tx, id);
    if (refund.state == RefundState::succeeded) return;
    refund.next_try_at = when;
    store::update(tx, refund, refund.state);
    if (when <= clock_.now()) wake_later(tx);
}

void RefundChanges::hold(sql::Transaction& tx, RefundId id) const {
    Refund refund = store::get(tx, id);
    refund.failure = "held: its payment is in doubt";
    refund.next_try_at = clock_.now() + kLookAtHeldAfter;
    store::update(tx, refund, refund.state);
}

void RefundChanges::tell_slow(sql::Transaction& tx, RefundId id) const {
    const Refund seen = store::get(tx, id);
    const auto payment = payments::lock_payment(tx, seen.payment, clock_.now()).value();
    Refund refund = store::get(tx, id);
    if (!is_open(refund.state) || refund.stuck) return;
    refund.stuck = true;
    store::update(tx, refund, refund.state);
    tell(tx, kRefundStuck, refund, payment);
    alarm_later(tx, refund, "nothing is known of it for a day");
}

Result<Refund> RefundChanges::retry(
    sql::Transaction& tx, RefundId id, UserId staff, int refunds_max
) const {
    auto refund = store::find(tx, id);
    if (!refund) return kRefundNotFound;
    if (refund->state == RefundState::succeeded) return kRefundSettled;
    if (refund->state != RefundState::failed) {
        reschedule(tx, id, clock_.now());
        return store::get(tx, id);
    }
    const NewRefund again{
        .payment = refund->payment,
        .amount = refund->amount,
        .origin = Origin::staff,
        .reason = refund->reason,
        .asked_by = "u" + staff.to_string(),
        .key = "retry of " + id.to_string()};
    auto fresh = request(tx, again, refunds_max);
    if (fresh.has_error()) return fresh;
    refund = store::get(tx, id);
    if (!refund->resolved_at) {
        refund->resolution = "asked for again as refund " + fresh->id.to_string();
        refund->resolved_by = staff;
        refund->resolved_at = clock_.now();
        store::update(tx, *refund, refund->state);
    }
    return fresh;
}

Result<Refund> RefundChanges::resolve(
    sql::Transaction& tx, RefundId id, UserId staff, const std::string& note
) const {
    const auto seen = store::find(tx, id);
    if (!seen) return kRefundNotFound;
    payments::lock_payment(tx, seen->payment, clock_.now());
    Refund refund = store::get(tx, id);
    if (!needs_person(refund)) return kRefundSettled;
    refund.resolution = note;
    refund.resolved_by = staff;
    refund.resolved_at = clock_.now();
    store::update(tx, refund, refund.state);
    return refund;
}

}  // namespace doorbuster::refunds
