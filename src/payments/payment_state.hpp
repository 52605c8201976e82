#pragma once

#include <optional>
#include <string_view>

// What becomes of one payment attempt, as a pure function: no attempt changes its state by any
// other rule.
namespace doorbuster::payments {

enum class PaymentState {
    created,  // stored; the provider is not yet known to have it
    pending,  // may be paid at any moment
    closing,  // we want it closed, which is not yet confirmed
    closed,   // the provider confirmed, or it can no longer be paid
    failed,   // the provider refused for good to create it
    paid,     // proven by a verified answer
};

std::string_view to_string(PaymentState state);
std::optional<PaymentState> state_from(std::string_view word);

// Nothing more will come of it but, against all rules, a late payment.
constexpr bool is_final(PaymentState state) {
    return state == PaymentState::closed || state == PaymentState::failed ||
           state == PaymentState::paid;
}

enum class PaymentFact {
    code_received,       // create was answered with a code
    create_refused,      // create was refused for good, and no earlier call can have reached the
                         // provider
    create_unknown,      // a time-out, 5xx or unverifiable answer: it may have taken effect
    verified_success,    // notified or queried
    verified_not_paid,   // NOTPAY, PAYERROR
    verified_closed,     // CLOSED
    verified_refunded,   // queried: was paid, and some or all of it went back
    verified_not_exist,  // queried
    give_up,             // deadline passed, caller cancels, or another attempt is wanted
    close_accepted,      // the provider took our close
    close_refused_paid,  // the provider says that it is paid; the word of an error proves nothing
    mismatch,            // authentic, but amount, currency, merchant or seller are not this row's
};

struct PaymentContext {
    bool reference_paid = false;    // another attempt is the reference's kept success
    bool reference_closed = false;  // payment.closed was told: its goods are gone
    bool same_transaction = true;   // of a paid attempt: the fact names the transaction we know
    bool refund_known = false;      // of a paid attempt: some of its money was asked back by us
    // The deadline, or an accepted close, is more than the margin ago: what does not exist at the
    // provider now never will.
    bool past_margin = false;
};

enum class NextStep { none, create, query, close };

struct PaymentDecision {
    PaymentState state;
    NextStep next = NextStep::none;  // what the fact asks for; `none`: the usual schedule
    bool store_code = false;
    // Flags to raise; a decision never lowers one.
    bool late = false;
    bool duplicate = false;
    bool refund_due = false;
    bool suspect = false;
    bool alarm = false;  // a person must look

    friend bool operator==(const PaymentDecision&, const PaymentDecision&) = default;
};

PaymentDecision decide(PaymentState state, PaymentFact fact, const PaymentContext& context);

}  // namespace doorbuster::payments
