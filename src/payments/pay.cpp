#include "payments/errors.hpp"
#include "payments/payment_service.hpp"

namespace doorbuster::payments {
namespace {

// Closing an older attempt and going on with a new one takes two rounds; the rest is for others who
// ask for the same reference at the same moment.
constexpr int kRoundsMax = 4;

bool is_open(const Payment& payment) {
    return payment.state == PaymentState::created || payment.state == PaymentState::pending;
}

}  // namespace

Task<Result<PaymentView>> PaymentService::pay(const PaymentOrder& order, const std::string& name) {
    PaymentProvider* const provider = provider_named(name);
    if (!provider) co_return Error{kUnknownProvider, "provider", "is not offered here"};
    if (order.amount.fen() <= 0) co_return kNothingToPay;
    const auto open = [&](sql::Transaction& tx) {
        return changes_.open(tx, app_, order, *provider);
    };
    using Todo = PaymentChanges::Opening::Todo;
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto opening = co_await database_.write(open);
        if (opening.has_error()) co_return opening.error();
        Payment payment = opening->payment;
        if (opening->todo == Todo::create) payment = co_await create(payment, opening->fresh);
        // No answer to a repeated call: it may be paid already, which is worth knowing now.
        const bool silent = opening->todo == Todo::create && !has_fresh_code(payment, clock_.now());
        if (silent && !opening->fresh && is_open(payment)) payment = co_await query(payment);
        const bool closing = payment.state == PaymentState::closing;
        if (closing) payment = co_await close_at_provider(payment);
        const PaymentView view = view_of(payment, clock_.now());
        if (payment.state == PaymentState::pending && !view.code_url.empty()) co_return view;
        if (payment.state == PaymentState::paid) co_return kAlreadyPaid;
        // Closed for good: the next round opens a new attempt. Anything else is for later.
        if (payment.state != PaymentState::closed || !closing) break;
    }
    co_return kProviderUnavailable;
}

}  // namespace doorbuster::payments
