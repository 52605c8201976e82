#include "payments/payment_changes.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "payments/doubts.hpp"
#include "payments/errors.hpp"
#include "payments/events.hpp"
#include "ports/log.hpp"

namespace doorbuster::payments {
namespace {

// 28 letters and digits: 166 bits nobody can guess, within the provider's 6 to 32 characters.
constexpr std::size_t kTradeNumberLength = 28;
// What the payer is shown; WeChat Pay takes 127 characters and does not say whether it means bytes.
constexpr std::size_t kDescriptionBytesMax = 127;

// Looks at a closing attempt after which a person is called: goods wait for it.
constexpr std::int64_t kClosingLooksBeforeAlarm = 5;

// A word for a person, in a log line after the commit.
void alarm_later(sql::Transaction& tx, const Payment& payment, const std::string& reason) {
    const auto ring = [id = payment.id, trade = payment.out_trade_no, reason] {
        log::error("payment_alarm", {{"payment", id}, {"out_trade_no", trade}, {"reason", reason}});
    };
    tx.after_commit(ring);
}

void alarm_when_closing_drags_on(sql::Transaction& tx, const Payment& payment) {
    const bool drags =
        payment.state == PaymentState::closing && payment.query_count >= kClosingLooksBeforeAlarm;
    if (drags) alarm_later(tx, payment, "still not closed at the provider");
}

std::string reason_of(PaymentFact fact, const Evidence& evidence) {
    if (!evidence.failure.empty()) return evidence.failure;
    const bool unknown = fact == PaymentFact::verified_not_exist;
    return unknown ? "paid here, and unknown to the provider" : "second payment";
}

bool is_open(const Payment& payment) { return !is_final(payment.state); }

bool can_be_paid(const Payment& payment) {
    return payment.state == PaymentState::created || payment.state == PaymentState::pending;
}

}  // namespace

void PaymentChanges::wake_later(sql::Transaction& tx) const {
    if (wake_) tx.after_commit(wake_);
}

const Payment& PaymentChanges::Locked::attempt(PaymentId id) const {
    const auto at = std::ranges::find(attempts, id, &Payment::id);
    if (at == attempts.end()) throw sql::Error{"payments: no payment " + id.to_string()};
    return *at;
}

Payment PaymentChanges::apply(
    sql::Transaction& tx, PaymentId id, PaymentFact fact, const Evidence& evidence
) const {
    return apply(tx, store::get(tx, id), fact, evidence);
}

Payment PaymentChanges::apply(
    sql::Transaction& tx, const Payment& seen, PaymentFact fact, const Evidence& evidence
) const {
    const Time now = clock_.now();
    Locked locked;
    locked.reference = store::lock_reference(tx, seen.app, seen.reference, now);
    // Read again now that nobody else can change it.
    locked.attempts = store::of_reference(tx, seen.app, seen.reference);
    const Payment& before = locked.attempt(seen.id);
    const auto context = context_of(before, locked.attempts, locked.reference, evidence, now);
    const PaymentDecision decision = decide(before.state, fact, context);
    const Payment after = changed(before, fact, decision, evidence, now);
    store::update(tx, after, before.state);
    if (decision.alarm) {
        const std::string why = reason_of(fact, evidence);
        raise_doubt(tx, seen.id, cut_utf8(why, 500), evidence.holds_refunds, now);
        alarm_later(tx, after, why);
    }
    alarm_when_closing_drags_on(tx, after);
    if (after.state != before.state) tell(tx, after, locked);
    return after;
}

void PaymentChanges::book(sql::Transaction& tx, const Payment& payment) const {
    const bookkeeping::Source source{payment.id, payment.provider, payment.merchant};
    const bool booked = payment.refund_due ? books_.payment_not_kept(tx, source, payment.amount)
                                           : books_.payment_kept(tx, source, payment.amount);
    if (!booked) throw sql::Error{"payments: " + payment.id.to_string() + " is in the books"};
}

bool PaymentChanges::keep_late(
    sql::Transaction& tx, const std::string& app, PaymentId id, const std::function<bool()>& deliver
) const {
    const auto seen = store::find(tx, id);
    if (!seen || seen->app != app) return false;
    const Time now = clock_.now();
    store::lock_reference(tx, app, seen->reference, now);
    Payment payment = store::get(tx, id);
    if (payment.accepted_at) return true;
    const bool is_offered =
        !payment.duplicate && payment.give_back_at && now < *payment.give_back_at;
    if (!is_offered || !payment.refund_reserved.is_zero() || payment.suspect) return false;
    if (!deliver()) return false;
    payment.refund_due = false;
    payment.give_back_at.reset();
    payment.accepted_at = now;
    store::update(tx, payment, payment.state);
    const bookkeeping::Source source{payment.id, payment.provider, payment.merchant};
    if (!books_.payment_accepted(tx, source, payment.amount)) {
        throw sql::Error{"payments: " + id.to_string() + " was kept before"};
    }
    return true;
}

Payment PaymentChanges::apply_trade(sql::Transaction& tx, PaymentId id, const ProviderTrade& trade)
    const {
    return apply_trade(tx, store::get(tx, id), trade);
}

Payment PaymentChanges::apply_trade(
    sql::Transaction& tx, const Payment& payment, const ProviderTrade& trade
) const {
    Evidence evidence{.trade = trade, .code_url = {}, .failure = {}};
    const std::string_view mismatch = mismatch_of(payment, trade);
    if (!mismatch.empty()) {
        evidence.failure = "mismatch: " + std::string{mismatch};
        return apply(tx, payment, PaymentFact::mismatch, evidence);
    }
    const auto fact = fact_of(trade);
    if (!fact) {
        note_silence(tx, payment.id);
        return store::get(tx, payment.id);
    }
    if (!trade.transaction_id.empty()) {
        const auto known = store::find_by_transaction(tx, payment.provider, trade.transaction_id);
        if (known && *known != payment.id) {
            evidence.failure = "mismatch: transaction of payment " + known->to_string();
            return apply(tx, payment, PaymentFact::mismatch, evidence);
        }
    }
    if (*fact == PaymentFact::verified_refunded) evidence.failure = "refunded at the provider";
    return apply(tx, payment, *fact, evidence);
}

void PaymentChanges::note_silence(sql::Transaction& tx, PaymentId id) const {
    Payment payment = store::get(tx, id);
    if (payment.state != PaymentState::closed) ++payment.query_count;
    payment.next_query_at = next_query_after_silence(payment, clock_.now());
    store::reschedule(tx, payment);
    alarm_when_closing_drags_on(tx, payment);
}

void PaymentChanges::hurry(sql::Transaction& tx, PaymentId id) const {
    Payment payment = store::get(tx, id);
    const Time now = clock_.now();
    if (!is_open(payment) || (payment.next_query_at && *payment.next_query_at <= now)) return;
    payment.next_query_at = now;
    store::reschedule(tx, payment);
    wake_later(tx);
}

// The rules of events.hpp.
void PaymentChanges::tell(sql::Transaction& tx, const Payment& payment, const Locked& locked)
    const {
    if (payment.state == PaymentState::paid) {
        book(tx, payment);
        const bool kept = !payment.refund_due;
        if (kept && !store::answer(tx, payment.app, payment.reference, "succeeded")) {
            throw sql::Error{"payments: reference " + payment.reference + " is answered already"};
        }
        const auto topic = kept ? kPaymentSucceeded : kPaymentRefundDue;
        outbox_.append(tx, topic, payment.reference, event_json(payment), events::Urgency::urgent);
        close_others(tx, payment, locked.attempts);
    } else if (is_final(payment.state) && locked.reference.given_up_at) {
        answer_closed(tx, payment.app, payment.reference);
    } else if (payment.state == PaymentState::closing) {
        wake_later(tx);
    }
}

// Whoever has paid must not be able to pay the other code, too.
void PaymentChanges::close_others(
    sql::Transaction& tx, const Payment& paid, const std::vector<Payment>& attempts
) const {
    const Time now = clock_.now();
    for (const Payment& other : attempts) {
        if (other.id == paid.id) continue;
        const auto decision = decide(other.state, PaymentFact::give_up, {});
        if (decision.state == other.state) continue;
        store::update(tx, changed(other, PaymentFact::give_up, decision, {}, now), other.state);
        wake_later(tx);
    }
}

void PaymentChanges::answer_closed(
    sql::Transaction& tx, const std::string& app, const std::string& reference
) const {
    const auto attempts = store::of_reference(tx, app, reference);
    if (std::ranges::any_of(attempts, is_open)) return;
    if (!store::answer(tx, app, reference, "closed")) return;
    PaymentEvent event;
    event.app = app;
    event.reference = reference;
    event.paid_at = clock_.now();
    outbox_.append(tx, kPaymentClosed, reference, event.to_json(), events::Urgency::urgent);
}

void PaymentChanges::give_up(
    sql::Transaction& tx, const std::string& app, const std::string& reference
) const {
    const Time now = clock_.now();
    const auto known = store::lock_reference(tx, app, reference, now);
    if (!known.answered.empty()) return;
    store::give_up(tx, app, reference, now);
    for (const Payment& payment : store::of_reference(tx, app, reference)) {
        if (is_open(payment)) apply(tx, payment.id, PaymentFact::give_up);
    }
    answer_closed(tx, app, reference);
}

Result<PaymentChanges::Opening> PaymentChanges::open(
    sql::Transaction& tx,
    const std::string& app,
    const PaymentOrder& order,
    const PaymentProvider& provider,
    std::optional<PaymentId> set_aside,
    bool keep_amount
) const {
    const Time now = clock_.now();
    const auto reference = store::lock_reference(tx, app, order.reference, now);
    if (reference.answered == "succeeded") return kAlreadyPaid;
    if (reference.given_up_at) return kPaymentTooLate;
    const auto attempts = store::of_reference(tx, app, order.reference);
    auto open = std::ranges::find_if(attempts, can_be_paid);
    if (open == attempts.end()) {
        const auto is_closing = [&](const Payment& payment) {
            return payment.state == PaymentState::closing && payment.id != set_aside;
        };
        open = std::ranges::find_if(attempts, is_closing);
    }
    if (open == attempts.end()) {
        if (attempts.size() >= kAttemptsMax) return kRateLimited;
        return insert(tx, app, order, provider);
    }
    if (keep_amount && open->amount != order.amount) return kAmountDiffers;
    const bool same = open->provider == provider.name() && open->amount == order.amount &&
                      open->merchant == provider.merchant() && open->seller == provider.seller();
    if (!same || open->state == PaymentState::closing || now >= open->expires_at) {
        const Payment closing = apply(tx, open->id, PaymentFact::give_up);
        return Opening{Opening::Todo::close, closing};
    }
    const bool can_be_shown = has_fresh_code(*open, now) || has_page(*open, now);
    if (open->state == PaymentState::pending && can_be_shown) {
        return Opening{Opening::Todo::show, *open};
    }
    if (open->expires_at - now < kShortestAttempt) return kPaymentTooLate;
    return Opening{Opening::Todo::create, *open};
}

Result<PaymentChanges::Opening> PaymentChanges::insert(
    sql::Transaction& tx,
    const std::string& app,
    const PaymentOrder& order,
    const PaymentProvider& provider
) const {
    const Time now = clock_.now();
    if (order.expires_at - now < kShortestAttempt) return kPaymentTooLate;
    Payment payment;
    payment.app = app;
    payment.reference = order.reference;
    payment.owner = order.owner;
    payment.provider = provider.name();
    payment.merchant = provider.merchant();
    payment.seller = provider.seller();
    payment.out_trade_no = random_.token(kTradeNumberLength);
    payment.amount = order.amount;
    payment.currency = kCurrency;
    payment.description = cut_utf8(order.description, kDescriptionBytesMax);
    payment.created_at = now;
    payment.expires_at = order.expires_at;
    payment.next_query_at = next_query(payment, now);
    const auto id = store::insert(tx, payment);
    if (!id) throw sql::Error{"payments: the attempt could not be stored"};
    payment.id = *id;
    return Opening{Opening::Todo::create, payment, true};
}

}  // namespace doorbuster::payments
