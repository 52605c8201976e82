#include "payments/payment_change.hpp"

#include <algorithm>

#include "core/utf8.hpp"
#include "payments/events.hpp"

namespace doorbuster::payments {
namespace {

bool is_verified(PaymentFact fact) {
    return fact == PaymentFact::verified_success || fact == PaymentFact::verified_not_paid ||
           fact == PaymentFact::verified_closed || fact == PaymentFact::verified_refunded ||
           fact == PaymentFact::verified_not_exist;
}

bool is_kept(const Payment& payment) {
    return payment.state == PaymentState::paid && !payment.duplicate;
}

void note_time(Payment& payment, PaymentState from, PaymentFact fact, Time now) {
    if (fact == PaymentFact::close_accepted && !payment.close_accepted_at) {
        payment.close_accepted_at = now;
    }
    if (payment.state == from) return;
    if (payment.state == PaymentState::closed || payment.state == PaymentState::failed) {
        payment.closed_at = now;
    }
}

}  // namespace

PaymentContext context_of(
    const Payment& payment,
    std::span<const Payment> attempts,
    const store::Reference& reference,
    const Evidence& evidence,
    Time now
) {
    const auto is_other_success = [&](const Payment& other) {
        return other.id != payment.id && is_kept(other);
    };
    PaymentContext context;
    context.reference_paid = std::ranges::any_of(attempts, is_other_success);
    context.reference_closed = reference.answered == "closed";
    context.same_transaction =
        !evidence.trade || evidence.trade->transaction_id == payment.transaction;
    context.refund_known = !payment.refund_reserved.is_zero();
    context.past_margin = is_past_margin(payment, now);
    return context;
}

Payment changed(
    const Payment& before,
    PaymentFact fact,
    const PaymentDecision& decision,
    const Evidence& evidence,
    Time now
) {
    Payment after = before;
    after.state = decision.state;
    after.late |= decision.late;
    after.duplicate |= decision.duplicate;
    after.suspect |= decision.suspect;
    after.refund_due |= decision.refund_due;
    // Whoever looks into a doubt must read what raised it, not what failed afterwards.
    const bool tells_more = decision.suspect || !before.suspect;
    if (tells_more && !evidence.failure.empty()) after.failure = cut_utf8(evidence.failure, 500);
    if (decision.store_code) {
        after.code_url = evidence.code_url;
        after.code_at = now;
    }
    if (after.state == PaymentState::paid && before.state != PaymentState::paid) {
        after.transaction = evidence.trade->transaction_id;
        after.paid_at = evidence.trade->paid_at.value_or(now);
        if (after.refund_due) after.give_back_at = after.duplicate ? now : now + kLateOfferFor;
    }
    note_time(after, before.state, fact, now);
    if (after.state != before.state) {
        after.query_count = 0;
    } else if (is_verified(fact) || fact == PaymentFact::create_unknown) {
        ++after.query_count;
    }
    after.next_query_at = next_query(after, now);
    return after;
}

std::string event_json(const Payment& payment) {
    PaymentEvent event;
    event.payment = payment.id.to_string();
    event.app = payment.app;
    event.reference = payment.reference;
    event.provider = payment.provider;
    event.amount = payment.amount;
    event.transaction = payment.transaction.value_or("");
    event.paid_at = payment.paid_at.value_or(Time{});
    event.late = payment.late;
    event.duplicate = payment.duplicate;
    return event.to_json();
}

}  // namespace doorbuster::payments
