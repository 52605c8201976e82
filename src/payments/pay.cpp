#include "payments/errors.hpp"
#include "payments/pay_page.hpp"
#include "payments/payment_service.hpp"

namespace doorbuster::payments {
namespace {

// Closing an older attempt and going on with a new one takes two rounds; the rest is for others who
// ask for the same reference at the same moment.
constexpr int kRoundsMax = 4;

bool is_open(const Payment& payment) {
    return payment.state == PaymentState::created || payment.state == PaymentState::pending;
}

bool can_be_shown(const Payment& payment, Time now) {
    return has_fresh_code(payment, now) || has_page(payment, now);
}

}  // namespace

void PaymentService::add_page(PaymentView& view, const Payment& payment) const {
    const PaymentProvider* const provider = provider_named(payment.provider);
    if (view.pay_page.empty() || !provider) return;
    const auto form = provider->pay_form(provider_order(payment), clock_.now());
    if (!form) return;
    view.redirect_url = form->address;
    view.form_html = form_html(*form);
}

Task<Result<PaymentView>> PaymentService::pay(const PaymentOrder& order, const std::string& name) {
    Task<Result<PaymentView>> paying = begin(app_, order, name, false);
    co_return co_await std::move(paying);
}

Task<Result<PaymentView>> PaymentService::begin(
    std::string app, const PaymentOrder& order, const std::string& name, bool keep_amount
) {
    PaymentProvider* const provider = provider_named(name);
    if (!provider) co_return Error{kUnknownProvider, "provider", "is not offered here"};
    if (order.amount.fen() <= 0) co_return kNothingToPay;
    // An attempt that is being closed, and that its provider does not know.
    std::optional<PaymentId> set_aside;
    const auto open = [&](sql::Transaction& tx) {
        return changes_.open(tx, app, order, *provider, set_aside, keep_amount);
    };
    using Todo = PaymentChanges::Opening::Todo;
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto opening = co_await database_.write(open);
        if (opening.has_error()) co_return opening.error();
        Payment payment = opening->payment;
        if (opening->todo == Todo::create) payment = co_await create(payment, opening->fresh);
        // No answer to a repeated call: it may be paid already, which is worth knowing now.
        const bool silent = opening->todo == Todo::create && !can_be_shown(payment, clock_.now());
        if (silent && !opening->fresh && is_open(payment)) {
            Asked asked = co_await query(payment);
            payment = std::move(asked.payment);
        }
        const bool closing = payment.state == PaymentState::closing;
        if (closing) {
            Asked asked = co_await close_at_provider(payment);
            payment = std::move(asked.payment);
            const bool unknown_there = asked.told == ProviderTrade::State::not_exist;
            if (payment.state == PaymentState::closing && unknown_there) {
                set_aside = payment.id;
                continue;
            }
        }
        PaymentView view = view_of(payment, clock_.now());
        add_page(view, payment);
        const bool can_be_paid = !view.code_url.empty() || !view.pay_page.empty();
        if (payment.state == PaymentState::pending && can_be_paid) co_return view;
        if (payment.state == PaymentState::paid) co_return kAlreadyPaid;
        // Closed for good: the next round opens a new attempt. Anything else is for later.
        if (payment.state != PaymentState::closed || !closing) break;
    }
    co_return kProviderUnavailable;
}

}  // namespace doorbuster::payments
