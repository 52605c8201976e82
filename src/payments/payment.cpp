#include "payments/payment.hpp"

#include <algorithm>
#include <array>

#include "payments/qr_svg.hpp"

namespace doorbuster::payments {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Milliseconds, 9> kAfterCode{
    seconds{5},
    seconds{15},
    seconds{30},
    minutes{1},
    minutes{2},
    minutes{3},
    minutes{5},
    minutes{10},
    minutes{30}};
constexpr std::array<Milliseconds, 8> kDistances{
    seconds{5},
    seconds{15},
    seconds{30},
    minutes{1},
    minutes{2},
    minutes{5},
    minutes{10},
    minutes{30}};
constexpr std::array<Milliseconds, 2> kAfterClosed{hours{1}, hours{24}};
// Longer than a call of create can take, so that its answer usually comes first.
constexpr Milliseconds kCreateMayTake = seconds{15};
constexpr Milliseconds kSilenceAfterClosed = minutes{10};

Milliseconds distance(std::int64_t count) {
    const auto last = static_cast<std::int64_t>(kDistances.size()) - 1;
    return kDistances[static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, last))];
}

// The deadline is always one of the moments to ask.
Time no_later_than_deadline(const Payment& payment, Time due, Time now) {
    return payment.expires_at > now ? std::min(due, payment.expires_at) : now;
}

Time next_while_pending(const Payment& payment, Time now) {
    const Time since = payment.code_at.value_or(payment.created_at);
    for (const Milliseconds after : kAfterCode) {
        if (since + after > now) return since + after;
    }
    return now + kAfterCode.back();
}

}  // namespace

bool has_fresh_code(const Payment& payment, Time now) {
    const bool has_code = payment.code_url && !payment.code_url->empty() && payment.code_at;
    return has_code && now < *payment.code_at + kCodeGoodFor;
}

bool has_page(const Payment& payment, Time now) {
    const bool in_page = payment.code_url && payment.code_url->empty();
    return in_page && payment.expires_at - now >= kShortestAttempt;
}

bool is_past_margin(const Payment& payment, Time now) {
    return now >= payment.expires_at + kMargin ||
           (payment.close_accepted_at && now >= *payment.close_accepted_at + kMargin);
}

std::optional<Time> next_query(const Payment& payment, Time now) {
    const auto count = static_cast<std::size_t>(payment.query_count);
    switch (payment.state) {
        case PaymentState::created: {
            const auto wait = std::max(kCreateMayTake, distance(payment.query_count));
            return no_later_than_deadline(payment, now + wait, now);
        }
        case PaymentState::pending:
            return no_later_than_deadline(payment, next_while_pending(payment, now), now);
        case PaymentState::closing:
            return count == 0 ? now : now + distance(payment.query_count - 1);
        case PaymentState::closed:
            if (count >= kAfterClosed.size()) return std::nullopt;
            return std::max(now, payment.closed_at.value_or(now) + kAfterClosed[count]);
        case PaymentState::failed:
        case PaymentState::paid:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Time> next_query_after_silence(const Payment& payment, Time now) {
    if (payment.state == PaymentState::closed) return now + kSilenceAfterClosed;
    return next_query(payment, now);
}

std::optional<PaymentFact> fact_of(const ProviderTrade& trade) {
    switch (trade.state) {
        case ProviderTrade::State::not_paid:
            return PaymentFact::verified_not_paid;
        case ProviderTrade::State::paid:
            return PaymentFact::verified_success;
        case ProviderTrade::State::closed:
            return PaymentFact::verified_closed;
        case ProviderTrade::State::refunded:
            return PaymentFact::verified_refunded;
        case ProviderTrade::State::not_exist:
            return PaymentFact::verified_not_exist;
        case ProviderTrade::State::unknown:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string_view mismatch_of(const Payment& payment, const ProviderTrade& trade) {
    using State = ProviderTrade::State;
    if (trade.state == State::not_exist || trade.state == State::unknown) return {};
    if (trade.out_trade_no != payment.out_trade_no) return "out_trade_no";
    if (trade.merchant != payment.merchant) return "merchant";
    if (trade.seller != payment.seller) return "seller";
    // Only an answer that speaks of money has the rest.
    if (trade.state != State::paid && trade.state != State::refunded) return {};
    if (trade.amount != payment.amount) return "amount";
    if (trade.currency != payment.currency) return "currency";
    if (trade.transaction_id.empty()) return "transaction";
    return {};
}

ProviderOrder provider_order(const Payment& payment) {
    return {payment.out_trade_no, payment.description, payment.amount, payment.expires_at};
}

PaymentView view_of(const Payment& payment, Time now) {
    PaymentView view;
    view.id = payment.id.to_string();
    view.reference = payment.reference;
    view.provider = payment.provider;
    view.status = to_string(payment.state);
    view.amount = payment.amount;
    const bool can_be_scanned = payment.state == PaymentState::pending &&
                                has_fresh_code(payment, now) && now < payment.expires_at;
    if (can_be_scanned) {
        view.code_url = *payment.code_url;
        view.qr_svg = qr_svg(view.code_url);
    }
    if (payment.state == PaymentState::pending && has_page(payment, now)) {
        view.pay_page = "/api/v1/payments/" + view.id + "/page";
    }
    view.paid_at = payment.paid_at;
    view.expires_at = payment.expires_at;
    view.late = payment.late;
    view.duplicate = payment.duplicate;
    view.refund_due = payment.refund_due;
    return view;
}

}  // namespace doorbuster::payments
